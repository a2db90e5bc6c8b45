"""The bytes of one broker connection: deliveries and receipts are ours, all the rest is paho's.

paho reads a packet in four calls at least and makes a dozen objects of it. Nearly all packets at
ingest are deliveries, receipts and their acknowledgements, whose form is simple, so those are read
and written here, in one system call for many. To connect, subscribe and keep alive stays paho's.
`python -m benchmarks.ingest` measures what it is worth.
"""

import ssl
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from ingest.outgoing import FIRST_PACKET, Outgoing

READ_BYTES = 2**18
"""The most that one call reads."""

_PUBLISH, _QOS_1, _PUBACK = 0x30, 0x02, 0x40
_KIND, _QOS = 0xF0, 0x06
_SETTLED = b"\x40\x02"
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

    What paho sends is collected until `flush`, so its packets and ours never interleave. Receipts
    are those of `outgoing`, from `begin` on.
    """

    def __init__(self, sock: Socket, outgoing: Outgoing) -> None:
        self._sock = sock
        self._outgoing = outgoing
        self._has_begun = False
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

    def begin(self) -> None:
        """Send receipts from now on, first those that an earlier connection has sent in vain."""
        self._has_begun = True
        self._leaving += self._outgoing.again()

    def acknowledge(self, packets: Iterable[int]) -> None:
        """Tell the broker that these deliveries are settled, after their receipts."""
        self._collect_receipts()
        self._leaving += b"".join([_SETTLED + packet.to_bytes(2) for packet in packets if packet])

    def flush(self) -> None:
        """Send what the socket takes; that the connection ended is told by `read`."""
        self._collect_receipts()
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

    def _collect_receipts(self) -> None:
        if self._has_begun:
            self._leaving += self._outgoing.leaving()

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
            if (receipt := _acknowledged(data, at, body, stop)) is not None:
                self._outgoing.acknowledged(receipt)
            elif (delivery := _delivery(data, at, body, stop)) is not None:
                found.append(delivery)
            else:
                self._for_paho += data[at:stop]
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


def _acknowledged(data: bytes, at: int, body: int, stop: int) -> int | None:
    """The receipt that the packet acknowledges, or refuses; None if it does neither.

    A broker refuses a receipt that nobody may read (MQTT 5, 3.4.2.1): its station asks again.
    """
    if data[at] != _PUBACK or stop - body < 2:
        return None
    packet = data[body] << 8 | data[body + 1]
    return packet if packet >= FIRST_PACKET else None


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
