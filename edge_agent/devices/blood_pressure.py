"""The Blood Pressure Service 0x1810: measurement, intermediate cuff pressure, feature; both ways.

Layout of 0x2A35 and 0x2A36 (GATT Specification Supplement): flags, then systolic, diastolic and
mean arterial pressure as SFLOAT, then whatever the flags promise: Date Time, pulse, user id,
measurement status. A promised field that is not there rejects the frame; reserved bits and
trailing bytes are accepted, because real cuffs send both.
"""

from dataclasses import dataclass
from enum import Enum, IntFlag, auto

from contract.quantities import MMHG_PER_KPA
from edge_agent.devices import date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.fields import ByteOrder, Fields
from edge_agent.devices.ieee11073 import SpecialValue, encode_sfloat, number

SERVICE_UUID = "00001810-0000-1000-8000-00805f9b34fb"
MEASUREMENT_UUID = "00002a35-0000-1000-8000-00805f9b34fb"
INTERMEDIATE_UUID = "00002a36-0000-1000-8000-00805f9b34fb"
FEATURE_UUID = "00002a49-0000-1000-8000-00805f9b34fb"

UNKNOWN_USER = 0xFF


class Layout(Enum):
    """How a family of cuffs lays out its frames."""

    STANDARD = auto()
    BEURER_BM85 = auto()
    """The user id is always there although its flag is clear, pulse and status have the high
    byte first, and the mean pressure is always 0, which means absent (captured frames in
    derdilla/blood-pressure-monitor-fl, pull requests 735 and 737)."""


class _Flag(IntFlag):
    KILOPASCAL = 0x01
    TIME = 0x02
    PULSE = 0x04
    USER = 0x08
    STATUS = 0x10
    BEURER = 0x40


class Status(IntFlag):
    """Measurement status bits; bits 3 and 4 are one two-bit number, the pulse range."""

    BODY_MOVED = 0x01
    CUFF_LOOSE = 0x02
    IRREGULAR_PULSE = 0x04
    PULSE_TOO_HIGH = 0x08
    PULSE_TOO_LOW = 0x10
    WRONG_POSITION = 0x20


class Feature(IntFlag):
    """What a cuff can do, as read from 0x2A49."""

    BODY_MOVEMENT = 0x01
    CUFF_FIT = 0x02
    IRREGULAR_PULSE = 0x04
    PULSE_RANGE = 0x08
    POSITION = 0x10
    MULTIPLE_BONDS = 0x20
    END_TO_END_CRC = 0x40
    USER_DATA = 0x80
    USER_FACING_TIME = 0x100


_DETECTED_BY = {
    Feature.BODY_MOVEMENT: Status.BODY_MOVED,
    Feature.CUFF_FIT: Status.CUFF_LOOSE,
    Feature.IRREGULAR_PULSE: Status.IRREGULAR_PULSE,
    Feature.PULSE_RANGE: Status.PULSE_TOO_HIGH | Status.PULSE_TOO_LOW,
    Feature.POSITION: Status.WRONG_POSITION,
}


@dataclass(frozen=True, slots=True)
class BloodPressureReading:
    """What a cuff said about one person: personal, and never to leave the station.

    Pressures are in mmHg whatever the cuff sent. A value that the cuff left out or marked as
    special (failed, out of range) is None.
    """

    systolic_mmhg: float | None
    diastolic_mmhg: float | None
    mean_arterial_mmhg: float | None = None
    pulse_bpm: float | None = None
    device_time: DeviceTime | None = None
    user_slot: int | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class CuffPressure:
    """The pressure in a cuff that is just being inflated: a sign of life, never a result."""

    mmhg: float | None


def decode(frame: bytes, *, layout: Layout = Layout.STANDARD) -> BloodPressureReading:
    """The reading in one indication; raises DecodeError (TRUNCATED) if a field is cut off."""
    fields = Fields(frame)
    flags = _Flag(fields.byte())
    kilopascal = _Flag.KILOPASCAL in flags
    quirk = layout is Layout.BEURER_BM85
    order = _byte_order(layout)
    systolic, diastolic, mean = (
        mmhg(number(fields.sfloat()), kilopascal=kilopascal) for _ in range(3)
    )
    return BloodPressureReading(
        systolic,
        diastolic,
        None if quirk else mean,
        device_time=date_time.decode(fields.take(date_time.SIZE)) if _Flag.TIME in flags else None,
        pulse_bpm=number(fields.sfloat(order)) if _Flag.PULSE in flags else None,
        user_slot=fields.byte() if quirk or _Flag.USER in flags else None,
        status=Status(fields.word(order)) if _Flag.STATUS in flags else None,
    )


def encode(
    reading: BloodPressureReading, *, kilopascal: bool = False, layout: Layout = Layout.STANDARD
) -> bytes:
    """The frame that a cuff sends for `reading`; a pressure of None becomes NaN."""
    order = _byte_order(layout)
    pressures = (reading.systolic_mmhg, reading.diastolic_mmhg, reading.mean_arterial_mmhg)
    frame = bytes((_flags(reading, kilopascal=kilopascal, layout=layout),))
    for value in pressures:
        frame += pressure_word(value, kilopascal=kilopascal).to_bytes(2, "little")
    if reading.device_time is not None:
        frame += date_time.encode(reading.device_time)
    if reading.pulse_bpm is not None:
        frame += encode_sfloat(reading.pulse_bpm).to_bytes(2, order)
    if reading.user_slot is not None:
        frame += bytes((reading.user_slot,))
    elif layout is Layout.BEURER_BM85:
        frame += bytes((UNKNOWN_USER,))
    if reading.status is not None:
        frame += reading.status.to_bytes(2, order)
    return frame


def decode_cuff_pressure(frame: bytes) -> CuffPressure:
    """The pressure in one notification of 0x2A36: a measurement is in progress.

    Raises DecodeError (TRUNCATED) if a field is cut off.
    """
    return CuffPressure(decode(frame).systolic_mmhg)


def encode_cuff_pressure(pressure: CuffPressure) -> bytes:
    """The notification for `pressure`: the places of the other pressures hold NaN."""
    return encode(BloodPressureReading(pressure.mmhg, None))


def decode_feature(value: bytes) -> Feature:
    """What 0x2A49 says that the cuff can do; raises DecodeError (TRUNCATED) if it is cut off."""
    return Feature(Fields(value).word())


def encode_feature(feature: Feature) -> bytes:
    """The value of 0x2A49 for `feature`."""
    return feature.to_bytes(2, "little")


def detectable(feature: Feature) -> Status:
    """The status bits that mean something on a cuff with `feature`.

    Any other bit is 0 because the cuff cannot tell, which is not the same as "all is well".
    """
    status = Status(0)
    for ability, bits in _DETECTED_BY.items():
        if ability in feature:
            status |= bits
    return status


def _byte_order(layout: Layout) -> ByteOrder:
    return "big" if layout is Layout.BEURER_BM85 else "little"


def _flags(reading: BloodPressureReading, *, kilopascal: bool, layout: Layout) -> int:
    quirk = layout is Layout.BEURER_BM85
    present = {
        _Flag.KILOPASCAL: kilopascal,
        _Flag.TIME: reading.device_time is not None,
        _Flag.PULSE: reading.pulse_bpm is not None,
        _Flag.USER: reading.user_slot is not None and not quirk,
        _Flag.STATUS: reading.status is not None,
        _Flag.BEURER: quirk,
    }
    return sum(flag for flag, there in present.items() if there)


def mmhg(value: float | None, *, kilopascal: bool) -> float | None:
    """A pressure as a cuff sends it, in mmHg."""
    return value * MMHG_PER_KPA if kilopascal and value is not None else value


def pressure_word(mmhg: float | None, *, kilopascal: bool) -> int:
    """The SFLOAT of a pressure in mmHg, in the unit that a cuff sends; None becomes NaN."""
    if mmhg is None:
        return encode_sfloat(SpecialValue.NAN)
    return encode_sfloat(round(mmhg / MMHG_PER_KPA, 1) if kilopascal else mmhg)
