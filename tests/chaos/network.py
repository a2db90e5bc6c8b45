"""The roads between a platform's processes: cut, one-way, slow or reset, by whatever is permitted.

Where network namespaces may be made, stations and workers live in namespaces of their own, and a
road is a veth pair. Elsewhere a road is a TCP proxy. Both offer the same evils.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Side(StrEnum):
    """Who lives at the near end of roads; brokers and databases are at the far ends."""

    STATIONS = "stations"
    WORKERS = "workers"


class Road(Protocol):
    """The way from one side to the servers at its far end."""

    @property
    def name(self) -> str:
        """Between whom it is, such as "stations | broker"."""

    def address(self, port: int) -> tuple[str, int]:
        """Where the near side finds the server that listens on `port` at the far end."""

    def cut(self, *, there: bool = True, back: bool = True) -> None:
        """Lose everything that goes there, or comes back, or both; nobody hangs up."""

    def slow_down(self) -> None:
        """Let little through at a time, late."""

    def reset(self) -> None:
        """Break every connection with a TCP reset."""

    def mend(self) -> None:
        """Let everything pass again; what was lost stays lost."""


class Network(Protocol):
    """The three roads of a platform."""

    @property
    def how(self) -> str:
        """By what means roads are cut, for people to read."""

    @property
    def far_host(self) -> str:
        """What servers at the far ends listen on so that roads lead to them."""

    @property
    def stations(self) -> Road:
        """From the stations to the broker."""

    @property
    def workers(self) -> Road:
        """From the workers to the broker."""

    @property
    def databases(self) -> Road:
        """From the workers to their databases."""

    def at(self, side: Side) -> tuple[str, ...]:
        """What a command is preceded by to run at one side."""

    def host(self, side: Side) -> str:
        """Under which address the far end finds a server at that side."""


@contextmanager
def open_network(directory: Path, *, namespaces: bool | None = None) -> Iterator[Network]:
    """Namespaces where they are permitted, proxies otherwise, unless told which."""
    with _chosen(namespaces) as network:
        (directory / "network").write_text(network.how + "\n")
        yield network


def _chosen(namespaces: bool | None) -> AbstractContextManager[Network]:
    from tests.chaos.network_namespaces import are_permitted, namespaced
    from tests.chaos.network_proxies import proxied

    wanted = are_permitted() if namespaces is None else namespaces
    return namespaced() if wanted else proxied()
