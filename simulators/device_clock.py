"""A device's own clock: off, never set, or jumping; and how it is read and set over the radio."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contract.errors import DecodeError
from edge_agent.devices import current_time, date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.model import Clock, ClockMoment
from simulators.bluez.peripheral import (
    WRITE_NOT_PERMITTED,
    AttError,
    Characteristic,
    Flag,
    Service,
)
from simulators.device_services import with_characteristic

DATA_FIELD_IGNORED: Final = 0x80
"""What a device answers that thinks its clock right enough."""
OUT_OF_RANGE: Final = 0xFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockHabits:
    """How a device keeps the time; by default it is right and nobody can see or set it."""

    access: Clock | None = None
    """Where it can be read and written."""
    off_by: timedelta = timedelta(0)
    """How far it is ahead."""
    begins_at: datetime | None = None
    """What it shows when it is switched on and nobody has ever set it; without a zone."""
    jumps_by: timedelta = timedelta(0)
    """How far it jumps ahead with every measurement."""
    tolerance: timedelta = timedelta(0)
    """It refuses to be set unless it is off by more than this; 0 accepts everything."""


RIGHT: Final = ClockHabits()


def local_time() -> datetime:
    """The time of this machine, in its own zone."""
    return datetime.now().astimezone()


class DeviceClock:
    """One clock; it runs as fast as `now`, which also gives the zone that the device is in."""

    def __init__(self, habits: ClockHabits, now: Callable[[], datetime]) -> None:
        self._habits = habits
        self._now = now
        self._error = habits.off_by
        self._told = False
        if habits.begins_at is not None:
            self._show(habits.begins_at)

    def offered_in(self, services: tuple[Service, ...], *, encrypted: bool) -> tuple[Service, ...]:
        """`services` with the place where it can be read and written, if there is one."""
        access = self._habits.access
        if access is None:
            return services
        tells = (Flag.NOTIFY,) if access.moment is ClockMoment.IN_REPLY else ()
        offered = Characteristic(
            access.characteristic,
            (Flag.READ, Flag.WRITE, *tells),
            self.value(),
            encrypted=encrypted,
        )
        return with_characteristic(services, access.service, offered)

    def is_at(self, uuid: str) -> bool:
        """Whether `uuid` is where this clock is read and written."""
        return self._habits.access is not None and self._habits.access.characteristic == uuid

    def time(self) -> datetime:
        """What it shows."""
        return self._now() + self._error

    def value(self) -> bytes:
        """What it answers when it is read."""
        if self.is_at(date_time.CHARACTERISTIC_UUID):
            return date_time.encode(date_time.wall_clock(self.time()))
        return current_time.encode(current_time.at(self.time()))

    def tell(self) -> bytes:
        """The notification of its time, after which a clock that waits for one may be written."""
        self._told = True
        return self.value()

    def write(self, value: bytes) -> None:
        """A central sets it. Raises AttError if it will not be set like this, or not now."""
        access = self._habits.access
        if not self._told and access is not None and access.moment is ClockMoment.IN_REPLY:
            raise AttError(WRITE_NOT_PERMITTED)
        before = self._error
        try:
            self._show(datetime(*_wanted(value, plain=self.is_at(date_time.CHARACTERISTIC_UUID))))  # noqa: DTZ001
        except (DecodeError, ValueError) as error:
            raise AttError(OUT_OF_RANGE) from error
        if self._habits.tolerance and abs(before - self._error) <= self._habits.tolerance:
            self._error = before
            raise AttError(DATA_FIELD_IGNORED)

    def tick_over(self) -> None:
        """A measurement has been made, and the clock may jump."""
        self._error += self._habits.jumps_by

    def link_ended(self) -> None:
        """The next central has to wait for its own notification."""
        self._told = False

    def _show(self, shown: datetime) -> None:
        now = self._now()
        self._error = shown.replace(tzinfo=now.tzinfo) - now


def _wanted(value: bytes, *, plain: bool) -> DeviceTime:
    return date_time.decode(value) if plain else current_time.decode(value).time
