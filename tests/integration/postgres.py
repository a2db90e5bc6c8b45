"""A real PostgreSQL on a free port of this machine, with a fresh database for each test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from health_kiosk.ports import free_port

_HOST = "127.0.0.1"
_USER = "kiosk"
_OPTIONS = ("-c", "fsync=off", "-c", "unix_socket_directories=", "-c", f"listen_addresses={_HOST}")


class Postgres:
    """One server; `database()` gives the URL of a new and empty database on it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count(1)

    def database(self) -> str:
        """The SQLAlchemy URL of a database that nobody has used."""
        name = f"kiosk{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql://{_USER}@{_HOST}:{self._port}/{name}"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server in a directory of its own, stopped and deleted at the end."""
    # PostgreSQL refuses to run as root; Debian's package makes a user for it.
    user = "postgres" if os.getuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="kiosk-postgres-"))
    if user is not None:
        shutil.chown(directory, user)
    port = free_port()
    try:
        _run(
            ("initdb", "-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync"),
            directory,
            user,
        )
        options = " ".join((*_OPTIONS, "-p", str(port)))
        _run(
            ("pg_ctl", "-D", "data", "-w", "-t", "60", "-l", "log", "-o", options, "start"),
            directory,
            user,
        )
        try:
            yield Postgres(port)
        finally:
            _run(("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop"), directory, user)
    finally:
        shutil.rmtree(directory)


def _run(command: tuple[str, ...], directory: Path, user: str | None) -> None:
    program = _program(command[0])
    # The server inherits what pg_ctl writes to, so that must not be a pipe somebody reads.
    with (directory / "output").open("ab") as output:
        done = subprocess.run(
            (program, *command[1:]), cwd=directory, user=user, stdout=output, stderr=output
        )
    if done.returncode:
        told = "".join(path.read_text() for path in directory.glob("[ol]*") if path.is_file())
        raise RuntimeError(f"{command[0]} failed:\n{told}")


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, reversed(versions))])
    found = shutil.which(name, path=places)
    if found is None:
        raise RuntimeError("these tests need PostgreSQL: apt-get install postgresql")
    return found
