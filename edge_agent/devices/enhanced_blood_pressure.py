"""Enhanced Blood Pressure Measurement 0x2B34 of the Blood Pressure Service 1.1: decode, encode.

Layout (GATT Specification Supplement) as 0x2A35, but both times are seconds since an epoch that a
flag chooses: the time stamp of a clock that nobody sets, and the time that the device shows.
"""

from dataclasses import dataclass
from enum import IntFlag

from edge_agent.devices.blood_pressure import Status, mmhg, pressure_word
from edge_agent.devices.fields import Fields
from edge_agent.devices.ieee11073 import encode_sfloat, number

MEASUREMENT_UUID = "00002b34-0000-1000-8000-00805f9b34fb"


class _Flag(IntFlag):
    KILOPASCAL = 0x01
    TIME = 0x02
    PULSE = 0x04
    USER = 0x08
    STATUS = 0x10
    USER_FACING_TIME = 0x20
    SINCE_2000 = 0x40


@dataclass(frozen=True, slots=True)
class EnhancedBloodPressureReading:
    """What a newer cuff said about one person: personal, and never to leave the station.

    Pressures are in mmHg; a value that is left out or special is None. Times are seconds since
    1 January 2000 if `since_2000`, otherwise since 1 January 1900.
    """

    systolic_mmhg: float | None
    diastolic_mmhg: float | None
    mean_arterial_mmhg: float | None = None
    timestamp_seconds: int | None = None
    pulse_bpm: float | None = None
    user_slot: int | None = None
    status: Status | None = None
    user_facing_seconds: int | None = None
    since_2000: bool = False


def decode(frame: bytes) -> EnhancedBloodPressureReading:
    """The reading in one indication; raises DecodeError (TRUNCATED) if a field is cut off."""
    fields = Fields(frame)
    flags = _Flag(fields.byte())
    kilopascal = _Flag.KILOPASCAL in flags
    systolic, diastolic, mean = (
        mmhg(number(fields.sfloat()), kilopascal=kilopascal) for _ in range(3)
    )
    return EnhancedBloodPressureReading(
        systolic,
        diastolic,
        mean,
        timestamp_seconds=fields.double_word() if _Flag.TIME in flags else None,
        pulse_bpm=number(fields.sfloat()) if _Flag.PULSE in flags else None,
        user_slot=fields.byte() if _Flag.USER in flags else None,
        status=Status(fields.word()) if _Flag.STATUS in flags else None,
        user_facing_seconds=fields.double_word() if _Flag.USER_FACING_TIME in flags else None,
        since_2000=_Flag.SINCE_2000 in flags,
    )


def encode(reading: EnhancedBloodPressureReading, *, kilopascal: bool = False) -> bytes:
    """The frame that a cuff sends for `reading`; a pressure of None becomes NaN."""
    pressures = (reading.systolic_mmhg, reading.diastolic_mmhg, reading.mean_arterial_mmhg)
    words = [pressure_word(value, kilopascal=kilopascal) for value in pressures]
    pulse = None if reading.pulse_bpm is None else encode_sfloat(reading.pulse_bpm)
    optional = (
        (_Flag.TIME, reading.timestamp_seconds, 4),
        (_Flag.PULSE, pulse, 2),
        (_Flag.USER, reading.user_slot, 1),
        (_Flag.STATUS, reading.status, 2),
        (_Flag.USER_FACING_TIME, reading.user_facing_seconds, 4),
    )
    flags = _Flag.KILOPASCAL * kilopascal | _Flag.SINCE_2000 * reading.since_2000
    frame = b"".join(word.to_bytes(2, "little") for word in words)
    for flag, value, size in optional:
        if value is not None:
            flags |= flag
            frame += value.to_bytes(size, "little")
    return bytes((flags,)) + frame
