"""Receipts on their way to the broker: numbered, kept until acknowledged, sent again. Pure.

paho makes two dozen objects of a message that it sends with QoS 1 and of its acknowledgement. A
city needs a receipt for nearly every message, so these packets, too, are written here.
"""

from collections import deque
from collections.abc import Iterator

FIRST_PACKET, LAST_PACKET = 0x8000, 0xFFFF
"""The packet identifiers of receipts; the lower ones are paho's, for subscribing."""

ANY_NUMBER = 0xFFFF
"""The Receive Maximum of a broker that names none (MQTT 5, 3.2.2.3.3)."""

_PUBLISH_QOS_1, _AGAIN = b"\x32", b"\x3a"
_CONTENT_TYPE = b"application/json"
_PROPERTIES = bytes([3 + len(_CONTENT_TYPE), 0x03, 0, len(_CONTENT_TYPE)]) + _CONTENT_TYPE
"""Of one byte's length: the content type (MQTT 5, 3.3.2.3.9)."""


class Outgoing:
    """The messages of one session: it outlives connections, as MQTT 5 asks for (4.4).

    `most` is the broker's Receive Maximum: so many may be without an acknowledgement at a time.
    """

    def __init__(self) -> None:
        self.most = ANY_NUMBER
        self._waiting: deque[tuple[str, str]] = deque()
        self._unacknowledged: dict[int, bytes] = {}
        self._packet = LAST_PACKET

    def add(self, topic: str, payload: str) -> None:
        """Take a message; it leaves with the next `leaving` that has room for it."""
        self._waiting.append((topic, payload))

    def leaving(self) -> bytes:
        """The packets that may be sent now, for the first time."""
        if not self._waiting:
            return b""
        room = min(self.most, LAST_PACKET - FIRST_PACKET + 1) - len(self._unacknowledged)
        return b"".join(self._numbered(min(room, len(self._waiting))))

    def again(self) -> bytes:
        """All that a former connection has sent in vain, marked as sent before."""
        return b"".join([_AGAIN + one[1:] for one in self._unacknowledged.values()])

    def acknowledged(self, packet: int) -> None:
        """The broker has a message; it may say so of one that is not known."""
        self._unacknowledged.pop(packet, None)

    def _numbered(self, count: int) -> Iterator[bytes]:
        for _ in range(count):
            packet = self._free()
            message = _publish(*self._waiting.popleft(), packet)
            self._unacknowledged[packet] = message
            yield message

    def _free(self) -> int:
        while True:
            self._packet = FIRST_PACKET if self._packet == LAST_PACKET else self._packet + 1
            if self._packet not in self._unacknowledged:
                return self._packet


def _publish(topic: str, payload: str, packet: int) -> bytes:
    """A PUBLISH of QoS 1 (MQTT 5, 3.3)."""
    name = topic.encode()
    body = b"".join(
        (len(name).to_bytes(2), name, packet.to_bytes(2), _PROPERTIES, payload.encode())
    )
    return _PUBLISH_QOS_1 + _varied(len(body)) + body


def _varied(length: int) -> bytes:
    """A Variable Byte Integer (MQTT 5, 1.5.5)."""
    if length < 0x80:
        return bytes((length,))
    out = bytearray()
    while length:
        length, low = divmod(length, 0x80)
        out.append(low | (0x80 if length else 0))
    return bytes(out)
