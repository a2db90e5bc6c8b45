"""Hours and days of usage in the embedded store."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ingest.pieces import pieces
from ingest.records import UsageRecord
from ingest.turns import TakeTurn
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

_ROWS_AT_A_TIME = 250
"""As many are written in some milliseconds; messages are committed in between."""

Open = Callable[[], AbstractContextManager[sqlite3.Connection]]


class SqliteRollups:
    """Fulfils `ingest.store.rollups.Rollups`; windows are read and hours written at once."""

    def __init__(self, connection: Open, transaction: Open, take_turn: TakeTurn) -> None:
        """`connection` is to read by, `transaction` to write by, and keeps other writers out."""
        self._connection = connection
        self._transaction = transaction
        self._take_turn = take_turn

    # Nobody else makes hours during a turn, so they are made before the transaction: messages that
    # are to be committed wait for the writing of rows alone. A window that comes meanwhile has its
    # hour marked again.

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """See `Rollups.roll_up`."""
        with self._take_turn():
            with self._connection() as database:
                windows = (window for hour in hours for window in _windows(database, hour))
                made = station_hours(windows, sites)
                made += days(_hours_of_days(database, made))
            self._put(made)

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """See `Rollups.roll_up_areas`."""
        with self._take_turn():
            for start in starts:
                with self._connection() as database:
                    made = area_hours(_starting(database, Kind.STATION, start, start + 1))
                self._replace(Kind.AREA, start, made)
            for day in {day_of(start) for start in starts}:
                with self._connection() as database:
                    made = days(_starting(database, Kind.AREA, day, day + DAY_SECONDS))
                self._replace(Kind.AREA_DAY, day, made)

    def _put(self, made: Sequence[Hour]) -> None:
        for some in pieces(made, _ROWS_AT_A_TIME):
            with self._transaction() as database:
                database.executemany(_INSERT, some)

    def _replace(self, kind: Kind, start: int, made: Sequence[Hour]) -> None:
        with self._transaction() as database:
            # An area that its last station left has no such hour any more.
            where = (kind, start)
            database.execute("DELETE FROM usage_hours WHERE kind = ? AND start = ?", where)
            database.executemany(_INSERT, made)

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


def _hours_of_days(database: sqlite3.Connection, made: Sequence[Hour]) -> list[Hour]:
    """All hours of the days that `made` belong to, these instead of what they replace."""
    found: dict[tuple[str, int], Hour] = {}
    for station, day in sorted({(one.place, day_of(one.start)) for one in made}):
        where = (Kind.STATION, station, day, day + DAY_SECONDS)
        kept = map(_hour, database.execute(f"SELECT * {_PLACE}", where))
        found |= {(station, one.start): one for one in kept}
    found |= {(one.place, one.start): one for one in made}
    return [found[key] for key in sorted(found)]


def _windows(database: sqlite3.Connection, hour: StationHour) -> Iterator[UsageRecord]:
    query = "SELECT * FROM usage WHERE station = ? AND start >= ? AND start < ?"
    rows = database.execute(query, (hour.station, hour.start, hour.start + HOUR_SECONDS))
    return (UsageRecord(*row) for row in rows)


def _hour(row: tuple[Any, ...]) -> Hour:
    return Hour(Kind(row[0]), *row[1:])
