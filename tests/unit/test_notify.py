"""What systemd hears, over real sockets, and when nobody is told anything."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_agent.notify import Notifier, from_environment

PID = 4321


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(address)
        ears.settimeout(5)
        yield ears


def test_each_word_is_one_datagram(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as ears:
        notifier = Notifier(path)
        notifier.ready()
        notifier.status("every loop turns")
        notifier.alive()
        notifier.stopping()
        heard = [ears.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"STATUS=every loop turns", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_abstract_name_is_reached_without_a_file(tmp_path: Path) -> None:
    name = f"health-kiosk-{tmp_path.name}"
    with listening(f"\0{name}") as ears:
        from_environment({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert ears.recv(100) == b"READY=1"


def test_a_listener_that_is_gone_or_full_harms_nobody(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    Notifier(path).alive()
    with listening(path):
        for _ in range(10_000):  # far beyond what a socket queues, and nobody reads
            Notifier(path).alive()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "1500000"}, 1.5),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(PID)}, 1.5),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_means_this_process(
    environment: dict[str, str], seconds: float | None
) -> None:
    found = from_environment({"NOTIFY_SOCKET": "/run/notify", **environment}, PID)
    assert found.watchdog_seconds == seconds


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative"])
def test_without_a_unix_socket_nothing_is_watched(address: str) -> None:
    environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"}
    assert from_environment(environment, PID).watchdog_seconds is None
    assert from_environment({"WATCHDOG_USEC": "1000000"}, PID).watchdog_seconds is None
