"""A bad line: acknowledgements and receipts eaten, connections reset, half-open and slow."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from simulators.mqtt_loop import Address
from tests.chaos.centre import Centre, running_centre
from tests.chaos.judgement import judge
from tests.chaos.kills import Say, silent
from tests.chaos.station import Ward, ward
from tests.chaos.station_process import Life
from tests.integration.broker import running_broker
from tests.integration.proxy import PUBACK, PUBLISH, Proxy, everything_passes, running_proxy

_LONGEST_SPELL_SECONDS = 0.8
_PATIENCE_SECONDS = 30.0


class Line:
    """The way between a station and its broker, in another thread; it can be made bad."""

    def __init__(self, proxy: Proxy, port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port = port
        self._proxy = proxy
        self._loop = loop

    def lose(self, kind: int, share: float, rng: Random) -> None:
        """Eat so many of the packets of one MQTT type that the broker sends."""
        self._proxy.passes = lambda one, _: one != kind or rng.random() >= share

    def half_open(self) -> None:
        """Nothing passes any more, and nobody hangs up."""
        self._proxy.is_stopped = True

    def slow_down(self, seconds: float) -> None:
        """Every packet takes so long."""
        self._proxy.delay_seconds = seconds

    def reset(self) -> None:
        """Break every connection."""
        self._loop.call_soon_threadsafe(self._proxy.reset)

    def mend(self) -> None:
        """From now on everything passes; what was eaten stays eaten."""
        if self._proxy.is_stopped:  # half of a packet may have gone: as TCP would, begin anew
            self._proxy.is_stopped = False
            self.reset()
        self._proxy.passes = everything_passes
        self._proxy.delay_seconds = 0.0


def cut_off(directory: Path, rounds: int, seed: int, say: Say = silent) -> None:
    """Spells of bad weather on the line while the station works.

    Raises AssertionError if anything was lost, doubled or changed.
    """
    rng = Random(seed)
    with running_broker(directory) as broker, _line(broker.host, broker.port) as line:
        address = Address(broker.host, broker.port)
        life = Life(directory / "outbox.sqlite", (broker.host, line.port), seed=0)
        with running_centre(address) as centre, ward(life, rng) as station:
            station.start()
            for number in range(rounds):
                _spell(number, line, rng)
                assert station.feed(rng.uniform(0.1, _LONGEST_SPELL_SECONDS), pause=0.02)
                line.mend()
                assert station.feed(rng.uniform(0.0, 0.3), pause=0.02)
                say(_progress(number, rounds, station, centre))
            judge(station, centre, station.settle())


def _spell(number: int, line: Line, rng: Random) -> None:
    match number % 6:
        case 0:
            line.lose(PUBACK, 1.0, rng)
        case 1:
            line.lose(PUBLISH, 1.0, rng)
        case 2:
            line.half_open()
        case 3:
            line.lose(PUBLISH, 0.5, rng)
            line.slow_down(0.02)
        case 4:
            line.lose(PUBACK, 0.5, rng)
        case _:
            line.slow_down(0.02)
    if number % 3 == 2 or rng.random() < 0.2:
        line.reset()


def _progress(number: int, rounds: int, station: Ward, centre: Centre) -> str:
    return (
        f"spell {number + 1} of {rounds}: {len(station.accepted)} accepted,"
        f" {len(centre.stored)} messages delivered in {centre.copies} copies"
    )


@contextmanager
def _line(host: str, port: int) -> Iterator[Line]:
    found: list[Line] = []
    is_open = threading.Event()
    closed: list[Callable[[], object]] = []

    async def serve() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        async with running_proxy(host, port) as (proxy, own):
            found.append(Line(proxy, own, loop))
            closed.append(lambda: loop.call_soon_threadsafe(end.set))
            is_open.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_open.wait(_PATIENCE_SECONDS)
    try:
        yield found[0]
    finally:
        closed[0]()
        thread.join()
