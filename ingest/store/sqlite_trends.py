"""Sessions to count and released cells in the embedded store, in a file each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from ingest.calendar import Week, parse_week, week_of
from ingest.disclosure import Cell, Weekly
from ingest.store.expiry import Expiry
from ingest.store.populations import (
    Common,
    Name,
    Population,
    in_order,
    is_percentile,
    packed,
    populations,
    unpacked,
)
from ingest.store.sqlite_file import SqliteFile
from ingest.windows import Audience, Block, Level, block_of

# `week` is that of a session's day, whatever week it is counted in: it is part of the key so that
# the sessions of a week and station stand together. How many there are is kept beside, because a
# release asks that of every week and station.
SESSIONS_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    week TEXT, station TEXT, measure TEXT, at INTEGER, district TEXT, venue TEXT, category TEXT,
    subtype TEXT, systolic INTEGER, diastolic INTEGER, pulse INTEGER, single INTEGER,
    glucose REAL, PRIMARY KEY (week, station, measure, at)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session_counts (
    week TEXT, station TEXT, sessions INTEGER, PRIMARY KEY (week, station)) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS session_is_counted AFTER INSERT ON sessions BEGIN
    INSERT INTO session_counts VALUES (new.week, new.station, 1)
        ON CONFLICT DO UPDATE SET sessions = sessions + 1;
END;
"""
TRENDS_SCHEMA = """
CREATE TABLE IF NOT EXISTS trends (
    audience TEXT, level TEXT, area TEXT, district TEXT, weeks INTEGER, first TEXT, measure TEXT,
    n INTEGER, low_precision INTEGER, epsilon REAL, see TEXT, cells TEXT, percentiles TEXT,
    PRIMARY KEY (audience, level, area, measure, first, weeks)) STRICT;
CREATE INDEX IF NOT EXISTS trends_by_window ON trends (district, first, weeks, audience, level);
CREATE TABLE IF NOT EXISTS releases (week TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""

SESSION_KEY = "week, station, measure, at"
TREND_KEY = "audience, level, area, measure, first, weeks"
_COUNTS = f"{TREND_KEY}, district, n, low_precision, epsilon, see, cells"
_COLUMNS = f"{_COUNTS}, percentiles"
_KEEP = f"INSERT OR REPLACE INTO trends ({_COLUMNS}) VALUES ({', '.join('?' * 13)})"  # noqa: S608
_ROWS_AT_A_TIME = 1_000
_WINDOWS_KEPT = 1_024


class SqliteTrends:
    """Fulfils `ingest.store.trends.Trends`."""

    def __init__(self, sessions: SqliteFile, released: SqliteFile, expiry: Expiry) -> None:
        """`sessions` is the file of single sessions, `released` that of everything else."""
        self._sessions = sessions
        self._released = released
        self._expiry = expiry

    def weeks(self) -> list[Week]:
        """See `Trends.weeks`."""
        first = self._expiry.first_whole_week()
        query = "SELECT min(week) FROM session_counts WHERE week >= ?"
        found = []
        with self._sessions.connection() as database:
            (week,) = database.execute(query, (str(first or ""),)).fetchone()
            while week is not None:
                found.append(parse_week(week))
                (week,) = database.execute(query, (str(found[-1].following),)).fetchone()
        return found

    def session_counts(self, week: Week) -> dict[str, int]:
        """See `Trends.session_counts`."""
        query = "SELECT station, sessions FROM session_counts WHERE week = ?"
        with self._sessions.connection() as database:
            return dict(database.execute(query, (str(week),)))

    def sessions(self, week: Week, stations: Collection[str]) -> Iterator[Weekly]:
        """See `Trends.sessions`."""
        query = (
            "SELECT station, district, venue, measure, category, systolic, diastolic, glucose,"
            " single FROM sessions WHERE week = ? AND station = ?"
        )
        own = str(week)
        with self._sessions.connection() as database:
            for station in stations:
                for row in database.execute(query, (own, station)):
                    yield Weekly._make((week, *row[:-1], bool(row[-1]), 1))

    def publish(self, cells: Iterable[Cell], homes: Mapping[str, str]) -> None:
        """See `Trends.publish`."""
        rows = map(_row, populations(cells, homes))
        while some := list(islice(rows, _ROWS_AT_A_TIME)):
            with self._released.transaction() as database:
                database.executemany(_KEEP, some)

    def mark_released(self, week: Week) -> None:
        """See `Trends.mark_released`."""
        with self._released.transaction() as database:
            database.execute("INSERT OR IGNORE INTO releases VALUES (?)", (str(week),))

    def released_weeks(self) -> list[Week]:
        """See `Trends.released_weeks`."""
        with self._released.connection() as database:
            rows = database.execute("SELECT week FROM releases ORDER BY week").fetchall()
        return [parse_week(week) for (week,) in rows]

    def cells(self, audience: Audience, level: Level, area: str, measure: str) -> list[Cell]:
        """See `Trends.cells`."""
        where = "audience = ? AND level = ? AND area = ? AND measure = ?"
        return self._found(where, audience, level, area, measure)

    def compared(
        self,
        audience: Audience,
        level: Level,
        window: Block,
        measure: str,
        district: str = "",
        part: str = "",
    ) -> list[Cell]:
        """See `Trends.compared`."""
        where = (
            "district = ? AND first = ? AND weeks = ? AND audience = ? AND level = ?"
            " AND measure = ?"
        )
        home = district if level is Level.STATION else ""
        first = window.first.isoformat()
        key = (home, first, window.weeks, audience, level, measure)
        columns = _COLUMNS if not part or is_percentile(part) else _COUNTS
        return self._found(where, *key, columns=columns, part=part)

    def cells_within(self, block: Block, district: str = "") -> list[Cell]:
        """See `Trends.cells_within`."""
        where = "district = ? AND first BETWEEN ? AND ? AND weeks <= ?"
        first, last = block.first.isoformat(), block.last.isoformat()
        return self._found(where, district, first, last, block.weeks, columns=_COUNTS)

    def _found(
        self, where: str, *values: object, columns: str = _COLUMNS, part: str = ""
    ) -> list[Cell]:
        query = f"SELECT {columns} FROM trends WHERE {where}"  # noqa: S608  # constants only
        with self._released.connection() as database:
            rows = database.execute(query, values)
            return in_order(_population(row, part) for row in rows)


def _row(one: Population) -> tuple[object, ...]:
    audience, level, area, window, measure = one.name
    n, low_precision, epsilon, see = one.common
    key = (audience, level, area, measure, window.first.isoformat(), window.weeks)
    return (*key, one.district, n, int(low_precision), epsilon, see, *packed(one.told))


def _population(row: tuple[Any, ...], part: str) -> Population:
    audience, level, area, measure, first, weeks, district, n, low, epsilon, see, *cells = row
    return Population(
        Name(Audience(audience), Level(level), area, _window(first, weeks), measure),
        district,
        Common(n, bool(low), epsilon, Level(see) if see else None),
        unpacked(*cells, only=part),
    )


@lru_cache(_WINDOWS_KEPT)
def _window(first: str, weeks: int) -> Block:
    return block_of(week_of(date.fromisoformat(first)), weeks)
