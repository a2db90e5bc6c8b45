"""Hours of usage in the embedded store."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from ingest.records import UsageRecord
from ingest.usage import HOUR_SECONDS, Hour, Kind, Site, StationHour, area_hours, station_hours

# The columns are the fields of `ingest.usage.Hour`, in order.
SCHEMA = """
CREATE TABLE IF NOT EXISTS usage_hours (
    kind TEXT, place TEXT, start INTEGER, district TEXT, venue TEXT, stations INTEGER,
    windows INTEGER, in_hours INTEGER, entries INTEGER, occupied REAL, mean_sum REAL,
    mean_windows INTEGER, peak INTEGER, "full" INTEGER, levels INTEGER, stay REAL,
    stay_entries INTEGER, PRIMARY KEY (kind, place, start)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS usage_hours_by_start ON usage_hours (start, kind);
"""

_INSERT = f"INSERT OR REPLACE INTO usage_hours VALUES ({', '.join('?' * len(Hour._fields))})"  # noqa: S608

Open = Callable[[], AbstractContextManager[sqlite3.Connection]]


class SqliteRollups:
    """Fulfils `ingest.store.rollups.Rollups`; windows are read and hours written at once."""

    def __init__(self, connection: Open, transaction: Open) -> None:
        """`connection` is to read by, `transaction` to write by, and keeps other writers out."""
        self._connection = connection
        self._transaction = transaction

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """See `Rollups.roll_up`."""
        with self._transaction() as database:
            windows = (window for hour in hours for window in _windows(database, hour))
            database.executemany(_INSERT, station_hours(windows, sites))

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """See `Rollups.roll_up_areas`."""
        query = "SELECT * FROM usage_hours WHERE start = ? AND kind = 'station'"
        with self._transaction() as database:
            for start in starts:
                found = area_hours(map(_hour, database.execute(query, (start,))))
                # An area that its last station left has no such hour any more.
                database.execute(
                    "DELETE FROM usage_hours WHERE start = ? AND kind = 'area'", (start,)
                )
                database.executemany(_INSERT, found)

    def hours(self, kind: Kind, place: str, since: int, until: int) -> list[Hour]:
        """See `Rollups.hours`."""
        query = (
            "SELECT * FROM usage_hours WHERE kind = ? AND place = ? AND start >= ? AND start < ?"
            " ORDER BY start"
        )
        with self._connection() as database:
            return [_hour(row) for row in database.execute(query, (kind, place, since, until))]


def _windows(database: sqlite3.Connection, hour: StationHour) -> Iterator[UsageRecord]:
    query = "SELECT * FROM usage WHERE station = ? AND start >= ? AND start < ?"
    rows = database.execute(query, (hour.station, hour.start, hour.start + HOUR_SECONDS))
    return (UsageRecord(*row) for row in rows)


def _hour(row: tuple[Any, ...]) -> Hour:
    return Hour(Kind(row[0]), *row[1:])
