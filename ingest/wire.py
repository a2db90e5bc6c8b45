"""The bytes of one broker connection: deliveries are taken out here, paho is given all the rest.

paho reads a packet in four calls at least and makes a dozen objects of it. Nearly all packets at
ingest are deliveries and acknowledgements, whose form is simple, so those two are read and written
here, in one system call for many. To connect, subscribe, publish and keep alive stays paho's work.
`python -m benchmarks.ingest` measures what it is worth.
"""

import ssl
from collections.abc import Iterable
from typing import NamedTuple, Protocol

READ_BYTES = 2**18
"""The most that one call reads."""

_PUBLISH, _QOS_1 = 0x30, 0x02
_KIND, _QOS = 0xF0, 0x06
_PUBACK = b"\x40\x02"
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Delivery(NamedTuple):
    """A message as the broker handed it over; `packet` acknowledges it, and 0 needs none."""

    topic: str
    payload: bytes
    packet: int


class Socket(Protocol):
    """What is needed of a socket that does not block, plain or TLS."""

    def recv(self, buffer_size: int, /) -> bytes:
        """As of a socket."""

    def send(self, buffer: bytes, /) -> int:
        """As of a socket."""

    def close(self) -> None:
        """As of a socket."""

    def fileno(self) -> int:
        """As of a socket."""

    def setblocking(self, flag: bool, /) -> None:
        """As of a socket."""


class Wire:
    """Stands between paho and its socket, in MQTT 5; one thread may use it.

    What paho sends is collected until `flush`, so its packets and ours never interleave.
    """

    def __init__(self, sock: Socket) -> None:
        self._sock = sock
        self._arrived = bytearray()
        self._for_paho = bytearray()
        self._leaving = bytearray()
        self._ended = False
        self._wanted = 0  # so many bytes make the next packet whole, as far as is known

    @property
    def for_paho(self) -> bool:
        """Whether paho has something to read: a packet, or the end of the connection."""
        return bool(self._for_paho) or self._ended

    @property
    def leaving(self) -> bool:
        """Whether something waits until the socket takes more."""
        return bool(self._leaving)

    def read(self) -> list[Delivery] | None:
        """The deliveries that one call to the socket completes; None if there is nothing to read.

        A message that is not complete yet is kept, and goes on with the next call.
        """
        try:
            data = self._sock.recv(READ_BYTES)
        except _NOT_NOW:
            return None
        except OSError:
            data = b""
        if not data:
            self._ended = True
            return None
        self._arrived += data
        return self._complete()

    def acknowledge(self, packets: Iterable[int]) -> None:
        """Tell the broker that these deliveries are settled, with the next `flush`."""
        self._leaving += b"".join([_PUBACK + packet.to_bytes(2) for packet in packets if packet])

    def flush(self) -> None:
        """Send what the socket takes; that the connection ended is told by `read`."""
        while self._leaving:
            try:
                sent = self._sock.send(bytes(self._leaving[:READ_BYTES]))
            except _NOT_NOW:
                return
            except OSError:
                self._ended = True
                self._leaving.clear()
                return
            del self._leaving[:sent]

    # What paho asks of its socket.

    def recv(self, buffer_size: int) -> bytes:
        """The next bytes of packets that are paho's; nothing at the end of the connection."""
        data = bytes(self._for_paho[:buffer_size])
        if not data and not self._ended:
            raise BlockingIOError
        del self._for_paho[:buffer_size]
        return data

    def send(self, buffer: bytes | bytearray) -> int:
        """Collect what paho sends; all of it, always."""
        self._leaving += buffer
        return len(buffer)

    def setblocking(self, flag: bool) -> None:
        """As of a socket."""
        self._sock.setblocking(flag)

    def fileno(self) -> int:
        """As of a socket, for `select`."""
        return self._sock.fileno()

    def close(self) -> None:
        """Send what can still be sent, and close."""
        self.flush()
        self._sock.close()

    def _complete(self) -> list[Delivery]:
        """Take whole packets from what has arrived; what is not a delivery goes to paho."""
        found: list[Delivery] = []
        if len(self._arrived) < self._wanted:
            return found
        data = bytes(self._arrived)
        at, end = 0, len(data)
        self._wanted = 0
        while at < end:
            body, stop = _extent(data, at, end)
            if stop > end:
                self._wanted = stop - at
                break
            delivery = _delivery(data, at, body, stop)
            if delivery is None:
                self._for_paho += data[at:stop]
            else:
                found.append(delivery)
            at = stop
        del self._arrived[:at]
        return found


def _extent(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the body of the packet at `at` begins and ends; past `end` if it is not all there.

    A length of more than four bytes breaks the protocol: paho is given all there is and says so.
    """
    length = shift = 0
    for place in range(at + 1, min(at + 5, end)):
        byte = data[place]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return place + 1, place + 1 + length
        shift += 7
    return at, end if shift == 28 else end + 1


def _delivery(data: bytes, at: int, body: int, stop: int) -> Delivery | None:
    """The packet as a delivery; None if it is of another kind, or malformed: paho's to judge.

    The properties are passed over: the contract gives them no meaning.
    """
    head = data[at]
    quality = head & _QOS
    if head & _KIND != _PUBLISH or quality not in (0, _QOS_1):
        return None
    try:
        named = body + 2 + (data[body] << 8 | data[body + 1])
        topic = data[body + 2 : named].decode()
        packet = data[named] << 8 | data[named + 1] if quality else 0
    except (IndexError, UnicodeDecodeError):
        return None
    # The length of the properties is written as a packet's is: one byte stands before it.
    properties = named + 2 if quality else named
    begins, payload = _extent(data, properties - 1, stop)
    if payload > stop or begins < properties:
        return None
    return Delivery(topic, data[payload:stop], packet)
