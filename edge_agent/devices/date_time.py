"""The 7-byte Date Time of the GATT Specification Supplement (0x2A08 and embedded)."""

import struct
from typing import NamedTuple

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
    """The first 7 bytes of `data` as a device time; the caller has checked the length."""
    return DeviceTime(*_LAYOUT.unpack_from(data))


def encode(time: DeviceTime) -> bytes:
    """The 7 bytes of `time`."""
    return _LAYOUT.pack(*time)
