"""One SQLite file of the embedded store: opened for each call, written by one at a time."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from weakref import finalize

from contract.errors import StoreUnavailable

_BUSY_SECONDS = 10.0
_ROWS_AT_A_TIME = 5_000
_PAUSE_SECONDS = 0.02
_START_SECONDS = 20.0


class SqliteFile:
    """A file in WAL mode; threads may share it, each call opens its own connection."""

    def __init__(self, path: Path, schema: str) -> None:
        """Open or create the file, for its owner alone, with the tables of `schema`."""
        self._path = path
        _make(path)
        with self.connection() as database:
            _log_ahead(database)
            database.executescript(schema)
        # One connection stays open, unused: when the last one closes, SQLite moves the whole log
        # into the database and deletes it, which would cost small batches two more syncs.
        anchor = sqlite3.connect(path, check_same_thread=False)
        finalize(self, anchor.close)
        anchor.execute("SELECT count(*) FROM sqlite_master").fetchall()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection to read by; raises StoreUnavailable."""
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as database:
                database.execute("PRAGMA synchronous=FULL")
                yield database
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection to write by, which keeps other writers out; durable at its end."""
        with self.connection() as database:
            database.execute("PRAGMA secure_delete=ON")
            database.execute("BEGIN IMMEDIATE")  # closing the connection rolls back
            yield database
            database.execute("COMMIT")

    def delete(self, table: str, key: str, where: str, *values: object) -> int:
        """Delete rows for good, a few thousand at a time; other writers come in between.

        `key` are the columns of the primary key. Returns how many went.
        """
        some = f"SELECT {key} FROM {table} WHERE {where} LIMIT {_ROWS_AT_A_TIME}"  # noqa: S608
        statement = f"DELETE FROM {table} WHERE ({key}) IN ({some})"  # noqa: S608
        gone, more = 0, True
        while more:
            with self.transaction() as database:
                count = database.execute(statement, values).rowcount
            gone += count
            more = count == _ROWS_AT_A_TIME
            if more:
                sleep(_PAUSE_SECONDS)  # who waits for the lock looks for it now and again
        return gone

    def forget(self) -> None:
        """Empty the log of what was deleted, if nobody is reading it just now."""
        with self.connection() as database:
            database.execute("PRAGMA busy_timeout=0")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _make(path: Path) -> None:
    """Make an empty file that only its owner may open; SQLite gives its log the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error


def _log_ahead(database: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log, once for ever.

    SQLite does not wait by itself for this one lock, and workers may start together.
    """
    until = monotonic() + _START_SECONDS
    while database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            database.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if monotonic() > until:
                raise
            sleep(_PAUSE_SECONDS)
