"""Hours and days of usage in the embedded store."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep
from typing import Any

from ingest.records import UsageRecord
from ingest.usage import (
    DAY_SECONDS,
    HOUR_SECONDS,
    Hour,
    Kind,
    Presence,
    Site,
    StationHour,
    area_hours,
    day_of,
    days,
    station_hours,
)

# The columns are the fields of `ingest.usage.Hour`, in order.
SCHEMA = """
CREATE TABLE IF NOT EXISTS usage_hours (
    kind TEXT, place TEXT, start INTEGER, district TEXT, venue TEXT, stations INTEGER,
    windows INTEGER, in_hours INTEGER, entries INTEGER, occupied REAL, mean_sum REAL,
    mean_windows INTEGER, peak INTEGER, "full" INTEGER, levels INTEGER, stay REAL,
    stay_entries INTEGER, seated REAL, seat_minutes INTEGER,
    PRIMARY KEY (kind, place, start)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS usage_hours_by_kind ON usage_hours (kind, start);
"""

_PLACE = "FROM usage_hours WHERE kind = ? AND place = ? AND start >= ? AND start < ? ORDER BY start"
_INSERT = f"INSERT OR REPLACE INTO usage_hours VALUES ({', '.join('?' * len(Hour._fields))})"  # noqa: S608

_OTHERS_LOOK_SECONDS = 0.1  # SQLite's own waiting writers look at least so often

Open = Callable[[], AbstractContextManager[sqlite3.Connection]]


class SqliteRollups:
    """Fulfils `ingest.store.rollups.Rollups`; windows are read and hours written at once."""

    def __init__(self, connection: Open, transaction: Open) -> None:
        """`connection` is to read by, `transaction` to write by, and keeps other writers out."""
        self._connection = connection
        self._transaction = transaction

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """See `Rollups.roll_up`."""
        with self._turn() as database:
            windows = (window for hour in hours for window in _windows(database, hour))
            database.executemany(_INSERT, station_hours(windows, sites))
            for station, day in {(one.station, day_of(one.start)) for one in hours}:
                where = (Kind.STATION, station, day, day + DAY_SECONDS)
                found = map(_hour, database.execute(f"SELECT * {_PLACE}", where))
                database.executemany(_INSERT, days(found))

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """See `Rollups.roll_up_areas`."""
        # An hour of a large city is a lot to read, and nobody else writes meanwhile.
        for start in starts:
            with self._turn() as database:
                made = area_hours(_starting(database, Kind.STATION, start, start + 1))
                _replace(database, Kind.AREA, start, made)
        for day in {day_of(start) for start in starts}:
            with self._turn() as database:
                found = days(_starting(database, Kind.AREA, day, day + DAY_SECONDS))
                _replace(database, Kind.AREA_DAY, day, found)

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """Write; if that took long, leave the file to others until they have looked again."""
        began = monotonic()
        with self._transaction() as database:
            yield database
        if monotonic() - began > _OTHERS_LOOK_SECONDS:
            sleep(_OTHERS_LOOK_SECONDS)

    def hours(self, kind: Kind, place: str, since: int, until: int) -> list[Hour]:
        """See `Rollups.hours`."""
        where = (kind, place, since, until)
        with self._connection() as database:
            return [_hour(row) for row in database.execute(f"SELECT * {_PLACE}", where)]

    def station_days(self, stations: Collection[str], since: int, until: int) -> Iterator[Hour]:
        """See `Rollups.station_days`."""
        for station in stations:
            yield from self.hours(Kind.STATION_DAY, station, since, until)

    def presence(self, kind: Kind, place: str, since: int, until: int) -> list[Presence]:
        """See `Rollups.presence`."""
        query = f"SELECT {', '.join(Presence._fields)} {_PLACE}"
        with self._connection() as database:
            rows = database.execute(query, (kind, place, since, until))
            return [Presence._make(row) for row in rows]


def _starting(database: sqlite3.Connection, kind: Kind, since: int, until: int) -> list[Hour]:
    query = "SELECT * FROM usage_hours WHERE kind = ? AND start >= ? AND start < ? ORDER BY start"
    return [_hour(row) for row in database.execute(query, (kind, since, until))]


def _replace(database: sqlite3.Connection, kind: Kind, start: int, made: list[Hour]) -> None:
    # An area that its last station left has no such hour any more.
    database.execute("DELETE FROM usage_hours WHERE kind = ? AND start = ?", (kind, start))
    database.executemany(_INSERT, made)


def _windows(database: sqlite3.Connection, hour: StationHour) -> Iterator[UsageRecord]:
    query = "SELECT * FROM usage WHERE station = ? AND start >= ? AND start < ?"
    rows = database.execute(query, (hour.station, hour.start, hour.start + HOUR_SECONDS))
    return (UsageRecord(*row) for row in rows)


def _hour(row: tuple[Any, ...]) -> Hour:
    return Hour(Kind(row[0]), *row[1:])
