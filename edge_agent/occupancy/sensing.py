"""What a sensor tells: four kinds of event, and who runs it and who listens to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Never, Protocol

from contract.errors import Rejected, Unavailable

Clock = Callable[[], datetime]
"""Tells the time as an aware datetime."""


class SensorLost(Unavailable):
    """A wire, a serial port or a bridge does not answer; the sensor is tried again later."""


@dataclass(frozen=True, slots=True)
class Entered:
    """So many people came in since this sensor last said so; 0 is a sign of life."""

    sensor: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether anybody is there; said again without a change, it is a sign of life."""

    sensor: str
    at: datetime
    occupied: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many people are there; said again without a change, it is a sign of life."""

    sensor: str
    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Silent:
    """The sensor cannot be heard: from here on it tells nothing, not even that nobody is there."""

    sensor: str
    at: datetime


Event = Entered | Presence | Count | Silent
"""What a sensor tells; `sensor` is its name in the settings, `at` is aware."""


class Listener(Protocol):
    """Who is told what sensors say; called on the event loop's thread, and never waits."""

    def sensed(self, event: Event) -> None:
        """A sensor has told something."""

    def refused(self, problem: Rejected) -> None:
        """A message was not understood and is dropped; `problem` has the reason to count."""

    def lost(self, problem: Unavailable) -> None:
        """A source is away and is tried again; what hung on it has been told to be silent."""


class Sensor(Protocol):
    """A source of events that looks after its own connection."""

    async def run(self, listener: Listener) -> Never:
        """Tells `listener` until cancelled, then gives back what it holds."""
