"""The people who measure at a station every week, and how much more often those with high pressure.

About a third of all blood-pressure sessions are theirs. Each keeps to one station, where the panel
of regulars follows from the seed: a person, an hour of the day, and how often a week. Which days
they come is drawn day by day, so that no day depends on another one.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from contract.screening import HYPERTENSIVE
from simulators.city import CityStation
from simulators.population import PERSON_TYPES, Person, draw_person_of, seeded
from simulators.rhythms import Slot, rhythm_of

REGULAR_SHARE = 0.35
"""Share of blood-pressure sessions of people who measure at least weekly: an assumption."""

HIGH_FACTOR = 1.8
"""How many times as often people measure whose usual pressure is high: an assumption."""

WEEKLY = 1.2
"""How often a week a regular without high pressure measures: an assumption."""

TRULY_HIGH: Mapping[str, float] = MappingProxyType(
    {
        "delivery_rider": 0.099,
        "courier": 0.117,
        "sanitation": 0.242,
        "other_outdoor": 0.201,
        "resident_public": 0.341,
    }
)
"""Share of the visitors of each type whose usual pressure is 140/90 mmHg or more: computed from
the coefficients of `simulators.population`, not published."""

_CACHED_PANELS = 32_768  # a city of 20,000 stations


class Regular(NamedTuple):
    """A person who comes to a station again and again, in `slot`, `weekly` times a week."""

    person: Person
    weekly: float
    slot: Slot


class Uptake(NamedTuple):
    """The chances that a visit holds a session, for visitors who are no regulars.

    `considered` is that of a person with high pressure, and `others` that of anybody else once
    considered. `visits` is the part of the station's visits that regulars leave to them.
    """

    visits: float
    considered: float
    others: float


def is_high(person: Person) -> bool:
    """Whether a person's usual pressure is 140/90 mmHg or more."""
    return person.category in HYPERTENSIVE


@lru_cache(_CACHED_PANELS)
def panel(seed: int, station: CityStation) -> tuple[Regular, ...]:
    """The regulars of a station, always the same for a seed; on average they make their share."""
    rhythm = rhythm_of(station)
    if not rhythm.slots:
        return ()
    rng = seeded(seed, station.id, "regulars")
    weekly_sessions = station.mean_visits * station.uptake * sum(station.weekdays)
    expected = REGULAR_SHARE * weekly_sessions / (WEEKLY * _mean_factor(station))
    count = math.floor(expected + rng.random())
    return tuple(_regular(rng, slot) for slot in rhythm.draw(rng, count))


def comes_today(
    rng: Random, regular: Regular, station: CityStation, weekday: int, demand: float
) -> bool:
    """Whether a regular comes on a weekday, counted from Monday."""
    week = sum(station.weekdays)
    return rng.random() * week < regular.weekly * station.weekdays[weekday] * demand


@lru_cache(_CACHED_PANELS)
def uptake(station: CityStation) -> Uptake:
    """How the visitors of a station who are no regulars measure themselves."""
    left = 1 - REGULAR_SHARE * station.uptake
    mean = station.uptake * (1 - REGULAR_SHARE) / left
    return Uptake(left, mean * HIGH_FACTOR / _mean_factor(station), 1 / HIGH_FACTOR)


def _mean_factor(station: CityStation) -> float:
    """How much more often a station's visitors measure than if none had high pressure."""
    high = sum(
        share * TRULY_HIGH[kind.code]
        for kind, share in zip(PERSON_TYPES, rhythm_of(station).shares, strict=True)
    )
    return 1 + (HIGH_FACTOR - 1) * high


def _regular(rng: Random, slot: Slot) -> Regular:
    person = draw_person_of(rng, slot.kind)
    return Regular(person, WEEKLY * HIGH_FACTOR if is_high(person) else WEEKLY, slot)
