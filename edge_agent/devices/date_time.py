"""The 7-byte Date Time of the GATT Specification Supplement (0x2A08 and embedded)."""

import struct
from datetime import datetime
from typing import NamedTuple

from contract.errors import DecodeError, Reason

CHARACTERISTIC_UUID = "00002a08-0000-1000-8000-00805f9b34fb"

_LAYOUT = struct.Struct("<HBBBBB")
SIZE = _LAYOUT.size


class DeviceTime(NamedTuple):
    """A device's own wall clock as transmitted; 0 means unknown for year, month and day.

    It has no time zone, and cuffs are known to claim 31 February, so it stays a plain tuple.
    """

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int


def decode(data: bytes) -> DeviceTime:
    """The first 7 bytes of `data` as a device time, whatever it claims to be.

    Raises DecodeError (TRUNCATED) for fewer bytes.
    """
    if len(data) < SIZE:
        raise DecodeError(Reason.TRUNCATED, f"a Date Time has {SIZE} bytes, got {len(data)}")
    return DeviceTime(*_LAYOUT.unpack_from(data))


def encode(time: DeviceTime) -> bytes:
    """The 7 bytes of `time`."""
    return _LAYOUT.pack(*time)


def is_legal(time: DeviceTime) -> bool:
    """Whether every field is one that the standard allows; it may still be 31 February."""
    return (
        (time.year == 0 or 1582 <= time.year <= 9999)
        and time.month <= 12
        and time.day <= 31
        and time.hour <= 23
        and time.minute <= 59
        and time.second <= 59
    )


def wall_clock(moment: datetime) -> DeviceTime:
    """What a device's clock should show at `moment`, in the zone that `moment` is given in."""
    return DeviceTime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
    )
