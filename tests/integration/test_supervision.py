"""A real agent under the test's own notification socket: fed while every loop turns, not longer.

A system bus that takes the connection and then says nothing is the radio loop's honest trap: there
is no answer to wait for and no error to recover from.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from tests.integration.broker import running_broker

WATCHDOG_SECONDS = 0.8


class Systemd:
    """The other end of the notification socket."""

    def __init__(self, ears: socket.socket) -> None:
        self._ears = ears
        self.heard: list[str] = []

    def until(self, word: str, times: int = 1) -> list[str]:
        """Wait until `word` came so many times; returns all that was heard meanwhile."""
        since: list[str] = []
        deadline = monotonic() + 30
        while since.count(word) < times:
            assert monotonic() < deadline, since
            since.append(self._ears.recv(1000).decode())
        self.heard += since
        return since


@contextmanager
def agent(directory: Path, bus: str) -> Iterator[tuple[Systemd, "subprocess.Popen[bytes]"]]:
    """An agent with a cuff to listen for on the system bus at `bus`."""
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(directory))
        settings = directory / "station.toml"
        settings.write_text(
            '[station]\nid = "A"\n'
            f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\nreceipt_timeout_seconds = 0.2\n'
            '[radio]\ndevices = ["C0:FF:EE:00:00:01"]\nretry_seconds = 0.1\n'
            "deaf_after_seconds = 0.4\n"
            f'[outbox]\npath = "{directory}/outbox.sqlite"\n'
        )
        ears = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        ears.bind(str(directory / "notify"))
        ears.settimeout(30)
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "health_kiosk", "edge", "--config", str(settings)],
                env={
                    **os.environ,
                    "NOTIFY_SOCKET": str(directory / "notify"),
                    "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1_000_000)),
                    "DBUS_SYSTEM_BUS_ADDRESS": bus,
                },
                stderr=subprocess.PIPE,
            )
        )
        try:
            yield Systemd(ears), process
        finally:
            process.kill()


def test_the_watchdog_is_fed_from_ready_to_the_end(tmp_path: Path) -> None:
    with agent(tmp_path, f"unix:path={tmp_path}/no-bus") as (systemd, process):
        # The radio has no bus and tries again and again: that is a turn, not a standstill.
        assert systemd.until("WATCHDOG=1", 8)[0] == "READY=1"
        assert (tmp_path / "outbox.sqlite").exists()
        process.send_signal(signal.SIGTERM)
        systemd.until("STOPPING=1")
        assert process.wait(10) == 0
    assert systemd.heard.count("READY=1") == 1
    assert not [word for word in systemd.heard if word.startswith("STATUS=stuck")]


def test_a_stuck_radio_is_named_and_the_watchdog_starves_until_it_turns_again(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        with agent(tmp_path, f"unix:path={tmp_path}/bus") as (systemd, process):
            systemd.until("WATCHDOG=1", 3)
            systemd.until("STATUS=stuck: radio")
            starved = systemd.until("STATUS=stuck: radio", 6)
            assert starved == ["STATUS=stuck: radio"] * 6
            (tmp_path / "bus").unlink()
            bus.close()
            systemd.until("STATUS=every loop turns")
            systemd.until("WATCHDOG=1", 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            log = process.stderr.read().decode() if process.stderr else ""
    assert log.count("no progress: radio\n") == 1
