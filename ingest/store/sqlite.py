"""The embedded store: one SQLite file in WAL mode, for the demo and for small deployments."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from weakref import finalize

from contract.errors import Reason, StoreUnavailable
from contract.places import CITY_ADCODE
from ingest.calendar import Week, parse_week, week_of
from ingest.records import Record, SessionRecord, UsageRecord
from ingest.store import HourOfWeek, Refusal
from ingest.store.sqlite_rollups import SCHEMA as ROLLUPS_SCHEMA
from ingest.store.sqlite_rollups import SqliteRollups
from ingest.trends import Cell, Counted, State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    station TEXT, measure TEXT, at INTEGER, week TEXT, district TEXT, category TEXT, subtype TEXT,
    systolic INTEGER, diastolic INTEGER, pulse INTEGER, single INTEGER, glucose REAL,
    PRIMARY KEY (station, measure, at)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_week ON sessions (week, district, category);
CREATE TABLE IF NOT EXISTS usage (
    station TEXT, start INTEGER, district TEXT, entries INTEGER, occupied REAL, mean REAL,
    peak INTEGER, level TEXT, PRIMARY KEY (station, start)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS released_weeks (week TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cells (
    week TEXT, area TEXT, category TEXT, state TEXT, n INTEGER, count INTEGER, share INTEGER,
    low_precision INTEGER, PRIMARY KEY (area, week, category)) STRICT, WITHOUT ROWID;
"""

_INSERT_SESSION = (
    # A replayed session keeps the week that it was first counted in.
    "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_INSERT_USAGE = "INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

_BUSY_SECONDS = 10.0
_DAYS_KEPT = 1_024
# A whole number beyond 64 bits, and a value of another type than its column.
_UNFIT = (OverflowError, sqlite3.IntegrityError)
_NOT_HELD = "the database cannot hold one of its values"
# Trends are defined for blood pressure only: no glucose category has a place among their cells,
# and its "high" would be taken for their part of that name. So weeks are released for blood
# pressure alone; glucose is kept until it has trends of its own.
_RELEASED = "measure = 'bp'"
# Asia/Shanghai is UTC+8 all year; 1 January 1970 was a Thursday, hence the 3.
_WEEKDAY = "((start + 28800) / 86400 + 3) % 7 + 1"
_HOUR = "(start + 28800) / 3600 % 24"


class SqliteStore:
    """Fulfils `ingest.store.Store`; threads may share it, each call opens its own connection."""

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.rollups = SqliteRollups(self._connection, self._transaction)
        with self._connection() as database:
            database.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA + ROLLUPS_SCHEMA)
        with self._transaction() as database:
            _add_glucose(database)
            # One connection stays open, unused: when the last one closes, SQLite moves the whole
            # log into the database and deletes it, which would cost small batches two more syncs.
            anchor = sqlite3.connect(path, check_same_thread=False)
            finalize(self, anchor.close)
            anchor.execute("SELECT count(*) FROM released_weeks").fetchall()

    def write(self, records: Sequence[Record]) -> list[Refusal]:
        """See `Store.write`."""
        try:
            self._write(records)
        except _UNFIT:
            return self._write_singly(records)
        return []

    def _write(self, records: Sequence[Record]) -> None:
        sessions = [record for record in records if isinstance(record, SessionRecord)]
        usage = [record for record in records if isinstance(record, UsageRecord)]
        with self._transaction() as database:
            open_week = _earliest_open(database)
            database.executemany(
                _INSERT_SESSION, (_session_row(record, open_week) for record in sessions)
            )
            # The fields of a usage record are the table's columns, in order.
            database.executemany(_INSERT_USAGE, usage)

    def _write_singly(self, records: Sequence[Record]) -> list[Refusal]:
        """The same, record by record, to find those that do not fit the tables."""
        refusals = []
        with self._transaction() as database:
            open_week = _earliest_open(database)
            for index, record in enumerate(records):
                try:
                    if isinstance(record, SessionRecord):
                        database.execute(_INSERT_SESSION, _session_row(record, open_week))
                    else:
                        database.execute(_INSERT_USAGE, record)
                except _UNFIT:
                    refusals.append(Refusal(index, Reason.STORE_REFUSED, _NOT_HELD))
        return refusals

    def release(
        self, upto: Week, compute: Callable[[Iterable[Counted]], Sequence[Cell]]
    ) -> list[Week]:
        """See `Store.release`."""
        with self._transaction() as database:
            weeks = _unreleased(database, upto)
            for week in weeks:
                query = f"SELECT district, category FROM sessions WHERE week = ? AND {_RELEASED}"  # noqa: S608
                found = database.execute(query, (str(week),))
                cells = compute(Counted(week, *row) for row in found)
                database.executemany(
                    "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (_cell_row(cell) for cell in cells),
                )
                database.execute("INSERT INTO released_weeks VALUES (?)", (str(week),))
        return weeks

    def released_weeks(self) -> list[Week]:
        """See `Store.released_weeks`."""
        with self._connection() as database:
            rows = database.execute("SELECT week FROM released_weeks ORDER BY week").fetchall()
        return [parse_week(week) for (week,) in rows]

    def cells(self, area: str) -> list[Cell]:
        """See `Store.cells`."""
        query = (
            "SELECT week, area, category, state, n, count, share, low_precision"
            " FROM cells WHERE area = ? ORDER BY week, category"
        )
        with self._connection() as database:
            rows = database.execute(query, (area,)).fetchall()
        return [
            Cell(parse_week(week), where, category, State(state), n, count, share, bool(low))
            for week, where, category, state, n, count, share, low in rows
        ]

    def session_count(self, week: Week) -> int:
        """See `Store.session_count`."""
        with self._connection() as database:
            query = f"SELECT count(*) FROM sessions WHERE week = ? AND {_RELEASED}"  # noqa: S608
            count: int = database.execute(query, (str(week),)).fetchone()[0]
        return count

    def usage_stations(self, since: int, area: str) -> int:
        """See `Store.usage_stations`."""
        query = "SELECT count(DISTINCT station) FROM usage WHERE start >= ? AND ? IN (district, ?)"
        with self._connection() as database:
            count: int = database.execute(query, (since, area, CITY_ADCODE)).fetchone()[0]
        return count

    def usage_profile(self, since: int, area: str) -> list[HourOfWeek]:
        """See `Store.usage_profile`."""
        query = (
            f"SELECT {_WEEKDAY}, {_HOUR}, avg(mean) FROM usage"  # noqa: S608  # constants only
            " WHERE start >= ? AND ? IN (district, ?) AND mean IS NOT NULL"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )
        with self._connection() as database:
            rows = database.execute(query, (since, area, CITY_ADCODE)).fetchall()
        return [HourOfWeek(*row) for row in rows]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as database:
                database.execute("PRAGMA synchronous=FULL")
                yield database
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as database:
            database.execute("BEGIN IMMEDIATE")  # closing the connection rolls back
            yield database
            database.execute("COMMIT")


def _add_glucose(database: sqlite3.Connection) -> None:
    """A file from before glucose has every column but this one."""
    columns = database.execute("SELECT name FROM pragma_table_info('sessions')").fetchall()
    if ("glucose",) not in columns:
        database.execute("ALTER TABLE sessions ADD COLUMN glucose REAL")


def _earliest_open(database: sqlite3.Connection) -> Week | None:
    (last,) = database.execute("SELECT max(week) FROM released_weeks").fetchone()
    return parse_week(last).following if last else None


def _unreleased(database: sqlite3.Connection, upto: Week) -> list[Week]:
    query = f"SELECT min(week) FROM sessions WHERE {_RELEASED}"  # noqa: S608
    (oldest,) = database.execute(query).fetchone()
    week = _earliest_open(database) or (parse_week(oldest) if oldest else None)
    weeks = []
    while week is not None and week <= upto:
        weeks.append(week)
        week = week.following
    return weeks


def _session_row(record: SessionRecord, open_week: Week | None) -> tuple[object, ...]:
    return (
        record.station,
        record.measure,
        record.at,
        _counted_in(record.day, open_week),
        record.district,
        record.category,
        record.subtype,
        record.systolic,
        record.diastolic,
        record.pulse,
        int(record.single),
        record.glucose,
    )


@lru_cache(_DAYS_KEPT)
def _counted_in(day: date, open_week: Week | None) -> str:
    own = week_of(day)
    return str(max(own, open_week) if open_week else own)


def _cell_row(cell: Cell) -> tuple[object, ...]:
    return (
        str(cell.window),
        cell.area,
        cell.category,
        cell.state,
        cell.n,
        cell.count,
        cell.share,
        int(cell.low_precision),
    )
