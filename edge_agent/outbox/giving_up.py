"""What the file gives up, each message a number in a ledger, and in which order."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contract.topics import Stream
from edge_agent.outbox.counters import change, count, state
from edge_agent.outbox.records import Why
from edge_agent.outbox.schema import ENDED, mark

WINDOWS = "windows"
SESSIONS = "sessions"
FRAMES = "frames"
DAMAGED_FILES = "damaged files"

_WINDOW_BYTES = 100
_DROPPED = "dropped"


class Candidate(NamedTuple):
    """A message that may be given up."""

    place: int
    epoch: int
    stream: str
    size: int


_CANDIDATES = "SELECT place, epoch, stream, length(payload) FROM messages"


def oldest_usage(database: sqlite3.Connection, wanted: int) -> list[Candidate]:
    """The oldest usage messages that hold `wanted` bytes together, or all there are."""
    found: list[Candidate] = []
    for row in database.execute(f"{_CANDIDATES} WHERE stream = 'usage' ORDER BY place"):
        if wanted <= 0:
            break
        found.append(Candidate(*row))
        wanted -= found[-1].size
    return found


def older(database: sqlite3.Connection, stream: Stream, before: int) -> list[Candidate]:
    """The messages of `stream` that were numbered before `before`, in seconds since 1970."""
    query = f"{_CANDIDATES} WHERE stream = ? AND numbered_at BETWEEN 1 AND ?"
    return [Candidate(*row) for row in database.execute(query, (stream, before - 1))]


def drop(database: sqlite3.Connection, messages: Sequence[Candidate], why: Why) -> None:
    """Give messages up, in a transaction of the caller's: deleted, and declared in a ledger."""
    database.executemany("DELETE FROM messages WHERE place = ?", ((one[0],) for one in messages))
    declare(database, ((one.epoch, one.stream) for one in messages), why)


def declare(database: sqlite3.Connection, given_up: Iterable[tuple[int, str]], why: Why) -> None:
    """Count messages, each by its epoch and stream, that have been given up."""
    all_of_them = list(given_up)
    for stream, many in Counter(stream for _, stream in all_of_them).items():
        count(database, f"{_DROPPED} {stream} {why}", many)
    for epoch, many in Counter(epoch for epoch, _ in all_of_them).items():
        _charge(database, epoch, many)


def drops(database: sqlite3.Connection) -> Counter[tuple[Stream, str]]:
    """How many messages have been given up in this file's life, by stream and reason."""
    found: Counter[tuple[Stream, str]] = Counter()
    rows = database.execute("SELECT name, count FROM counts WHERE name LIKE 'dropped %'")
    for name, many in rows:
        _, stream, why = name.split(" ")
        found[Stream(stream), why] = many
    return found


def drop_windows(database: sqlite3.Connection, starts: Sequence[int]) -> None:
    """Give windows up that are in no message yet, in a transaction of the caller's."""
    database.executemany("DELETE FROM windows WHERE start = ?", ((start,) for start in starts))
    count(database, WINDOWS, len(starts))


def make_room(database: sqlite3.Connection, wanted: int) -> bool:
    """Give up the oldest usage, about `wanted` bytes of it; False if there is none left.

    Messages go before windows in no message. A screening message, a staged row or a frame never.
    """
    messages = oldest_usage(database, wanted)
    drop(database, messages, Why.NO_ROOM)
    left = wanted - sum(one.size for one in messages)
    starts: list[int] = []
    if left > 0:
        limit = left // _WINDOW_BYTES + 1
        query = "SELECT start FROM windows ORDER BY start LIMIT ?"
        starts = [start for (start,) in database.execute(query, (limit,))]
        drop_windows(database, starts)
    return bool(messages or starts)


def _charge(database: sqlite3.Connection, epoch: int, many: int) -> None:
    """Add to `dropped` of the epoch's ledger; one that is no longer kept has none."""
    now = state(database)
    if epoch == now.epoch:
        change(database, now._replace(dropped=now.dropped + many))
        return
    query = "SELECT numbered, dropped FROM ended WHERE epoch = ?"
    for numbered, dropped in database.execute(query, (epoch,)).fetchall():
        row = (epoch, numbered, dropped + many)
        database.execute(
            f"UPDATE {ENDED.name} SET dropped = ?, mark = ? WHERE epoch = ?",
            (dropped + many, mark(*row), epoch),
        )
