"""A broker that answers as a test says: for refusals that no real broker can be made to give."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.integration.proxy import read_packet

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
RECEIVE_MAXIMUM, SERVER_KEEP_ALIVE, MAXIMUM_PACKET_SIZE = 0x21, 0x13, 0x27


def connack(code: int = 0, properties: bytes = b"") -> bytes:
    """The answer to CONNECT."""
    body = bytes((0, code, len(properties))) + properties
    return bytes((0x20, len(body))) + body


def disconnect(code: int) -> bytes:
    """The broker's last word."""
    return bytes((0xE0, 1, code))


@dataclass
class ScriptedBroker:
    """Says `hello` to each CONNECT, and acknowledges what `puback` and `suback` do not refuse."""

    hello: Callable[[int], bytes] = lambda _connection: connack()
    puback: Callable[[bytes], int | None] = lambda _packet: 0
    suback: int = 1
    connections: int = 0
    packets: list[tuple[int, bytes]] = field(default_factory=list)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def say(self, words: bytes) -> None:
        """Send something to whoever is connected."""
        for writer in self._writers:
            if not writer.is_closing():
                writer.write(words)

    def published(self, ending: str) -> list[bytes]:
        """The PUBLISH packets for topics with this ending."""
        return [one for kind, one in self.packets if kind == PUBLISH and ending.encode() in one]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it hangs up."""
        self._writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self._answer(await read_packet(reader), writer)
        writer.close()

    def _answer(self, packet: bytes, writer: asyncio.StreamWriter) -> None:
        kind = packet[0] >> 4
        self.packets.append((kind, packet))
        if kind == CONNECT:
            self.connections += 1
            writer.write(self.hello(self.connections))
        elif kind == SUBSCRIBE:
            _, start = _remaining(packet)
            topics = packet.count(b"kiosk/v1/")
            codes = bytes((self.suback,)) * topics
            writer.write(bytes((0x90, 3 + topics)) + packet[start : start + 2] + b"\0" + codes)
        elif kind == PUBLISH and (code := self.puback(packet)) is not None:
            writer.write(bytes((0x40, 3)) + packet_id(packet) + bytes((code,)))

    def close(self) -> None:
        """Hang up on everybody."""
        for writer in self._writers:
            writer.transport.abort()


def packet_id(packet: bytes) -> bytes:
    """The id in a PUBLISH of QoS 1."""
    _, start = _remaining(packet)
    topic = int.from_bytes(packet[start : start + 2])
    return packet[start + 2 + topic : start + 4 + topic]


def _remaining(packet: bytes) -> tuple[int, int]:
    length = place = 0
    while True:
        byte = packet[1 + place]
        length |= (byte & 0x7F) << (7 * place)
        place += 1
        if not byte & 0x80:
            return length, 1 + place


@asynccontextmanager
async def running_scripted_broker() -> AsyncIterator[tuple[ScriptedBroker, int]]:
    """A scripted broker and its port."""
    broker = ScriptedBroker()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    try:
        yield broker, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        broker.close()
        await server.wait_closed()
