"""A TCP proxy that a test puts before a broker, to lose, hold, delay and break what passes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PUBLISH, PUBACK = 3, 4

Verdict = Callable[[int, bytes], bool]
"""Whether a packet from the broker passes: its MQTT type and all of its bytes."""


def everything_passes(_kind: int, _packet: bytes) -> bool:
    return True


@dataclass
class Proxy:
    """One listening port; what it does to connections can change while they are open."""

    host: str
    port: int
    passes: Verdict = everything_passes
    is_stopped: bool = False
    """Half-open: connections are accepted and kept, and nothing passes in either direction."""
    delay_seconds: float = 0.0
    connections: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def reset(self) -> None:
        """Break every connection with a TCP reset."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Stand between one client and the broker until either hangs up."""
        self.connections += 1
        self._writers.append(writer)
        try:
            from_broker, to_broker = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        self._writers.append(to_broker)
        both = (self._forward(reader, to_broker), self._filter(from_broker, writer))
        tasks = [asyncio.ensure_future(one) for one in both]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            writer.transport.abort()
            to_broker.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._pass(writer, data)

    async def _filter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                packet = await read_packet(reader)
                if self.passes(packet[0] >> 4, packet):
                    await self._pass(writer, packet)

    async def _pass(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self.is_stopped:
            return
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        writer.write(data)
        await writer.drain()


async def read_packet(reader: asyncio.StreamReader) -> bytes:
    """The next MQTT packet, whole."""
    """The next whole MQTT packet."""
    head = await reader.readexactly(2)
    while head[-1] & 0x80:
        head += await reader.readexactly(1)
    length = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(head[1:]))
    return head + await reader.readexactly(length)


@asynccontextmanager
async def running_proxy(host: str, port: int) -> AsyncIterator[tuple[Proxy, int]]:
    """A proxy before the broker at `host` and `port`, and the port that it listens on."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        proxy.reset()
        await server.wait_closed()
