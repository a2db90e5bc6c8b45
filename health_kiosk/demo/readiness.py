"""Waiting until a process of the demo can be used."""

import socket
from collections.abc import Callable
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from health_kiosk.demo.children import Children
from health_kiosk.failure import Failure

_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.1


def wait_for(what: str, is_ready: Callable[[], bool], children: Children) -> None:
    """Return as soon as `is_ready`; raise Failure if a child ends first, or it takes too long."""
    give_up = monotonic() + _PATIENCE_SECONDS
    while not is_ready():
        children.check()
        if monotonic() > give_up:
            raise Failure(f"{what} did not start within {_PATIENCE_SECONDS:.0f} s; see its log")
        sleep(_PAUSE_SECONDS)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds."""
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310  # our own http:// addresses
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
