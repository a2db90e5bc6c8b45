"""The Current Time Service 0x1805: Current Time 0x2A2B and Local Time Information 0x2A0F."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from contract.errors import DecodeError, Reason
from edge_agent.devices import date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.fields import Fields

SERVICE_UUID = "00001805-0000-1000-8000-00805f9b34fb"
CURRENT_TIME_UUID = "00002a2b-0000-1000-8000-00805f9b34fb"
LOCAL_TIME_UUID = "00002a0f-0000-1000-8000-00805f9b34fb"

_MINUTES_PER_STEP = 15
_WESTERNMOST, _EASTERNMOST, _UNKNOWN_ZONE = -48, 56, -128
_UNKNOWN_SAVING = 255
_SAVINGS = {0: 0, 2: 30, 4: 60, 8: 120, _UNKNOWN_SAVING: None}


class AdjustReason(IntFlag):
    """Why the clock was last set."""

    MANUAL = 0x01
    EXTERNAL_REFERENCE = 0x02
    TIME_ZONE = 0x04
    DAYLIGHT_SAVING = 0x08


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """What a device's clock shows: `day_of_week` is 1 on Monday, 7 on Sunday, 0 if unknown."""

    time: DeviceTime
    day_of_week: int
    fractions256: int
    adjust_reason: AdjustReason


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A device's time zone and daylight saving in minutes; None if it does not know."""

    zone_minutes: int | None
    saving_minutes: int | None


def decode(value: bytes) -> CurrentTime:
    """The value of 0x2A2B; raises DecodeError (TRUNCATED, or OUT_OF_RANGE for no such time)."""
    fields = Fields(value)
    time = date_time.decode(fields.take(date_time.SIZE))
    day_of_week, fractions = fields.byte(), fields.byte()
    reason = AdjustReason(fields.byte())
    if not date_time.is_legal(time) or day_of_week > 7:
        raise DecodeError(Reason.OUT_OF_RANGE, "no clock shows this")
    return CurrentTime(time, day_of_week, fractions, reason)


def encode(current: CurrentTime) -> bytes:
    """The 10 bytes of 0x2A2B for `current`."""
    rest = (current.day_of_week, current.fractions256, current.adjust_reason)
    return date_time.encode(current.time) + bytes(rest)


def at(moment: datetime) -> CurrentTime:
    """What to write to a device's clock at `moment`, in the zone that `moment` is given in.

    Only whole seconds: more would be lost on the way through the radio.
    """
    time = date_time.wall_clock(moment)
    return CurrentTime(time, moment.isoweekday(), 0, AdjustReason.EXTERNAL_REFERENCE)


def decode_local_time(value: bytes) -> LocalTime:
    """The value of 0x2A0F; raises DecodeError (TRUNCATED, or OUT_OF_RANGE for no such zone)."""
    fields = Fields(value)
    zone = int.from_bytes(fields.take(1), "little", signed=True)
    saving = fields.byte()
    known = _WESTERNMOST <= zone <= _EASTERNMOST
    if not (known or zone == _UNKNOWN_ZONE) or saving not in _SAVINGS:
        raise DecodeError(Reason.OUT_OF_RANGE, "no place keeps this time")
    return LocalTime(zone * _MINUTES_PER_STEP if known else None, _SAVINGS[saving])


def encode_local_time(local: LocalTime) -> bytes:
    """The 2 bytes of 0x2A0F for `local`; raises KeyError for a saving that has no code."""
    zone = _UNKNOWN_ZONE if local.zone_minutes is None else local.zone_minutes // _MINUTES_PER_STEP
    codes = {minutes: code for code, minutes in _SAVINGS.items()}
    return zone.to_bytes(1, "little", signed=True) + bytes((codes[local.saving_minutes],))
