"""Blood Pressure Measurement 0x2A35 of the Blood Pressure Service 0x1810: decode and encode.

Layout (GATT Specification Supplement): flags, then systolic, diastolic and mean arterial pressure
as SFLOAT, then whatever the flags promise: Date Time, pulse, user id, measurement status.
A promised field that is not there rejects the frame; reserved bits and trailing bytes are
accepted, because real cuffs send both.
"""

import struct
from dataclasses import dataclass
from enum import IntFlag

from contract.errors import DecodeError, Reason
from contract.quantities import MMHG_PER_KPA
from edge_agent.devices import date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.ieee11073 import SpecialValue, decode_sfloat, encode_sfloat

SERVICE_UUID = "00001810-0000-1000-8000-00805f9b34fb"
MEASUREMENT_UUID = "00002a35-0000-1000-8000-00805f9b34fb"

UNKNOWN_USER = 0xFF

_PRESSURES = struct.Struct("<BHHH")
_WORD = struct.Struct("<H")


class _Flag(IntFlag):
    KILOPASCAL = 0x01
    TIME = 0x02
    PULSE = 0x04
    USER = 0x08
    STATUS = 0x10


class Status(IntFlag):
    """Measurement status bits; bits 3 and 4 are one two-bit number, the pulse range."""

    BODY_MOVED = 0x01
    CUFF_LOOSE = 0x02
    IRREGULAR_PULSE = 0x04
    PULSE_TOO_HIGH = 0x08
    PULSE_TOO_LOW = 0x10
    WRONG_POSITION = 0x20


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


def decode(frame: bytes) -> BloodPressureReading:
    """The reading in one indication; raises DecodeError (TRUNCATED) if a field is cut off."""
    if len(frame) < _PRESSURES.size:
        raise DecodeError(Reason.TRUNCATED, f"{len(frame)} bytes; a frame has at least 7")
    bits, *pressures = _PRESSURES.unpack_from(frame)
    flags = _Flag(bits)
    fields = _Fields(frame, _PRESSURES.size)
    systolic, diastolic, mean = (
        _mmhg(decode_sfloat(word), kilopascal=_Flag.KILOPASCAL in flags) for word in pressures
    )
    return BloodPressureReading(
        systolic,
        diastolic,
        mean,
        device_time=date_time.decode(fields.take(date_time.SIZE)) if _Flag.TIME in flags else None,
        pulse_bpm=_number(decode_sfloat(fields.word())) if _Flag.PULSE in flags else None,
        user_slot=fields.take(1)[0] if _Flag.USER in flags else None,
        status=Status(fields.word()) if _Flag.STATUS in flags else None,
    )


def encode(reading: BloodPressureReading, *, kilopascal: bool = False) -> bytes:
    """The frame that a cuff sends for `reading`; a pressure of None becomes NaN."""
    present = {
        _Flag.KILOPASCAL: kilopascal,
        _Flag.TIME: reading.device_time is not None,
        _Flag.PULSE: reading.pulse_bpm is not None,
        _Flag.USER: reading.user_slot is not None,
        _Flag.STATUS: reading.status is not None,
    }
    pressures = (reading.systolic_mmhg, reading.diastolic_mmhg, reading.mean_arterial_mmhg)
    frame = _PRESSURES.pack(
        sum(flag for flag, there in present.items() if there),
        *(_pressure_word(value, kilopascal=kilopascal) for value in pressures),
    )
    if reading.device_time is not None:
        frame += date_time.encode(reading.device_time)
    if reading.pulse_bpm is not None:
        frame += _WORD.pack(encode_sfloat(reading.pulse_bpm))
    if reading.user_slot is not None:
        frame += bytes((reading.user_slot,))
    if reading.status is not None:
        frame += _WORD.pack(reading.status)
    return frame


class _Fields:
    """The optional fields of a frame, taken one after the other."""

    def __init__(self, frame: bytes, offset: int) -> None:
        self._frame = frame
        self._offset = offset

    def take(self, size: int) -> bytes:
        end = self._offset + size
        if end > len(self._frame):
            raise DecodeError(
                Reason.TRUNCATED, f"the flags promise {end} bytes or more, got {len(self._frame)}"
            )
        field = self._frame[self._offset : end]
        self._offset = end
        return field

    def word(self) -> int:
        value: int = _WORD.unpack(self.take(2))[0]
        return value


def _number(value: float | SpecialValue) -> float | None:
    return None if isinstance(value, SpecialValue) else value


def _mmhg(value: float | SpecialValue, *, kilopascal: bool) -> float | None:
    number = _number(value)
    return number * MMHG_PER_KPA if kilopascal and number is not None else number


def _pressure_word(mmhg: float | None, *, kilopascal: bool) -> int:
    if mmhg is None:
        return encode_sfloat(SpecialValue.NAN)
    return encode_sfloat(round(mmhg / MMHG_PER_KPA, 1) if kilopascal else mmhg)
