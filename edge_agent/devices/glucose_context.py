"""Glucose Measurement Context 0x2A34 of the Glucose Service 0x1808: decode and encode.

Layout (GATT Specification Supplement): flags, sequence number, extended flags (although their
flag is the last one), then what the other flags promise, in the order of their bits.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag, auto

from edge_agent.devices.fields import Fields, Named, named
from edge_agent.devices.ieee11073 import SpecialValue, encode_sfloat, number

CONTEXT_UUID = "00002a34-0000-1000-8000-00805f9b34fb"

_OVERRUN = 0xFFFF


class _Flag(IntFlag):
    CARBOHYDRATE = 0x01
    MEAL = 0x02
    TESTER_AND_HEALTH = 0x04
    EXERCISE = 0x08
    MEDICATION = 0x10
    MEDICATION_IN_LITRES = 0x20
    HBA1C = 0x40
    EXTENDED = 0x80


class Carbohydrate(IntEnum):
    """The meal or drink that the person noted."""

    BREAKFAST = 1
    LUNCH = 2
    DINNER = 3
    SNACK = 4
    DRINK = 5
    SUPPER = 6
    BRUNCH = 7


class MealMarker(IntEnum):
    """When the test was made, as the person marked it on the meter."""

    BEFORE_MEAL = 1
    AFTER_MEAL = 2
    FASTING = 3
    CASUAL = 4
    BEDTIME = 5
    KETONE = 6
    """Not of the standard: meters by i-SENS mark with it that the record is no glucose at all
    (reported in NightscoutFoundation/xDrip and tidepool-org/ble-glucose)."""


class Tester(IntEnum):
    """Who made the test."""

    SELF = 1
    PROFESSIONAL = 2
    LABORATORY = 3
    NOT_AVAILABLE = 15


class Health(IntEnum):
    """How the person felt."""

    MINOR_ISSUES = 1
    MAJOR_ISSUES = 2
    DURING_MENSES = 3
    UNDER_STRESS = 4
    NO_ISSUES = 5
    NOT_AVAILABLE = 15


class Medication(IntEnum):
    """The kind of insulin."""

    RAPID_ACTING = 1
    SHORT_ACTING = 2
    INTERMEDIATE_ACTING = 3
    LONG_ACTING = 4
    PRE_MIXED = 5


class MedicationUnit(Enum):
    """The unit that the flags claim for the amount of medication."""

    KILOGRAM = auto()
    LITRE = auto()


@dataclass(frozen=True, slots=True)
class GlucoseContext:
    """What a meter knows about the circumstances of one record: personal.

    `sequence` is that of the record. The two amounts are as sent: the standard's own texts
    disagree by a factor of 1000 or more about their units. An exercise too long to count in
    seconds has a duration of None beside its intensity.
    """

    sequence: int
    extended_flags: int | None = None
    carbohydrate: Carbohydrate | int | None = None
    carbohydrate_amount: float | None = None
    meal: MealMarker | int | None = None
    tester: Tester | int | None = None
    health: Health | int | None = None
    exercise_duration_s: int | None = None
    exercise_intensity_percent: int | None = None
    medication: Medication | int | None = None
    medication_amount: float | None = None
    medication_unit: MedicationUnit | None = None
    hba1c_percent: float | None = None


def decode_context(frame: bytes) -> GlucoseContext:
    """The context in one notification; raises DecodeError (TRUNCATED) if a field is cut off."""
    fields = Fields(frame)
    flags = _Flag(fields.byte())
    sequence = fields.word()
    extended = fields.byte() if _Flag.EXTENDED in flags else None
    food, food_amount = _dose(fields, Carbohydrate, sent=_Flag.CARBOHYDRATE in flags)
    meal = named(MealMarker, fields.byte()) if _Flag.MEAL in flags else None
    people = fields.byte() if _Flag.TESTER_AND_HEALTH in flags else None
    seconds, percent = _exercise(fields) if _Flag.EXERCISE in flags else (None, None)
    drug, drug_amount = _dose(fields, Medication, sent=_Flag.MEDICATION in flags)
    return GlucoseContext(
        sequence,
        extended_flags=extended,
        carbohydrate=food,
        carbohydrate_amount=food_amount,
        meal=meal,
        tester=None if people is None else named(Tester, people & 0x0F),
        health=None if people is None else named(Health, people >> 4),
        exercise_duration_s=seconds,
        exercise_intensity_percent=percent,
        medication=drug,
        medication_amount=drug_amount,
        medication_unit=_medication_unit(flags),
        hba1c_percent=number(fields.sfloat()) if _Flag.HBA1C in flags else None,
    )


def encode_context(context: GlucoseContext) -> bytes:
    """The notification for `context`; half of a pair that is None becomes "unknown"."""
    flags = _Flag(0)
    body = context.sequence.to_bytes(2, "little")
    for flag, field in _sent(context).items():
        if field is not None:
            flags |= flag
            body += field
    if context.medication_unit is MedicationUnit.LITRE:
        flags |= _Flag.MEDICATION_IN_LITRES
    return bytes((flags,)) + body


def _sent(context: GlucoseContext) -> dict[_Flag, bytes | None]:
    """Every optional field in the order in which it is sent, None if the context has none."""
    byte, hba1c = context.extended_flags, context.hba1c_percent
    return {
        _Flag.EXTENDED: None if byte is None else bytes((byte,)),
        _Flag.CARBOHYDRATE: _dose_bytes(context.carbohydrate, context.carbohydrate_amount),
        _Flag.MEAL: None if context.meal is None else bytes((context.meal,)),
        _Flag.TESTER_AND_HEALTH: _people_byte(context.tester, context.health),
        _Flag.EXERCISE: _exercise_bytes(
            context.exercise_duration_s, context.exercise_intensity_percent
        ),
        _Flag.MEDICATION: _dose_bytes(context.medication, context.medication_amount),
        _Flag.HBA1C: None if hba1c is None else encode_sfloat(hba1c).to_bytes(2, "little"),
    }


def _medication_unit(flags: _Flag) -> MedicationUnit | None:
    if _Flag.MEDICATION not in flags:
        return None
    in_litres = _Flag.MEDICATION_IN_LITRES in flags
    return MedicationUnit.LITRE if in_litres else MedicationUnit.KILOGRAM


def _dose(
    fields: Fields, names: type[Named], *, sent: bool
) -> tuple[Named | int | None, float | None]:
    return (named(names, fields.byte()), number(fields.sfloat())) if sent else (None, None)


def _dose_bytes(kind: int | None, amount: float | None) -> bytes | None:
    if kind is None and amount is None:
        return None
    word = encode_sfloat(SpecialValue.NAN if amount is None else amount)
    return bytes((kind or 0,)) + word.to_bytes(2, "little")


def _people_byte(tester: int | None, health: int | None) -> bytes | None:
    if tester is None and health is None:
        return None
    low = Tester.NOT_AVAILABLE if tester is None else tester
    high = Health.NOT_AVAILABLE if health is None else health
    return bytes((low | high << 4,))


def _exercise(fields: Fields) -> tuple[int | None, int]:
    seconds = fields.word()
    return None if seconds == _OVERRUN else seconds, fields.byte()


def _exercise_bytes(seconds: int | None, percent: int | None) -> bytes | None:
    if seconds is None and percent is None:
        return None
    duration = _OVERRUN if seconds is None else seconds
    return duration.to_bytes(2, "little") + bytes((percent or 0,))
