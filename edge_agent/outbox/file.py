"""The open file: each write is one durable transaction, or OutboxUnavailable and nothing."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from contract.condition import Storage
from edge_agent.outbox import giving_up
from edge_agent.outbox.failures import Outcome, free_bytes, outcome, raise_for, translated
from edge_agent.outbox.records import Limits
from edge_agent.outbox.reserve import Reserve

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""What is done inside a transaction; it may be done again after room was made."""

_FIRST_ROUND = 128 * 1024
_PATIENCE_SECONDS = 1.0


class File:
    """An open SQLite file; use it from one thread."""

    def __init__(
        self,
        path: Path,
        limits: Limits,
        database: sqlite3.Connection,
        *,
        is_read_only: bool = False,
    ) -> None:
        """`database` is the open connection, see `edge_agent.outbox.opening`."""
        self._path = path
        self._limits = limits
        self._database = database
        self._reserve = Reserve(path, limits.reserve_bytes)
        self._owes_checkpoint = False
        self._is_held = False
        self.is_read_only = is_read_only
        """Whether it has to be opened again before it can be written to."""
        self.storage = Storage.READ_ONLY if is_read_only else Storage.SOUND
        """What the last write has met."""

    def close(self) -> None:
        """Close the file; what the write-ahead log holds goes into it."""
        self._database.close()

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        with translated(self._path):
            return self._database.execute(query, values).fetchall()

    def read(self, work: Work[T]) -> T:
        """Do `work` that only reads."""
        with translated(self._path):
            return work(self._database)

    def write(self, work: Work[T], *, frees: bool = False) -> T:
        """Commit `work` durably; raises OutboxUnavailable and changes nothing if that fails.

        On a full disk or quota room is made and `work` is done once more. `frees` says that it
        deletes more than it adds: then no usage is given up for it.
        """
        try:
            if self.is_read_only:
                self._reopen()
            self._keep_from_growing()
            result = self._commit(work)
        except sqlite3.Error as error:
            result = self._commit_with_room(work, error, frees=frees)
        self.storage = Storage.SOUND
        if self._owes_checkpoint:
            self.empty_log()
        self._reserve.lay_in()
        return result

    def _keep_from_growing(self) -> None:
        """Without its reserve, on a full disk, the file makes do with its own free pages.

        What the reserve held is working space for the log then. If the file grew into it, not
        even a receipt could delete anything any more.
        """
        if self._reserve.is_spent != self._is_held:
            self._is_held = self._reserve.is_spent and self._reserve.has_no_space
            limit(self._database, self._limits)
            if self._is_held:
                ((pages,),) = self._database.execute("PRAGMA page_count").fetchall()
                self._database.execute(f"PRAGMA max_page_count={pages}").fetchall()

    def empty_log(self) -> None:
        """Write the log into the file and truncate it; owed to the next write if it cannot be."""
        if not self._checkpoint():
            if free_bytes(self._path) < self._limits.reserve_bytes:
                self._reserve.spend()  # exact values in the log are worth more
            self._owes_checkpoint = not self._checkpoint()
        else:
            self._owes_checkpoint = False

    def _checkpoint(self) -> bool:
        try:
            ((busy, _, _),) = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            if outcome(error, self._path) in (Outcome.DAMAGED, Outcome.BUG):
                with translated(self._path):
                    raise
            return False
        return bool(busy == 0)

    def _reopen(self) -> None:
        """Open the file again: its file system may let itself be written to by now.

        The old connection goes first: SQLite shares what it knows of a file within a process.
        """
        self._database.close()
        try:
            self._database = connect(self._path)
        except sqlite3.Error:
            self._database = connect_to_read(self._path)
            raise
        limit(self._database, self._limits)
        self._is_held = False
        self.is_read_only = False

    def _commit(self, work: Work[T]) -> T:
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            result = work(database)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return result

    def _commit_with_room(self, work: Work[T], error: sqlite3.Error, *, frees: bool) -> T:
        if outcome(error, self._path) is Outcome.FULL:
            for _ in self._rounds(frees=frees):
                try:
                    return self._commit(work)
                except sqlite3.Error as again:
                    error = again
        meaning = outcome(error, self._path)
        if meaning is Outcome.FULL:
            self.storage = Storage.FULL
        elif meaning is Outcome.UNWRITABLE:
            self.storage = Storage.READ_ONLY
            self.is_read_only = True  # this connection may never write again: open another
        raise_for(error, meaning)
        raise error

    def _rounds(self, *, frees: bool) -> Iterator[None]:
        """Make room, more in each round."""
        disk_is_full = free_bytes(self._path) < self._limits.reserve_bytes
        if frees or disk_is_full:
            self._reserve.spend()
            self.empty_log()
        if frees:
            with self._fast_deletion():
                yield
            return
        wanted = _FIRST_ROUND
        if disk_is_full:
            self._keep_from_growing()
            yield  # its free pages may do
            wanted = max(wanted, self._limits.reserve_bytes)
        while self._make_room(wanted):
            self.empty_log()
            yield
            wanted *= 4

    def _make_room(self, wanted: int) -> bool:
        try:
            with self._fast_deletion():
                return self._commit(lambda database: giving_up.make_room(database, wanted))
        except sqlite3.Error as error:
            if outcome(error, self._path) in (Outcome.FULL, Outcome.UNWRITABLE):
                return False
            raise

    @contextmanager
    def _fast_deletion(self) -> Iterator[None]:
        """What is numbered is not personal: to overwrite it would cost the space that is wanted."""
        self._database.execute("PRAGMA secure_delete=FAST").fetchall()
        try:
            yield
        finally:
            self._database.execute("PRAGMA secure_delete=ON").fetchall()


def connect(path: Path) -> sqlite3.Connection:
    """A connection with everything switched on that durability and privacy need.

    Raises an error of SQLite's if the file cannot be written to.
    """
    database = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)
    try:
        prepare(database)
        try_to_write(database)
    except BaseException:
        database.close()
        raise
    return database


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that never writes; SQLite wants to be told that nobody else can."""
    log = path.with_name(f"{path.name}-wal")
    is_live = os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size)
    how = "mode=ro" if is_live else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)


def prepare(database: sqlite3.Connection) -> None:
    """Switch on the write-ahead log, `synchronous=FULL` and secure deletion."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        database.execute(f"PRAGMA {pragma}").fetchall()


def try_to_write(database: sqlite3.Connection) -> None:
    """Raise an error of SQLite's if nothing can be written: it opens read-only files silently."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(f"PRAGMA user_version = {version}")
    finally:
        database.execute("ROLLBACK")


def limit(database: sqlite3.Connection, limits: Limits) -> None:
    """Let the file grow to `limits.max_bytes`, and the log to half of the reserve.

    So the reserve is enough to write the log into a file on a full disk.
    """
    (size,) = database.execute("PRAGMA page_size").fetchone()
    pages = max(limits.reserve_bytes // 2 // size, 1)
    database.execute(f"PRAGMA wal_autocheckpoint={pages}").fetchall()
    database.execute(f"PRAGMA max_page_count={max(limits.max_bytes // size, 1)}").fetchall()
