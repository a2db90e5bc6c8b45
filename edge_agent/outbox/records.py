"""What the station's file gives out, and how much it may hold."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contract.topics import Stream

_MIB = 2**20


class Why(StrEnum):
    """Why the file gave something up; closed, so that it is safe as a metric label."""

    NO_ROOM = "no_room"
    TOO_OLD = "too_old"
    TOO_MUCH = "too_much"  # usage beyond its own limit of bytes
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the file may hold and for how long; ages are in days.

    `reserve_bytes` are kept free in a file of their own, so that room can be made on a full disk.
    The write-ahead log comes on top of `max_bytes`: about a megabyte.
    """

    max_bytes: int = 256 * _MIB
    screening_max_days: int = 730
    usage_max_days: int = 90
    usage_max_bytes: int = 64 * _MIB
    damaged_days: int = 28
    reserve_bytes: int = _MIB


@dataclass(frozen=True, slots=True)
class Staged:
    """An anonymous row (JSON) waiting for enough company to leave."""

    number: int
    day: date
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message that no receipt has settled yet.

    (`epoch`, `seq`) names it; the epoch is an earlier one if it was carried over from a damaged
    file. `numbered_at` is the full hour in which it got its number, None if the clock was wrong.
    """

    seq: int
    stream: Stream
    payload: bytes
    epoch: int
    numbered_at: datetime | None


class Backlog(NamedTuple):
    """How much waits to leave: messages, windows in no message yet, and the age of the oldest."""

    messages: int
    windows: int
    oldest_at: datetime | None
