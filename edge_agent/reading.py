"""A new reading of a visit, decoded and found plausible or not, but not yet dated. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contract.screening import GlucoseLimit, Meal
from edge_agent.dating import Arrival
from edge_agent.plausibility import Pressures


class Glucose(NamedTuple):
    """The value of a plausible glucose record: unrounded mmol/L or the meter's LO or HI."""

    mmol_l: float | GlucoseLimit
    meal: Meal


Value = Pressures | Glucose


@dataclass(frozen=True, slots=True)
class Reading:
    """What a device told for the first time; `value` is None if no person can have given it.

    Such a reading counts for nothing but the order and the clock of the visit.
    """

    number: int
    arrival: Arrival
    value: Value | None


@dataclass(frozen=True, slots=True)
class DatedReading:
    """A plausible reading of which the local day is certain; see `edge_agent.dating`."""

    moment: datetime
    present: bool
    value: Value
