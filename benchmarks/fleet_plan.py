"""What the two sides of the fleet benchmark tell each other: a plan, looks, accounts."""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import NamedTuple, Self

from simulators.mqtt_loop import Address


class Variant(Enum):
    """How a day without a broker waits at a station."""

    WHOLE = "as a station keeps it"
    SINGLE = "one message a window"


class Waits(NamedTuple):
    """Seconds from departure to receipt, of so many messages; 0 without any."""

    messages: int
    p50: float
    p99: float
    longest: float


class Look(NamedTuple):
    """The fleet at one moment.

    `pending` messages have a number and no receipt, `queued` of them never left; `oldest` are the
    seconds since the first of the others did. `backlog` windows of an outage have no receipt.
    """

    connected: int
    pending: int
    queued: int
    oldest: float
    backlog: int
    live: Waits
    drained: Waits

    def told(self) -> str:
        """In words."""
        return (
            f"{self.connected:,} connected, {self.backlog:,} windows wait,"
            f" {self.pending:,} messages without a receipt, the oldest for {self.oldest:.1f} s"
        )


class Account(NamedTuple):
    """What a station knows of its messages; `windows` are distinct ones in stored messages."""

    numbered: int
    stored: int
    quarantined: int
    windows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Which city lives where, from ten o'clock of a `day` on; a quarter ends every `quarter` s.

    After each receipt of a message that had waited, a station rests `rest` times as long; the first
    of them leaves within `spread` s of a connection.
    """

    address: Address
    stations: int
    seed: int
    life: int
    day: date
    quarter: float
    rest: float
    spread: float

    def at(self, address: Address) -> Self:
        """The same with a broker that is somewhere else."""
        return replace(self, address=address)
