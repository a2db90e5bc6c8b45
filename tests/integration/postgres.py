"""A real PostgreSQL on a free port of this machine, with a fresh database for each test."""

import os
import shutil
import signal
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

    def __init__(self, port: int, directory: Path, user: str | None) -> None:
        self._port = port
        self._directory = directory
        self._user = user
        self._numbers = count(1)

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        options = " ".join((*_OPTIONS, "-p", str(self._port)))
        self._control("-t", "60", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, and with it every connection."""
        self._control("-m", "immediate", "stop")

    def hang(self) -> None:
        """Stop all its processes in their tracks: connections stay and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a hanging server go on."""
        self._signal(signal.SIGCONT)

    def _control(self, *arguments: str) -> None:
        _run(("pg_ctl", "-D", "data", "-w", *arguments), self._directory, self._user)

    def _signal(self, number: signal.Signals) -> None:
        parent = int((self._directory / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in (parent, *map(int, children)):
            os.kill(pid, number)

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
        server = Postgres(port, directory, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
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
