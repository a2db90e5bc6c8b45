"""The file's accounts: ledgers, losses, what is too old, and small notes."""

import sqlite3
from collections import Counter
from datetime import datetime, timedelta

from contract.condition import Losses, Storage
from contract.disclosure import band
from contract.status import LedgerCount
from contract.topics import Stream
from edge_agent.outbox import giving_up
from edge_agent.outbox.counters import counted, state
from edge_agent.outbox.file import File
from edge_agent.outbox.numbering import hour
from edge_agent.outbox.records import Limits, Why
from edge_agent.outbox.schema import NOTES


class Accounts:
    """The part of the outbox that counts."""

    _file: File
    _limits: Limits

    @property
    def storage(self) -> Storage:
        """How the disk took the last write."""
        return self._file.storage

    def ledger(self) -> LedgerCount:
        """The station's side of the ledger, without what was carried over from other epochs."""
        return self._file.read(ledger)

    def ended(self) -> tuple[LedgerCount, ...]:
        """The ledgers of earlier epochs, whose files were damaged: the last 8, oldest first.

        What an epoch has numbered beyond pending and dropped had its receipt or is lost; ingest
        knows which.
        """
        return self._file.read(ended)

    def losses(self) -> Losses:
        """What this file and those it succeeds have lost, apart from messages."""
        return self._file.read(losses)

    def drops(self) -> Counter[tuple[Stream, str]]:
        """How many messages have been given up, by stream and reason (`Why`)."""
        return self._file.read(giving_up.drops)

    def expire(self, now: datetime) -> int:
        """Give up what is older than its limit, and usage beyond its bytes; how much it was.

        Messages age by the hour of their number, windows by their start. Call it with a trusted
        clock only. A message whose number came under a clock that was never set, or that is
        ahead of `now`, begins to age now. Raises OutboxUnavailable.
        """
        return self._file.write(lambda database: _expire(database, now, self._limits), frees=True)

    def note(self, key: str, text: str) -> None:
        """Keep a small text durably under `key`. Raises OutboxUnavailable."""
        row = NOTES.row(key, text)
        self._file.write(lambda database: database.execute(NOTES.insert, row))

    def noted(self, key: str) -> str | None:
        """The text last kept under `key`."""
        found = self._file.all("SELECT text FROM notes WHERE key = ?", (key,))
        return str(found[0][0]) if found else None


def ledger(database: sqlite3.Connection) -> LedgerCount:
    """The ledger of the file's own epoch."""
    now = state(database)
    (pending,) = database.execute("SELECT count(*) FROM messages WHERE place > 0").fetchone()
    return LedgerCount(epoch=now.epoch, numbered=now.numbered, pending=pending, dropped=now.dropped)


def ended(database: sqlite3.Connection) -> tuple[LedgerCount, ...]:
    """The ledgers of earlier epochs."""
    query = "SELECT epoch, count(*) FROM messages WHERE place < 0 GROUP BY epoch"
    pending = dict(database.execute(query).fetchall())
    rows = database.execute("SELECT epoch, numbered, dropped FROM ended ORDER BY number")
    return tuple(
        LedgerCount(epoch=epoch, numbered=numbered, pending=pending.get(epoch, 0), dropped=dropped)
        for epoch, numbered, dropped in rows
    )


def losses(database: sqlite3.Connection) -> Losses:
    """What was lost apart from messages."""
    return Losses(
        sessions=band(counted(database, giving_up.SESSIONS)),
        frames=band(counted(database, giving_up.FRAMES)),
        windows=counted(database, giving_up.WINDOWS),
        damaged_files=counted(database, giving_up.DAMAGED_FILES),
    )


def _expire(database: sqlite3.Connection, now: datetime, limits: Limits) -> int:
    this_hour = hour(now)
    database.execute(
        "UPDATE messages SET numbered_at = ? WHERE numbered_at = 0 OR numbered_at > ?",
        (this_hour, this_hour + timedelta(days=1).total_seconds()),
    )
    ages = {Stream.SCREENING: limits.screening_max_days, Stream.USAGE: limits.usage_max_days}
    gone = 0
    for stream, days in ages.items():
        found = giving_up.older(database, stream, _seconds_before(now, days))
        giving_up.drop(database, found, Why.TOO_OLD)
        gone += len(found)
    query = "SELECT start FROM windows WHERE start < ?"
    before = (_seconds_before(now, limits.usage_max_days),)
    starts = [start for (start,) in database.execute(query, before)]
    giving_up.drop_windows(database, starts)
    return gone + len(starts) + _trim_usage(database, limits.usage_max_bytes)


def _trim_usage(database: sqlite3.Connection, limit: int) -> int:
    """Give up the oldest usage beyond `limit` bytes; how much it was."""
    queries = (
        "SELECT total(length(payload)) FROM messages WHERE stream = 'usage'",
        "SELECT total(length(content)) FROM windows",
    )
    in_messages, in_windows = (int(database.execute(query).fetchone()[0]) for query in queries)
    over = in_messages + in_windows - limit
    messages = giving_up.oldest_usage(database, over)
    giving_up.drop(database, messages, Why.TOO_MUCH)
    over -= sum(one.size for one in messages)
    starts: list[int] = []
    for start, size in database.execute(
        "SELECT start, length(content) FROM windows ORDER BY start"
    ):
        if over <= 0:
            break
        starts.append(start)
        over -= size
    giving_up.drop_windows(database, starts)
    return len(messages) + len(starts)


def _seconds_before(now: datetime, days: int) -> int:
    return int((now - timedelta(days=days)).timestamp())
