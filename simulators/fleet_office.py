"""What the stations of a fleet have in common: their options, and to whom they report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Protocol, TypeVar

from contract.receipts import Outcome
from simulators.history import Message
from simulators.mqtt_loop import Address

Station = TypeVar("Station", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOptions:
    """How every station of a fleet behaves; `window` is messages sent and not yet receipted.

    With `rest`, a backlog leaves one message at a time, and after each receipt the station waits
    `rest` times as long as that took: thousands of stations share a slow centre that way. The first
    leaves at a random moment of the `spread_seconds` after a connection, as at a real agent.
    `passwords` and `tls` are for a broker that asks for them.
    """

    min_batch: int = 5
    window: int = 4
    rest: float | None = None
    spread_seconds: float = 0.0
    receipt_timeout_seconds: float = 10.0
    heartbeat_seconds: float = 60.0
    keepalive_seconds: int = 60
    session_expiry_seconds: int = 3600
    passwords: Mapping[str, str] = field(default_factory=dict)
    tls: SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """Where the fleet connects and how it behaves.

    The same `seed` and `life` give the same messages with the same numbers. Loading a history
    twice in one life is therefore harmless; a run that goes live needs a `life` of its own.
    """

    address: Address
    seed: int = 1
    life: int = 1
    station: StationOptions = field(default_factory=StationOptions)
    stalled_after_seconds: float = 60.0
    goodbye_seconds: float = 10.0


@dataclass(slots=True)
class Sent:
    """A message on its way: when it first left, when it is sent again, how often it was sent."""

    message: Message
    since: float
    due: float
    is_backlog: bool
    times: int = 1


@dataclass(slots=True)
class Fates:
    """What became of a station's messages; windows, and sessions by ISO week, that are stored."""

    stored: int = 0
    quarantined: int = 0
    windows: int = 0
    sessions: dict[str, int] = field(default_factory=dict)

    def add(self, message: Message, outcome: Outcome) -> None:
        """Count the end of a message."""
        if outcome is not Outcome.STORED:
            self.quarantined += 1
            return
        self.stored += 1
        self.windows += message.windows
        if message.sessions:
            self.sessions[message.week] = self.sessions.get(message.week, 0) + message.sessions


@dataclass(frozen=True, slots=True)
class Departure:
    """How a message leaves for the first time: faults double it, hold it back, add poison."""

    copies: int = 1
    is_held_back: bool = False
    poison: bytes | None = None


class Office(Protocol[Station]):
    """To whom a station reports."""

    def numbered(self, station: Station, /) -> None:
        """A message has got its number."""

    def departs(self, station: Station, message: Message, /) -> Departure:
        """A message leaves for the first time."""

    def receipted(self, station: Station, sent: Sent, outcome: Outcome, /) -> None:
        """A message has reached its end."""

    def accepted(self, station: Station, /) -> None:
        """The broker has let the station in."""

    def lost(self, station: Station, reason: str, /, *, refused: bool) -> None:
        """The connection has ended, or none came about, without the station's wish."""
