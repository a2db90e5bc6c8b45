"""One worker at a time: a turn that others wait for, and that ends with the process that has it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import text

from contract.errors import StoreUnavailable
from ingest.operations.database import Database


@contextmanager
def file_turn(path: Path) -> Iterator[None]:
    """The turn among processes of one machine: a lock on the file at `path`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def postgresql_turn(database: Database, name: str) -> Iterator[None]:
    """The turn `name` among all that share a PostgreSQL."""
    number = int.from_bytes(sha256(f"kiosk {name}".encode()).digest()[:6])
    with database.look() as connection:
        # For the transaction, so that it ends with the connection whatever happens.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})
        yield


@contextmanager
def turn(database: Database, name: str) -> Iterator[None]:
    """Wait for the turn `name` among all workers, and have it for the length of the block.

    With SQLite they share a machine, and a lock on a file beside it will do. Raises
    StoreUnavailable.
    """
    file = database.engine.url.database
    with (
        file_turn(Path(f"{file}.{name}-lock"))
        if database.is_sqlite
        else postgresql_turn(database, name)
    ):
        yield
