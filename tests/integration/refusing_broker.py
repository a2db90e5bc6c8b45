"""A broker that refuses as a test says, in ways that no real broker can be made to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.integration.proxy import read_packet

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
RECEIVE_MAXIMUM, MAXIMUM_PACKET_SIZE = 0x21, 0x27


def connack(code: int = 0, properties: bytes = b"") -> bytes:
    """The answer to CONNECT."""
    body = bytes((0, code, len(properties))) + properties
    return bytes((0x20, len(body))) + body


def disconnect(code: int) -> bytes:
    """The broker's last word."""
    return bytes((0xE0, 1, code))


def publish(topic: str, payload: bytes) -> bytes:
    """A message at QoS 0, which wants no acknowledgement."""
    body = len(topic).to_bytes(2) + topic.encode() + b"\0" + payload
    return bytes((0x30, len(body))) + body


@dataclass
class RefusingBroker:
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

    def published(self, topic: str) -> list[bytes]:
        """The PUBLISH packets for topics with this in their names."""
        return [one for kind, one in self.packets if kind == PUBLISH and topic.encode() in one]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it hangs up."""
        self._writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self._answer(await read_packet(reader), writer)
        writer.close()

    def close(self) -> None:
        """Hang up on everybody."""
        for writer in self._writers:
            writer.transport.abort()

    def _answer(self, packet: bytes, writer: asyncio.StreamWriter) -> None:
        kind = packet[0] >> 4
        self.packets.append((kind, packet))
        start = _length_of_head(packet)
        if kind == CONNECT:
            self.connections += 1
            writer.write(self.hello(self.connections))
        elif kind == SUBSCRIBE:
            topics = packet.count(b"kiosk/v1/")
            codes = bytes((self.suback,)) * topics
            writer.write(bytes((0x90, 3 + topics)) + packet[start : start + 2] + b"\0" + codes)
        elif kind == PUBLISH and (code := self.puback(packet)) is not None:
            identity = start + 2 + int.from_bytes(packet[start : start + 2])
            writer.write(b"\x40\x03" + packet[identity : identity + 2] + bytes((code,)))


def _length_of_head(packet: bytes) -> int:
    place = 1
    while packet[place] & 0x80:
        place += 1
    return place + 1


@asynccontextmanager
async def running_refusing_broker(
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[RefusingBroker, int]]:
    """A refusing broker and its port."""
    broker = RefusingBroker()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield broker, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        broker.close()
        await server.wait_closed()
