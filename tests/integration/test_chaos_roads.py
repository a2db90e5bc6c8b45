"""Roads between processes: what is cut, slow or reset is so, one way or both, and can be mended."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

from tests.chaos.network import Network, Side, open_network

# It says a line to the server and prints the answer, or the class of what went wrong instead.
_CALLER = """\
import socket, sys
host, port, patience = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
connection = None
for line in sys.stdin:
    try:
        if connection is None:
            connection = socket.create_connection((host, port), patience)
        if line == "much\\n":
            connection.sendall(bytes(30_000))
            left = 30_000
            while left:
                left -= len(connection.recv(left)) or left
            print("all of it", flush=True)
            continue
        connection.sendall(line.encode())
        print(connection.recv(100).decode().strip() or "hung up", flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
    if line == "again\\n":
        connection = None
"""
_PATIENCE_SECONDS = 0.7
_SLOW_SECONDS = 0.2


class Caller:
    """A process at the stations' side that speaks with a server at the far end."""

    def __init__(self, network: Network, port: int) -> None:
        address = map(str, network.stations.address(port))
        command = (sys.executable, "-c", _CALLER, *address, str(_PATIENCE_SECONDS))
        self.process = subprocess.Popen(
            (*network.at(Side.STATIONS), *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, word: str) -> str:
        """What comes back."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture(params=[None, False], ids=["what is permitted", "proxies"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Network]:
    with open_network(tmp_path, namespaces=request.param) as opened:
        yield opened


@contextmanager
def calling(network: Network) -> Iterator[tuple[Caller, list[str]]]:
    """A caller, and everything that the server has heard of it."""
    heard: list[str] = []

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while data := connection.recv(4096):
                heard.append(data.decode().strip())
                connection.sendall(data)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.create_server((network.far_host, 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        caller = Caller(network, server.getsockname()[1])
        try:
            assert caller.say("hello") == "hello"
            yield caller, heard
        finally:
            caller.process.kill()
            caller.process.communicate()
            server.shutdown(socket.SHUT_RDWR)


def test_nothing_comes_through_a_road_that_is_cut(network: Network) -> None:
    with calling(network) as (caller, heard):
        network.stations.cut()
        assert caller.say("again") == "TimeoutError"
        assert heard == ["hello"]
        network.stations.mend()
        assert caller.say("again") == "again"


def test_a_road_cut_on_the_way_back_brings_the_question_and_not_the_answer(
    network: Network,
) -> None:
    with calling(network) as (caller, heard):
        network.stations.cut(there=False)
        assert caller.say("again") == "TimeoutError"
        assert heard == ["hello", "again"]
        network.stations.mend()
        assert caller.say("again") == "again"


def test_a_reset_ends_connections_and_lets_new_ones_come(network: Network) -> None:
    with calling(network) as (caller, _):
        network.stations.reset()
        answers = [caller.say("again") for _ in range(3)]
        assert answers[0] in {"ConnectionResetError", "hung up", "again"}
        assert answers[-1] == "again"


def test_a_slow_road_takes_its_time_and_brings_everything(network: Network) -> None:
    with calling(network) as (caller, _):
        network.stations.slow_down()
        began = monotonic()
        assert caller.say("much") == "all of it"
        assert monotonic() - began > _SLOW_SECONDS
        network.stations.mend()
        assert caller.say("again") == "again"


def test_the_scene_says_by_what_means_its_roads_are_cut(tmp_path: Path) -> None:
    with open_network(tmp_path, namespaces=False) as network:
        assert "proxy" in network.how
        assert (tmp_path / "network").read_text().strip() == network.how
