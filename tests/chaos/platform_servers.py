"""The servers of a chaos platform: broker and databases at the far ends of the roads."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from time import monotonic

from health_kiosk.ports import free_port
from tests.integration.broker import Broker
from tests.integration.influx import HOST, Influx
from tests.integration.postgres import Postgres

_SERVER = (
    "fsync=on", "recovery_init_sync_method=syncfs", "unix_socket_directories=",
    "shared_buffers=16MB", "wal_level=minimal", "max_wal_senders=0",
    "min_wal_size=2MB", "max_wal_size=16MB",
)  # fmt: skip
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.05


class FarBroker:
    """A real mosquitto that also listens at the far ends; what it holds survives it, mostly."""

    name = "broker"

    def __init__(self, directory: Path, far_host: str) -> None:
        port = free_port()
        self._broker = Broker(directory, extra=f"listener {port} {far_host}", persistent=True)
        self.port = port
        self._runs = False

    def start(self) -> None:
        """Start it, if it does not run; returns when it listens."""
        if not self._runs:
            self._broker.start()
            self._runs = True

    def kill(self) -> None:
        """SIGKILL: what it had not written within the last second is lost."""
        if self._runs:
            self._broker.kill()
            self._runs = False

    def hang(self) -> None:
        """SIGSTOP."""
        os.kill(self._broker.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        if self._runs:
            os.kill(self._broker.pid, signal.SIGCONT)


class FarPostgres(Postgres):
    """A real PostgreSQL on the disk that can be filled; workers find it at the far end."""

    name = "PostgreSQL"

    def __init__(self, directory: Path, far_host: str) -> None:
        user = "postgres" if os.getuid() == 0 else None
        directory.mkdir(mode=0o755)
        if user is not None:
            shutil.chown(directory, user)
        self.port = free_port()
        super().__init__(self.port, directory, user)
        self._listens = f"listen_addresses={'*' if far_host == '0.0.0.0' else far_host}"
        self._place = directory / "data"
        from tests.integration.postgres import _run

        _run(
            ("initdb", "-D", "data", "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--wal-segsize=1"),
            directory,
            user,
        )  # fmt: skip
        with (self._place / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")

    def start(self) -> None:
        """Start it, if it does not run; returns when it takes connections."""
        if self._postmaster() is None:
            options = " ".join(f"-c {one}" for one in (*_SERVER, self._listens))
            self._control("-t", "60", "-l", "log", "-o", f"{options} -p {self.port}", "start")

    def kill(self) -> None:
        """SIGKILL of all its processes at once; returns when none of them is left."""
        pids = self._pids()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # One that dies late still holds the shared memory, and the next start would be refused.
        until, pause = monotonic() + _PATIENCE_SECONDS, Event()
        while any(_lives(pid) for pid in pids):
            assert monotonic() < until, "PostgreSQL does not die"
            pause.wait(_PAUSE_SECONDS)
        # A zombie that nobody has buried yet would pass for a running server.
        (self._place / "postmaster.pid").unlink(missing_ok=True)

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        self.resume()
        self.kill()

    def hang(self) -> None:
        """SIGSTOP of all its processes."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pids(self) -> list[int]:
        parent = self._postmaster()
        if parent is None:
            return []
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            return []
        return [parent, *map(int, children)]

    def _postmaster(self) -> int | None:
        """The id of the running server; None if there is none."""
        try:
            pid = int((self._place / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return pid if _lives(pid) else None


def _lives(pid: int) -> bool:
    """Whether this is a process of PostgreSQL that has not ended; a zombie has."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "(postgres" in name and rest.split()[0] not in "ZX"


class FarInflux(Influx):
    """A real influxd on the disk that can be filled, behind nginx at the far end."""

    name = "influxd"

    def __init__(self, directory: Path, far_host: str) -> None:
        directory.mkdir()
        super().__init__(directory)
        file = directory / "nginx.conf"
        mine, far = f"listen {HOST}:{self.port};", f"listen {far_host}:{self.port};"
        assert mine in file.read_text()
        file.write_text(file.read_text().replace(mine, far))

    def hang(self) -> None:
        """SIGSTOP, if it runs."""
        if self._influxd is not None:
            super().hang()

    def resume(self) -> None:
        """SIGCONT, if it runs."""
        if self._influxd is not None:
            super().resume()

    def start(self) -> None:
        """Start what does not run any more; it may have died of a full disk."""
        if self._influxd is not None and self._influxd.poll() is not None:
            self._influxd = None
        super().start()


@contextmanager
def running_broker(directory: Path, far_host: str) -> Iterator[FarBroker]:
    """A broker that does not outlive its test."""
    broker = FarBroker(directory, far_host)
    broker.start()
    try:
        yield broker
    finally:
        broker.resume()
        broker.kill()


@contextmanager
def running_postgres(directory: Path, far_host: str) -> Iterator[FarPostgres]:
    """A database server that does not outlive its test."""
    server = FarPostgres(directory, far_host)
    try:
        server.start()
        yield server
    finally:
        server.end()


@contextmanager
def running_influx(directory: Path, far_host: str) -> Iterator[FarInflux]:
    """An InfluxDB with empty buckets that does not outlive its test."""
    influx = FarInflux(directory, far_host)
    try:
        influx.start()
        influx.reset()
        yield influx
    finally:
        influx.resume()
        influx.stop()
