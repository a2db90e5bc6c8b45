"""A real mosquitto on a free port of this machine, which a test may kill and start again."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from getpass import getuser
from pathlib import Path

from health_kiosk.ports import free_port

HOST = "127.0.0.1"


@contextmanager
def running_broker(
    directory: Path, *, extra: str = "", persistent: bool = False
) -> Iterator["Broker"]:
    """A broker that queues without bound and is stopped at the end.

    `extra` is added to its configuration. With `persistent` it writes its state into `directory`
    every second and reads it when it starts again.
    """
    broker = Broker(directory, extra=extra, persistent=persistent)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Broker:
    """One mosquitto with its own port and configuration; its log is `mosquitto.log`."""

    def __init__(self, directory: Path, *, extra: str, persistent: bool) -> None:
        self.host = HOST
        self.port = free_port()
        self._log = directory / "mosquitto.log"
        self._configuration = directory / "mosquitto.conf"
        self._configuration.write_text(
            f"listener {self.port} {self.host}\n"
            "allow_anonymous true\n"
            f"user {getuser()}\n"  # or root would become one who may not write to `directory`
            "max_queued_messages 0\n"
            "max_inflight_messages 0\n"
            "connection_messages false\n"
            "log_dest stderr\n"
            f"persistence {str(persistent).lower()}\n"
            + (f"persistence_location {directory}/\nautosave_interval 1\n" if persistent else "")
            + extra
            + "\n"
        )
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        return self._running().pid

    def start(self) -> None:
        """Start it; returns when it listens, raises RuntimeError with its log when it does not."""
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
        program = shutil.which("mosquitto", path=path)
        if program is None:
            raise RuntimeError("these tests need mosquitto: apt-get install mosquitto")
        self._process = subprocess.Popen(
            (program, "-c", str(self._configuration)), stderr=subprocess.PIPE, text=True
        )
        is_listening, is_decided = threading.Event(), threading.Event()
        self._reader = threading.Thread(target=self._read_log, args=(is_listening, is_decided))
        self._reader.start()
        is_decided.wait()
        if not is_listening.is_set():
            self._wait()
            raise RuntimeError(f"mosquitto did not start:\n{self._log.read_text()}")

    def kill(self) -> None:
        """SIGKILL it: what it had not written to disk is lost."""
        self._running().kill()
        self._wait()

    def stop(self) -> None:
        """Terminate it, if it runs; it writes its state first."""
        while self._process is not None:
            self._process.terminate()
            # mosquitto forgets a SIGTERM that comes between its word "running" and its first loop.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
                self._wait()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the broker is not running")
        return self._process

    def _wait(self) -> None:
        process = self._running()
        process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stderr is not None:
            process.stderr.close()
        self._process = None

    def _read_log(self, is_listening: threading.Event, is_decided: threading.Event) -> None:
        lines = self._running().stderr or ()
        with self._log.open("a") as log:
            for line in lines:
                log.write(line)
                log.flush()
                if line.rstrip().endswith(" running"):
                    is_listening.set()
                    is_decided.set()
        is_decided.set()
