"""One worker at a time: a turn that others wait for, and that ends with the process that has it."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import make_url, text

from contract.errors import StoreUnavailable
from ingest.operations.database import Database

TakeTurn = Callable[[], AbstractContextManager[None]]
"""Waits for the turn, has it for the length of the block; raises StoreUnavailable."""

_RELEASE_LOCK = 0x6B69_6F73  # any number that nothing else in the database locks


def release_turn(operations_url: str) -> TakeTurn:
    """The turn to release weeks, among all workers that share the operational database.

    With SQLite they share a machine, and a lock on a file beside it will do; with PostgreSQL it is
    an advisory lock there.
    """
    url = make_url(operations_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return partial(_file_turn, Path(f"{url.database}.release-lock"))
    return partial(_postgresql_turn, Database(operations_url))


@contextmanager
def _file_turn(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _postgresql_turn(database: Database) -> Iterator[None]:
    with database.look() as connection:
        # For the transaction, so that it ends with the connection whatever happens.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _RELEASE_LOCK})
        yield
