"""Roads as TCP proxies, for machines on which no network namespace may be made."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from tests.chaos.network import Side

_HOST = "127.0.0.1"
_SLOW_SECONDS = 0.15
_PIECE = 65_536
_PATIENCE_SECONDS = 10.0


class ProxyRoad:
    """A listening port for each server at the far end, in a thread for all of them."""

    def __init__(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self._loop = loop
        self._ports: dict[int, int] = {}
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._lost: frozenset[bool] = frozenset()
        self._delay = 0.0

    def address(self, port: int) -> tuple[str, int]:
        """A proxy before the server, made when first asked for."""
        if port not in self._ports:
            opened = asyncio.run_coroutine_threadsafe(self._open(port), self._loop)
            self._ports[port] = opened.result(_PATIENCE_SECONDS)
        return _HOST, self._ports[port]

    def cut(self, *, there: bool = True, back: bool = True) -> None:
        """Swallow what goes there, or comes back, or both."""
        self._lost = frozenset(way for way, lost in ((True, there), (False, back)) if lost)

    def slow_down(self) -> None:
        """Every piece waits a while."""
        self._delay = _SLOW_SECONDS

    def reset(self) -> None:
        """Abort both halves of every connection."""
        self._loop.call_soon_threadsafe(self._abort)

    def mend(self) -> None:
        """A stream with a hole is of no use: connections that lost something are reset."""
        had_holes, self._lost, self._delay = bool(self._lost), frozenset(), 0.0
        if had_holes:
            self.reset()

    async def close(self) -> None:
        """Stop listening and break what is open."""
        for server in self._servers:
            server.close()
        self._abort()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _open(self, port: int) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, port)

        server = await asyncio.start_server(serve, _HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
    ) -> None:
        self._writers.add(writer)
        try:
            from_server, to_server = await asyncio.open_connection(_HOST, port)
        except OSError:
            self._writers.discard(writer)
            writer.transport.abort()
            return
        self._writers.add(to_server)
        ways = (
            asyncio.ensure_future(self._carry(reader, to_server, there=True)),
            asyncio.ensure_future(self._carry(from_server, writer, there=False)),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for one in (writer, to_server):
                self._writers.discard(one)
                one.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                if there in self._lost:
                    continue
                if self._delay:
                    await asyncio.sleep(self._delay)
                writer.write(piece)
                await writer.drain()


@dataclass(frozen=True, slots=True)
class Proxies:
    """The roads of one platform; everything is on this machine's loopback."""

    stations: ProxyRoad
    workers: ProxyRoad
    databases: ProxyRoad
    how: str = "a TCP proxy for each road (network namespaces are not permitted here)"
    far_host: str = _HOST

    def at(self, _side: Side) -> tuple[str, ...]:
        """Nothing: there is only one place."""
        return ()

    def host(self, _side: Side) -> str:
        """The loopback."""
        return _HOST


@contextmanager
def proxied() -> Iterator[Proxies]:
    """Three roads, and the thread in which their proxies run."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    names = ("stations | broker", "broker | workers", "workers | databases")
    roads = [ProxyRoad(name, loop) for name in names]
    with ExitStack() as stack:
        stack.callback(loop.close)
        stack.callback(thread.join)
        stack.callback(loop.call_soon_threadsafe, loop.stop)
        stack.callback(_close, roads, loop)
        stations, workers, databases = roads
        yield Proxies(stations, workers, databases)


def _close(roads: list[ProxyRoad], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(_all_closed(roads), loop).result(_PATIENCE_SECONDS)


async def _all_closed(roads: list[ProxyRoad]) -> None:
    for road in roads:
        await road.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
