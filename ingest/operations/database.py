"""The only door to the operational database: connections, transactions, and the steps to its form.

Every failure to reach or to use it is a StoreUnavailable: nothing was committed, try again.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import OperationalError as SqliteError
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Insert,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)

from contract.errors import StoreUnavailable

Row = dict[str, Any]

FIRST = "0001"
"""The step that databases from before there were steps have reached."""

HEAD = "0004"
"""The latest step."""

_LOCK = 0x6B696F736B  # one number for all that must not run twice at a time
# What a URL may say otherwise. A server that has vanished is noticed within a minute; one that is
# merely slow is waited for.
_DEFAULTS: dict[str, dict[str, int]] = {
    "sqlite": {"timeout": 20},  # seconds until another writer has finished
    "postgresql": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    },
}
_READS = "kiosk_only_reads"
_START_SECONDS = 20.0
_PAUSE_SECONDS = 0.02
# Also a full disk, too many at once, and a server that is a replica for now and only reads.
_AWAY = (OperationalError, InterfaceError, InternalError, TimeoutError)


class Database:
    """Connections to one operational database, brought to its present form."""

    def __init__(self, url: str) -> None:
        """Connect to the SQLAlchemy `url` and take whatever steps are missing.

        Raises StoreUnavailable if it cannot be reached.
        """
        address = _with_driver(url)
        self.engine = create_engine(address, pool_pre_ping=True, connect_args=_defaults(address))
        self._reading = self.engine.execution_options(**{_READS: True})
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.insert = sqlite.insert if self.is_sqlite else postgresql.insert
        if self.is_sqlite:
            event.listen(self.engine, "connect", _durable)
            event.listen(self.engine, "begin", _begin_writing)
        self._migrate()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back on any error."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except _AWAY as error:
            raise StoreUnavailable(f"operational database: {_reason(error)}") from error

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A transaction that only reads, and so waits for nobody."""
        try:
            with self._reading.begin() as connection:
                yield connection
        except _AWAY as error:
            raise StoreUnavailable(f"operational database: {_reason(error)}") from error

    @contextmanager
    def begin_alone(self) -> Iterator[Connection]:
        """A transaction that waits for any other of its kind, in whatever worker."""
        with self.begin() as connection:
            if not self.is_sqlite:  # SQLite has one writer at a time as it is
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    def upsert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert `rows`; those whose key is there already replace what stands there."""
        if not rows:
            return
        statement = self.insert(table)
        changes = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if not column.primary_key and column.name in rows[0]
        }
        connection.execute(
            statement.on_conflict_do_update(index_elements=table.primary_key, set_=changes), rows
        )

    def positional(self, statement: Insert) -> str:
        """`statement` as the driver takes it, with a place for each column in order."""
        dialect: Dialect = (
            sqlite.dialect(paramstyle="qmark")
            if self.is_sqlite
            else postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
        )
        return str(statement.compile(dialect=dialect))

    def _migrate(self) -> None:
        with self.look() as connection:
            if _step_of(connection) == HEAD:
                return
        with self.begin_alone() as connection:
            _take_missing_steps(connection)


def _take_missing_steps(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it talks while it is imported
    # Imported late: it is needed once in a version's life, and is larger than all the rest.
    from alembic import command
    from alembic.config import Config

    steps = Config()
    steps.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    steps.attributes["connection"] = connection
    if _step_of(connection) == FIRST:
        command.stamp(steps, FIRST)
    command.upgrade(steps, "head")


def _step_of(connection: Connection) -> str | None:
    """The last step that was taken, None for an empty database."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return FIRST if "ledger" in tables else None


def _reason(error: SQLAlchemyError) -> str:
    """What the database said, in one line, without the statement and its values."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def _defaults(address: URL) -> dict[str, int]:
    defaults = _DEFAULTS.get(address.get_backend_name(), {})
    return {name: value for name, value in defaults.items() if name not in address.query}


def _with_driver(url: str) -> URL:
    """The URL with psycopg 3 as the driver of PostgreSQL, unless it names another."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _durable(connection: Any, _: object) -> None:
    # Transactions begin when SQLAlchemy says so and not when Python's driver guesses.
    connection.isolation_level = None
    _log_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _log_ahead(connection: Any) -> None:
    """Switch the file to its write-ahead log, once for ever.

    SQLite does not wait by itself for this one lock, and workers may start together.
    """
    until = monotonic() + _START_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except SqliteError:
            if monotonic() > until:
                raise
            sleep(_PAUSE_SECONDS)


def _begin_writing(connection: Connection) -> None:
    # One that reads first and writes afterwards would fail if another wrote meanwhile.
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
