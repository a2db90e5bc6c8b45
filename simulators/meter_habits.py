"""How a virtual glucose meter behaves, and what its strips can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from contract.quantities import MG_DL_PER_MMOL_L
from contract.screening import GlucoseLimit
from edge_agent.devices.glucose import SampleLocation, SampleType, SensorStatus, Unit
from edge_agent.devices.glucose_context import Carbohydrate, MealMarker
from edge_agent.devices.racp import Operator
from edge_agent.devices.sequence_numbers import Order
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.device_clock import RIGHT, ClockHabits


@dataclass(frozen=True, slots=True, kw_only=True)
class StripResult:
    """What a strip said; the meter adds the number and the time."""

    glucose_mmol_l: float | None = None
    range_flag: GlucoseLimit | None = None
    sample_type: SampleType | None = SampleType.CAPILLARY_WHOLE_BLOOD
    sample_location: SampleLocation | None = SampleLocation.FINGER
    status: SensorStatus | None = None
    meal: MealMarker | None = None
    carbohydrate: Carbohydrate | None = None


TOO_LOW: Final = StripResult(range_flag=GlucoseLimit.LO)
TOO_HIGH: Final = StripResult(range_flag=GlucoseLimit.HI)
NO_RESULT: Final = StripResult(
    sample_type=None, sample_location=None, status=SensorStatus.SAMPLE_TOO_SMALL
)
"""A strip that got too little blood: a record without a value."""


def control_solution(glucose_mmol_l: float) -> StripResult:
    """A check of the meter with its control solution."""
    return StripResult(
        glucose_mmol_l=glucose_mmol_l,
        sample_type=SampleType.CONTROL_SOLUTION,
        sample_location=SampleLocation.CONTROL_SOLUTION,
    )


def ketone(mmol_l: float) -> StripResult:
    """A ketone strip, which travels as ten times as many mg/dL of glucose and with "meal 6"."""
    return StripResult(glucose_mmol_l=mmol_l * 10 / MG_DL_PER_MMOL_L, meal=MealMarker.KETONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterHabits:
    """How a meter behaves, in seconds; the defaults are those of a faultless one."""

    window_seconds: float = 60.0
    """How long it advertises after a test, or after its button was pressed."""
    idle_seconds: float = 30.0
    """How long it stays connected to a central that asks for nothing."""
    advertising_interval_seconds: float = 0.25
    record_seconds: float = 0.02
    """From one record of a transfer to the next."""
    bonding: Bonding | Passkey = Bonding.JUST_WORKS
    encrypted: bool = False
    """Whether it gives its records, and its clock, only over a bonded link."""
    unit: Unit = Unit.KILOGRAM_PER_LITRE
    context: bool = True
    """Whether it can tell of meals and the like."""
    order: Order = Order.ASCENDING
    first_sequence: int = 1
    """The number of its first record, also after a reset."""
    memory_size: int = 500
    time_offset_minutes: int | None = None
    """What it keeps apart from the base time; with None the base time is what its clock shows."""
    clock: ClockHabits = RIGHT
    pushes_newest: bool = False
    """Whether it sends its newest record, unasked, to a central that subscribes."""
    fillers: bool = False
    """Whether each record is followed by one that holds 0xFFFF, which reads as -0.1."""
    unsupported_operators: frozenset[Operator] = frozenset()
    can_abort: bool = True
    busy_for: int = 0
    """How many requests it turns away, at first, because it is busy."""
    gives_up_after: int | None = None
    """Ends a transfer, once, after so many records."""
    drops_after: int | None = None
    """Goes out of range, once, after so many records of a transfer."""
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    """What it advertises, by company identifier."""


FAULTLESS: Final = MeterHabits()
