"""Numbering: a message gets its number, its hour and its place in one step."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from contract.topics import Stream
from edge_agent.outbox.counters import change, state
from edge_agent.outbox.schema import MESSAGES

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime."""

_HOUR = 3600
_CLOCKS_RUN_SINCE = 1_735_689_600
"""The start of 2025, in seconds since 1970: a clock that shows less was never set."""


class Numbering:
    """Gives numbers to messages, in a transaction of the caller's."""

    def __init__(self, clock: Clock) -> None:
        """The hour of a message is read from `clock`: a minute would tell of a visit."""
        self._clock = clock

    def add(
        self, database: sqlite3.Connection, stream: Stream, compose: Callable[[int], bytes]
    ) -> int:
        """Add the message that `compose` makes of its number; the number."""
        now = state(database)
        seq = now.numbered + 1
        change(database, now._replace(numbered=seq))
        self.put(database, seq, now.epoch, seq, stream, compose(seq))
        return seq

    def put(
        self,
        database: sqlite3.Connection,
        place: int,
        epoch: int,
        seq: int,
        stream: str,
        payload: bytes,
    ) -> None:
        """Write a message that has its number already."""
        row = MESSAGES.row(place, epoch, seq, str(stream), payload, loose=(hour(self._clock()), 0))
        database.execute(MESSAGES.insert, row)


def hour(moment: datetime) -> int:
    """The full hour of `moment` in seconds since 1970; 0 if the clock was never set."""
    seconds = int(moment.timestamp())
    return seconds // _HOUR * _HOUR if seconds >= _CLOCKS_RUN_SINCE else 0


def as_moment(seconds: int) -> datetime | None:
    """What `hour` returned, as a moment; None if the clock was never set."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
