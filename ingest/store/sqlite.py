"""The embedded store: two SQLite files in WAL mode, for the demo and for small deployments.

Single sessions are in a room of their own, `<stem>-sessions<suffix>` beside the store's file: who
is given the store's file can read what is released, usage and hours, and reach no session.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from contract.errors import Reason
from ingest.calendar import week_of
from ingest.operations.turn import file_turn
from ingest.records import Record, SessionRecord, UsageRecord
from ingest.store import Refusal
from ingest.store.expiry import NEVER, TOO_OLD, Expiry
from ingest.store.fleet import NoFleet
from ingest.store.sqlite_file import SqliteFile
from ingest.store.sqlite_rollups import SCHEMA as ROLLUPS_SCHEMA
from ingest.store.sqlite_rollups import SqliteRollups
from ingest.store.sqlite_trends import (
    SESSION_KEY,
    SESSIONS_SCHEMA,
    TREND_KEY,
    TRENDS_SCHEMA,
    SqliteTrends,
)
from ingest.store.sqlite_windows import SqliteWindows
from ingest.usage import Kind

_USAGE_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (
    station TEXT, start INTEGER, district TEXT, entries INTEGER, occupied REAL, mean REAL,
    peak INTEGER, level TEXT, PRIMARY KEY (station, start)) STRICT, WITHOUT ROWID;
"""

_INSERT_SESSION = (
    "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_INSERT_USAGE = "INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

_DAYS_KEPT = 1_024
# A whole number beyond 64 bits, and a value of another type than its column.
_UNFIT = (OverflowError, sqlite3.IntegrityError)
_NOT_HELD = "the database cannot hold one of its values"


class SqliteStore:
    """Fulfils `ingest.store.Store`; threads may share it, each call opens its own connection."""

    def __init__(self, path: Path, expiry: Expiry = NEVER) -> None:
        """Open or create the file at `path`, and that of single sessions beside it."""
        self._expiry = expiry
        sessions = SqliteFile(sessions_path(path), SESSIONS_SCHEMA)
        released = SqliteFile(path, _USAGE_SCHEMA + ROLLUPS_SCHEMA + TRENDS_SCHEMA)
        self._sessions, self._released = sessions, released
        self.trends = SqliteTrends(sessions, released, expiry)
        self.rollups = SqliteRollups(
            released.connection,
            released.transaction,
            partial(file_turn, path.with_name(f"{path.name}.rollup-lock")),
        )
        self.windows = SqliteWindows(released.connection)
        self.fleet = NoFleet()
        self.ranking = NoFleet()

    def write(self, records: Sequence[Record]) -> list[Refusal]:
        """See `Store.write`; each file has a transaction of its own, and both may be repeated."""
        sessions, usage, expired = self._sorted(records)
        try:
            if sessions:
                with self._sessions.transaction() as database:
                    database.executemany(_INSERT_SESSION, map(_session_row, sessions))
            if usage:
                with self._released.transaction() as database:
                    # The fields of a usage record are the table's columns, in order.
                    database.executemany(_INSERT_USAGE, usage)
        except _UNFIT:
            unfit = self._write_singly(records, {one.position for one in expired})
            return sorted([*expired, *unfit])
        return expired

    def _sorted(
        self, records: Sequence[Record]
    ) -> tuple[list[SessionRecord], list[UsageRecord], list[Refusal]]:
        oldest_session, oldest_window = self._expiry.oldest_session(), self._expiry.oldest_window()
        sessions, usage, expired = [], [], []
        for index, record in enumerate(records):
            if isinstance(record, SessionRecord):
                if record.at >= oldest_session:
                    sessions.append(record)
                    continue
            elif record.start >= oldest_window:
                usage.append(record)
                continue
            expired.append(Refusal(index, Reason.EXPIRED, TOO_OLD))
        return sessions, usage, expired

    def _write_singly(self, records: Sequence[Record], but: set[int]) -> Iterator[Refusal]:
        """The same, record by record, to find those that do not fit the tables."""
        with self._sessions.transaction() as sessions, self._released.transaction() as released:
            for index, record in enumerate(records):
                if index in but:
                    continue
                try:
                    if isinstance(record, SessionRecord):
                        sessions.execute(_INSERT_SESSION, _session_row(record))
                    else:
                        released.execute(_INSERT_USAGE, record)
                except _UNFIT:
                    yield Refusal(index, Reason.STORE_REFUSED, _NOT_HELD)

    def expire(self) -> int:
        """See `Store.expire`."""
        gone = self._expire_sessions() + self._expire_usage()
        day = self._expiry.oldest_trend()
        if day is not None:
            gone += self._released.delete("trends", TREND_KEY, "first < ?", day.isoformat())
        for file in (self._sessions, self._released):
            file.forget()
        return gone

    def _expire_sessions(self) -> int:
        week = self._expiry.first_whole_week()
        if week is None:
            return 0
        self._sessions.delete("session_counts", "week, station", "week < ?", str(week))
        return self._sessions.delete("sessions", SESSION_KEY, "week < ?", str(week))

    def _expire_usage(self) -> int:
        """Delete windows station by station, and hours kind by kind: they are in that order."""
        before = self._expiry.oldest_window()
        following = "SELECT station, start FROM usage WHERE station > ? ORDER BY 1, 2 LIMIT 1"
        aged, found = [], ("",)
        with self._released.connection() as database:
            while (found := database.execute(following, found[:1]).fetchone()) is not None:
                if found[1] < before:
                    aged.append(found[0])
        of_station, of_kind = "station = ? AND start < ?", "kind = ? AND start < ?"
        key = "kind, place, start"
        return sum(
            self._released.delete("usage", "station, start", of_station, station, before)
            for station in aged
        ) + sum(self._released.delete("usage_hours", key, of_kind, kind, before) for kind in Kind)


def sessions_path(path: Path) -> Path:
    """The file of single sessions beside the store's own."""
    return path.with_name(f"{path.stem}-sessions{path.suffix}")


def _session_row(record: SessionRecord) -> tuple[object, ...]:
    return (
        _week(record.day),
        record.station,
        record.measure,
        record.at,
        record.district,
        record.venue,
        record.category,
        record.subtype,
        record.systolic,
        record.diastolic,
        record.pulse,
        int(record.single),
        record.glucose,
    )


@lru_cache(_DAYS_KEPT)
def _week(day: date) -> str:
    return str(week_of(day))
