"""How fast the API answers about trends and usage: real HTTP to a process of its own."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import islice
from math import ceil
from multiprocessing import get_context
from random import Random
from statistics import median
from time import monotonic, perf_counter
from typing import Any

import uvicorn

from benchmarks.machine import processor_seconds
from benchmarks.trends_routes import Known, Route, questions, routes_in
from health_kiosk.ports import free_port
from ingest.api import create_app
from ingest.service import assemble
from ingest.settings import HttpSection, Settings, StoreSection

_HOST = "127.0.0.1"
_EMPTY = "/healthz"
_OK = 200
_PATIENCE_SECONDS = 120.0
_LONGEST_SECONDS = 20.0  # of one route, once it was asked often enough to tell
_LEAST = 20
_SAY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Answers:
    """How long a route took to answer, in milliseconds, in order; `kilobytes` is the largest.

    `processor` is what the server took of a processor for an answer, in the mean, with whatever
    else it did meanwhile.
    """

    path: str
    milliseconds: tuple[float, ...]
    processor: float
    kilobytes: float

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        """What 95 of 100 did not exceed."""
        return self.milliseconds[ceil(0.95 * len(self.milliseconds)) - 1]

    @property
    def slowest(self) -> float:
        """The longest of all."""
        return self.milliseconds[-1]


def asked(
    section: StoreSection,
    now: datetime,
    known: Known,
    requests: int,
    rng: Random,
    say: Callable[[str], None],
    only: str = "",
) -> list[Answers]:
    """The answers of an empty route, then of every route whose path begins with `only`.

    One client asks `requests` times, each time about something else. Raises RuntimeError with
    whatever is not an answer.
    """
    with _serving(section, now) as client:
        routes = [one for one in routes_in(client.document()) if one.path.startswith(only)]
        found = [client.answers(Route(_EMPTY, ()), known, requests, rng)]
        said = monotonic()
        for number, route in enumerate(routes):
            if monotonic() - said > _SAY_SECONDS:
                say(f"  {number} of {len(routes)} routes asked")
                said = monotonic()
            found.append(client.answers(route, known, requests, rng))
    return found


class _Client:
    """One connection that is kept open."""

    def __init__(self, port: int, server: int) -> None:
        """`server` is its process."""
        self._server = server
        self._connection = HTTPConnection(_HOST, port, timeout=_PATIENCE_SECONDS)

    def document(self) -> Any:
        return json.loads(self._get("/openapi.json"))

    def answers(self, route: Route, known: Known, requests: int, rng: Random) -> Answers:
        times: list[float] = []
        largest = 0
        deadline = monotonic() + _LONGEST_SECONDS
        used = processor_seconds(self._server)
        for address in islice(questions(route, known, rng), requests):
            if len(times) >= _LEAST and monotonic() > deadline:
                break
            began = perf_counter()
            body = self._get(address)
            times.append(1000 * (perf_counter() - began))
            largest = max(largest, len(body))
        used = 1000 * (processor_seconds(self._server) - used) / len(times)
        return Answers(route.path, tuple(sorted(times)), used, largest / 1000)

    def _get(self, address: str) -> bytes:
        self._connection.request("GET", address)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != _OK:
            raise RuntimeError(f"GET {address}: {response.status} {body[:300].decode()}")
        return body

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _serving(section: StoreSection, now: datetime) -> Iterator[_Client]:
    """The API over a store, in a process whose clock goes on from `now`."""
    port = free_port()
    process = get_context("spawn").Process(target=_serve, args=(section, now, port), daemon=True)
    process.start()
    client = _Client(port, process.pid or 0)
    try:
        _await(port, process.is_alive)
        yield client
    finally:
        client.close()
        process.terminate()
        process.join()


def _await(port: int, is_alive: Callable[[], bool]) -> None:
    deadline = monotonic() + _PATIENCE_SECONDS
    while monotonic() < deadline and is_alive():
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((_HOST, port)) == 0:
                return
    raise RuntimeError("the API did not start")


def _serve(section: StoreSection, now: datetime, port: int) -> None:
    began = monotonic()
    settings = Settings(
        store=section, http=HttpSection(host=_HOST, port=port, requests_per_minute=10**9)
    )
    service = assemble(settings, lambda: now + timedelta(seconds=monotonic() - began))
    uvicorn.run(create_app(service), host=_HOST, port=port, log_level="warning")
