"""A broker of one connection at a time that does what a test tells it, byte by byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_PATIENCE_SECONDS = 15
_CONNACK = b"\x20\x03\x00\x00\x00"
_PUBACK = 0x40


class Packet(NamedTuple):
    """What a client sent: its first byte, and its body."""

    head: int
    body: bytes

    @property
    def kind(self) -> int:
        """The kind of packet: 0x30 is a message, 0x40 an acknowledgement."""
        return self.head & 0xF0


class Line:
    """One client's connection, from the broker's side."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        sock.settimeout(_PATIENCE_SECONDS)

    def greet(self) -> None:
        """Accept the connection and whatever is subscribed."""
        assert self.next().kind == 0x10
        self._sock.sendall(_CONNACK)
        subscription = self.next()
        assert subscription.kind == 0x80
        self._sock.sendall(b"\x90\x06" + subscription.body[:2] + b"\x00\x01\x01\x01")

    def deliver(self, topic: str, payload: bytes, packet: int) -> None:
        """Send a message, with QoS 1 if `packet` is not 0."""
        name = topic.encode()
        body = len(name).to_bytes(2) + name + (packet.to_bytes(2) if packet else b"")
        body += b"\x00" + payload
        size = bytes([len(body) & 0x7F | 0x80, len(body) >> 7])  # both bytes, up to 16 KB
        self._sock.sendall(bytes([0x32 if packet else 0x30]) + size + body)

    def next(self) -> Packet:
        """The next packet of the client; an acknowledgement is given to its messages."""
        head = self._exactly(1)[0]
        length = shift = 0
        while True:
            byte = self._exactly(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        packet = Packet(head, self._exactly(length))
        if packet.kind == 0x30:
            topic_ends = 2 + int.from_bytes(packet.body[:2])
            identity = packet.body[topic_ends : topic_ends + 2]
            self._sock.sendall(bytes([_PUBACK, 2]) + identity)
        return packet

    def cut(self) -> None:
        """End the connection."""
        self._sock.close()

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._sock.recv(count - len(data))
            assert more, "the client ended the connection"
            data += more
        return data


class ScriptedBroker:
    """Where a client connects to."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._lines: list[Line] = []
        self.port: int = listener.getsockname()[1]

    def accept(self) -> Line:
        """The next connection, not greeted yet."""
        line = Line(self._listener.accept()[0])
        self._lines.append(line)
        return line

    def cut(self) -> None:
        """End every connection."""
        for line in self._lines:
            line.cut()


@contextmanager
def scripted_broker() -> Iterator[ScriptedBroker]:
    """A broker on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_PATIENCE_SECONDS)
        broker = ScriptedBroker(listener)
        try:
            yield broker
        finally:
            broker.cut()
