"""The Glucose Service 0x1808: measurement, context and feature; both ways.

Layout of 0x2A18 (GATT Specification Supplement): flags, sequence number, base time, then what
the flags promise: time offset, concentration with sample type and location, sensor status.
A promised field that is not there rejects the frame; trailing bytes and reserved bits do not.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag, auto

from contract.quantities import MG_DL_PER_MMOL_L
from contract.screening import GlucoseLimit
from edge_agent.devices import date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.fields import Fields, named
from edge_agent.devices.glucose_context import CONTEXT_UUID as CONTEXT_UUID
from edge_agent.devices.glucose_context import GlucoseContext as GlucoseContext
from edge_agent.devices.glucose_context import decode_context as decode_context
from edge_agent.devices.glucose_context import encode_context as encode_context
from edge_agent.devices.ieee11073 import SpecialValue, encode_sfloat, number

SERVICE_UUID = "00001808-0000-1000-8000-00805f9b34fb"
MEASUREMENT_UUID = "00002a18-0000-1000-8000-00805f9b34fb"
FEATURE_UUID = "00002a51-0000-1000-8000-00805f9b34fb"

# Overrun and underrun, by a note in the Bluetooth SIG's older XML.
_NO_OFFSET = (0x7FFF, -0x8000)


class _Flag(IntFlag):
    TIME_OFFSET = 0x01
    CONCENTRATION = 0x02
    MOL_PER_LITRE = 0x04
    STATUS = 0x08
    CONTEXT_FOLLOWS = 0x10


class Unit(Enum):
    """The two units in which a concentration travels."""

    KILOGRAM_PER_LITRE = auto()
    MOL_PER_LITRE = auto()


# How many of each unit are one mmol/L.
_PER_MMOL_L = {
    Unit.KILOGRAM_PER_LITRE: Decimal(str(MG_DL_PER_MMOL_L)) / 100_000,
    Unit.MOL_PER_LITRE: Decimal(1) / 1000,
}


class SampleType(IntEnum):
    """What was measured."""

    CAPILLARY_WHOLE_BLOOD = 1
    CAPILLARY_PLASMA = 2
    VENOUS_WHOLE_BLOOD = 3
    VENOUS_PLASMA = 4
    ARTERIAL_WHOLE_BLOOD = 5
    ARTERIAL_PLASMA = 6
    UNDETERMINED_WHOLE_BLOOD = 7
    UNDETERMINED_PLASMA = 8
    INTERSTITIAL_FLUID = 9
    CONTROL_SOLUTION = 10


class SampleLocation(IntEnum):
    """Where the sample was taken."""

    FINGER = 1
    ALTERNATE_SITE = 2
    EARLOBE = 3
    CONTROL_SOLUTION = 4
    NOT_AVAILABLE = 15


class SensorStatus(IntFlag):
    """The sensor status annunciation."""

    BATTERY_LOW = 0x0001
    SENSOR_MALFUNCTION = 0x0002
    SAMPLE_TOO_SMALL = 0x0004
    STRIP_INSERTED_WRONGLY = 0x0008
    WRONG_STRIP_TYPE = 0x0010
    RESULT_TOO_HIGH = 0x0020
    RESULT_TOO_LOW = 0x0040
    SENSOR_TOO_HOT = 0x0080
    SENSOR_TOO_COLD = 0x0100
    STRIP_PULLED = 0x0200
    GENERAL_FAULT = 0x0400
    TIME_FAULT = 0x0800


class Feature(IntFlag):
    """What a meter can detect, as read from 0x2A51; its bits are not those of the status."""

    BATTERY_LOW = 0x0001
    SENSOR_MALFUNCTION = 0x0002
    SAMPLE_SIZE = 0x0004
    STRIP_INSERTION = 0x0008
    STRIP_TYPE = 0x0010
    RESULT_HIGH_OR_LOW = 0x0020
    TEMPERATURE_HIGH_OR_LOW = 0x0040
    STRIP_PULLED = 0x0080
    GENERAL_FAULT = 0x0100
    TIME_FAULT = 0x0200
    MULTIPLE_BONDS = 0x0400


@dataclass(frozen=True, slots=True)
class GlucoseReading:
    """One record of a meter: personal, and never to leave the station.

    The concentration is in mmol/L whatever the meter sent, and is not rounded. With a
    `range_flag` the meter could not measure: a number beside it is a bound, not a result.
    `base_time` plus `time_offset_minutes` is what the meter's own clock showed.
    """

    sequence: int
    base_time: DeviceTime
    time_offset_minutes: int | None = None
    glucose_mmol_l: float | None = None
    range_flag: GlucoseLimit | None = None
    sample_type: SampleType | int | None = None
    sample_location: SampleLocation | int | None = None
    status: SensorStatus | None = None
    context_follows: bool = False


_LIMIT_OF_SPECIAL = {
    SpecialValue.POSITIVE_INFINITY: GlucoseLimit.HI,
    SpecialValue.NEGATIVE_INFINITY: GlucoseLimit.LO,
}
_SPECIAL_OF_LIMIT = {limit: special for special, limit in _LIMIT_OF_SPECIAL.items()}
_OUT_OF_REACH = SensorStatus.RESULT_TOO_HIGH | SensorStatus.RESULT_TOO_LOW
# Both bits at once say nothing.
_LIMIT_OF_STATUS = {
    SensorStatus.RESULT_TOO_HIGH: GlucoseLimit.HI,
    SensorStatus.RESULT_TOO_LOW: GlucoseLimit.LO,
}


def decode_measurement(frame: bytes) -> GlucoseReading:
    """The record in one notification; raises DecodeError (TRUNCATED) if a field is cut off."""
    fields = Fields(frame)
    flags = _Flag(fields.byte())
    sequence = fields.word()
    base_time = date_time.decode(fields.take(date_time.SIZE))
    offset = fields.signed_word() if _Flag.TIME_OFFSET in flags else None
    unit = Unit.MOL_PER_LITRE if _Flag.MOL_PER_LITRE in flags else Unit.KILOGRAM_PER_LITRE
    concentration = fields.sfloat() if _Flag.CONCENTRATION in flags else None
    sample = fields.byte() if _Flag.CONCENTRATION in flags else None
    status = SensorStatus(fields.word()) if _Flag.STATUS in flags else None
    return GlucoseReading(
        sequence,
        base_time,
        time_offset_minutes=None if offset in _NO_OFFSET else offset,
        glucose_mmol_l=None if concentration is None else _mmol_l(concentration, unit),
        range_flag=_range_flag(concentration, status),
        sample_type=None if sample is None else named(SampleType, sample & 0x0F),
        sample_location=None if sample is None else named(SampleLocation, sample >> 4),
        status=status,
        context_follows=_Flag.CONTEXT_FOLLOWS in flags,
    )


def encode_measurement(reading: GlucoseReading, *, unit: Unit = Unit.MOL_PER_LITRE) -> bytes:
    """The notification for `reading`, its concentration rounded to what an SFLOAT can hold.

    A range flag without a number becomes an infinity, a sample without a concentration NaN,
    and an unknown type or location of the sample 0.
    """
    has_sample = _has_sample(reading)
    present = {
        _Flag.TIME_OFFSET: reading.time_offset_minutes is not None,
        _Flag.CONCENTRATION: has_sample,
        _Flag.MOL_PER_LITRE: unit is Unit.MOL_PER_LITRE,
        _Flag.STATUS: reading.status is not None,
        _Flag.CONTEXT_FOLLOWS: reading.context_follows,
    }
    frame = bytes((sum(flag for flag, there in present.items() if there),))
    frame += reading.sequence.to_bytes(2, "little") + date_time.encode(reading.base_time)
    if reading.time_offset_minutes is not None:
        frame += reading.time_offset_minutes.to_bytes(2, "little", signed=True)
    if has_sample:
        frame += _concentration_word(reading, unit).to_bytes(2, "little")
        frame += bytes(((reading.sample_location or 0) << 4 | (reading.sample_type or 0),))
    if reading.status is not None:
        frame += reading.status.to_bytes(2, "little")
    return frame


def decode_feature(value: bytes) -> Feature:
    """What 0x2A51 says that the meter can do; raises DecodeError (TRUNCATED) if it is cut off."""
    return Feature(Fields(value).word())


def encode_feature(feature: Feature) -> bytes:
    """The value of 0x2A51 for `feature`."""
    return feature.to_bytes(2, "little")


def _mmol_l(concentration: float | SpecialValue, unit: Unit) -> float | None:
    # In decimals: 0.00695 mol/L is 6.95 mmol/L, which a guideline rounds up to 7.0; the binary
    # product is a little less.
    value = number(concentration)
    return None if value is None else float(Decimal(repr(value)) / _PER_MMOL_L[unit])


def _has_sample(reading: GlucoseReading) -> bool:
    """Whether a concentration, with its sample, must be sent: the status may say it all."""
    sample = (reading.glucose_mmol_l, reading.sample_type, reading.sample_location)
    limit_in_status = _range_flag(None, reading.status)
    return any(part is not None for part in sample) or reading.range_flag is not limit_in_status


def _concentration_word(reading: GlucoseReading, unit: Unit) -> int:
    if reading.glucose_mmol_l is not None:
        return encode_sfloat(float(Decimal(repr(reading.glucose_mmol_l)) * _PER_MMOL_L[unit]))
    if reading.range_flag is not None:
        return encode_sfloat(_SPECIAL_OF_LIMIT[reading.range_flag])
    return encode_sfloat(SpecialValue.NAN)


def _range_flag(
    concentration: float | SpecialValue | None, status: SensorStatus | None
) -> GlucoseLimit | None:
    if isinstance(concentration, SpecialValue) and concentration in _LIMIT_OF_SPECIAL:
        return _LIMIT_OF_SPECIAL[concentration]
    return None if status is None else _LIMIT_OF_STATUS.get(status & _OUT_OF_REACH)
