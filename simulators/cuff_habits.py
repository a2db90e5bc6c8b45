"""How a virtual cuff behaves: what it keeps, sends, claims and gets wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from edge_agent.devices import date_time
from edge_agent.devices.blood_pressure import BloodPressureReading, Layout, encode
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.device_clock import ClockHabits, DeviceClock

FAILED: Final = b"\x04" + b"\xff\x07" * 4
"""The result of a measurement that failed: three pressures and a pulse, none of them a number."""


class Pushes(Enum):
    """What a cuff sends to a central that subscribes."""

    UNSENT = auto()
    """Each result until it has been confirmed, and never again."""
    NEWEST = auto()
    """The newest result, at every connection again."""
    EVERYTHING = auto()
    """Its whole memory, the oldest first, at every connection again."""


class MeanPressure(Enum):
    """What a cuff puts in the place of the mean arterial pressure."""

    MEASURED = auto()
    ZERO = auto()
    ABSENT = auto()


@dataclass(frozen=True, slots=True)
class Habits:
    """How a cuff behaves, in seconds; the defaults are those of a common retail model."""

    window_seconds: float = 30.0
    """How long it advertises after a measurement."""
    pause_seconds: float = 1.0
    """How long it stays connected after its last result."""
    patience_seconds: float = 30.0
    """How long it stays connected to a central that does not want its results."""
    advertising_interval_seconds: float = 0.25
    bonding: Bonding | Passkey = Bonding.JUST_WORKS
    encrypted: bool = False
    """Whether it gives its results, and its clock, only over a bonded link."""
    pushes: Pushes = Pushes.UNSENT
    memory_size: int = 60
    layout: Layout = Layout.STANDARD
    kilopascal: bool = False
    mean_pressure: MeanPressure = MeanPressure.MEASURED
    user_slot: int | None = None
    """What it adds to a reading that names no user."""
    shows_inflation: bool = False
    """Whether it can notify the pressure in the cuff while it measures."""
    clock: ClockHabits | None = None
    """Without a clock it adds no time to its readings."""
    drops_after: int | None = None
    """Goes out of range, once, after so many confirmed results in one link."""
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    """What it advertises, by company identifier."""


TYPICAL_HABITS: Final = Habits()


def frame_of(reading: BloodPressureReading, habits: Habits, clock: DeviceClock | None) -> bytes:
    """What a cuff with these habits sends for `reading`."""
    if habits.mean_pressure is MeanPressure.ZERO:
        reading = replace(reading, mean_arterial_mmhg=0)
    elif habits.mean_pressure is MeanPressure.ABSENT:
        reading = replace(reading, mean_arterial_mmhg=None)
    if reading.user_slot is None:
        reading = replace(reading, user_slot=habits.user_slot)
    if reading.device_time is None and clock is not None:
        reading = replace(reading, device_time=date_time.wall_clock(clock.time()))
    return encode(reading, kilopascal=habits.kilopascal, layout=habits.layout)
