"""What systemd is told of this process: that it is ready, how it is, that it lives or ends."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """The way to systemd's notification socket; without one nothing happens.

    `address` is a path, or "@" and an abstract name. `watchdog_seconds` is the time within which
    systemd expects `alive` again, None if it does not watch.
    """

    def __init__(self, address: str | None = None, watchdog_seconds: float | None = None) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    def ready(self) -> None:
        """The station's file is open and every loop runs; said again it changes nothing."""
        self._tell("READY=1")

    def status(self, words: str) -> None:
        """What `systemctl status` shows; it must be the same whoever measures."""
        self._tell(f"STATUS={words}")

    def alive(self) -> None:
        """The next watchdog period begins."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The process was told to end and is cleaning up."""
        self._tell("STOPPING=1")

    def _tell(self, line: str) -> None:
        if self._address is None:
            return
        address = self._address
        if address.startswith("@"):
            address = "\0" + address[1:]
        # Nothing hangs on one message: a watchdog that hears none for long ends the process.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(line.encode(), address)


def from_environment(environment: Mapping[str, str], pid: int | None = None) -> Notifier:
    """The notifier that systemd's variables describe for the process `pid`, or for this one.

    A watchdog that is meant for another process, or a period that is no number, is none.
    """
    address = environment.get("NOTIFY_SOCKET") or None
    if address is not None and address[0] not in "/@":
        address = None  # such as vsock:, for a whole virtual machine
    period = environment.get("WATCHDOG_USEC", "")
    watched = environment.get("WATCHDOG_PID", str(os.getpid() if pid is None else pid))
    mine = watched == str(os.getpid() if pid is None else pid)
    if address is None or not mine or not period.isdecimal() or int(period) == 0:
        return Notifier(address)
    return Notifier(address, int(period) / 1_000_000)
