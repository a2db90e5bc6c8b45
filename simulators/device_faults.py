"""How often the devices of a station fail, and what a failing cuff or meter leaves to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from contract.screening import GlucoseLimit
from simulators.population import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFaults:
    """The rates of faults; all are assumptions, no published figures.

    Only the first four change what a station tells. The others happen to devices and connections,
    and a station copes with them: it drops a reading sent twice, converts kilopascals and dates
    sessions by its own clock.
    """

    cuff_error: float = 0.03
    """Share of attempts that end without a reading."""
    movement: float = 0.04
    """Share of readings that the cuff marks as disturbed, so that the station refuses them."""
    meter_low: float = 0.0002
    """Share of glucose tests that say LO whatever the value."""
    meter_high: float = 0.0001
    """Share of glucose tests that say HI whatever the value."""
    duplicate: float = 0.005
    """Share of readings that a cuff sends twice."""
    clock_skew_sd_seconds: float = 20.0
    """Spread of the devices' clocks around the true time."""
    wrong_clock: float = 0.01
    """Share of devices that are eight hours off, or in the year 2000."""
    kilopascal: float = 0.002
    """Share of cuffs set to kilopascals."""
    offline: float = 0.015
    """Share of hours that a station spends without a connection."""
    offline_hours: tuple[float, float] = (2.0, 30.0)
    """How long it then stays without one, from and to."""


USUAL_FAULTS = DeviceFaults()
"""What devices in the field do."""

NO_FAULTS = DeviceFaults(
    cuff_error=0.0, movement=0.0, meter_low=0.0, meter_high=0.0, duplicate=0.0,
    clock_skew_sd_seconds=0.0, wrong_clock=0.0, kilopascal=0.0, offline=0.0,
)  # fmt: skip
"""Devices that never fail."""


def surviving(
    rng: Random, readings: Sequence[Reading], faults: DeviceFaults = USUAL_FAULTS
) -> tuple[Reading, ...]:
    """The readings that reach the station: none if the cuff failed each time.

    Nobody tries again because of a failure. A second reading is still a second one if the first
    has failed.
    """
    good = (1 - faults.cuff_error) * (1 - faults.movement)
    return tuple([reading for reading in readings if rng.random() < good])


def limit_by_fault(rng: Random, faults: DeviceFaults = USUAL_FAULTS) -> GlucoseLimit | None:
    """LO or HI from a meter that fails at this test, or None."""
    chance = rng.random()
    if chance < faults.meter_low:
        return GlucoseLimit.LO
    return GlucoseLimit.HI if chance >= 1 - faults.meter_high else None
