"""The few MQTT 5 packets that a simulated station needs, written and read. Pure.

paho's client takes 26 KB for each connection and makes a dozen objects of each packet, which is
too much for 20,000 stations on one core. The tests hold these bytes against paho's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """The packets that are read or written here, by the high half of their first byte."""

    CONNECT = 0x10
    CONNACK = 0x20
    PUBLISH = 0x30
    PUBACK = 0x40
    SUBSCRIBE = 0x80
    SUBACK = 0x90
    PINGREQ = 0xC0
    PINGRESP = 0xD0
    DISCONNECT = 0xE0


PINGREQ = bytes((Kind.PINGREQ, 0))
DISCONNECT = bytes((Kind.DISCONNECT, 0))
"""A normal end: the broker forgets the will."""

RETAIN = 0x01
_QOS_1 = 0x02
_MOST_UNACKNOWLEDGED = 65_535
_CONTENT_TYPE, _SESSION_EXPIRY, _RECEIVE_MAXIMUM = 0x03, 0x11, 0x21
_CLEAN_START, _WILL, _WILL_QOS_1, _WILL_RETAIN, _PASSWORD, _USER = (
    0x02,
    0x04,
    0x08,
    0x20,
    0x40,
    0x80,
)

# How long each property of a CONNACK is; the others are a text, or two (0x26).
_FIXED = {0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
_PAIR = 0x26


class BrokenPacket(ValueError):
    """The bytes are not MQTT 5, or not of the part of it that is spoken here."""


class Packet(NamedTuple):
    """One whole packet: its first byte, and what follows its length."""

    head: int
    body: bytes


class Delivery(NamedTuple):
    """A message from the broker; `packet` acknowledges it, and 0 needs none."""

    payload: bytes
    packet: int


class Acceptance(NamedTuple):
    """A broker's answer to a connection: 0, or why not, and how many messages it takes at once."""

    reason: int
    receive_maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a client says when it connects; a will of QoS 1 is published if it vanishes."""

    identity: str
    user: str
    password: str | None
    keepalive_seconds: int
    session_expiry_seconds: int
    content_type: str
    will_topic: str
    will_payload: bytes
    will_retain: bool


def connect(opening: Opening) -> bytes:
    """A CONNECT that goes on with the session there is."""
    flags = _WILL | _WILL_QOS_1 | _USER
    flags |= _WILL_RETAIN if opening.will_retain else 0
    flags |= _PASSWORD if opening.password is not None else 0
    expiry = bytes((_SESSION_EXPIRY,)) + opening.session_expiry_seconds.to_bytes(4)
    body = (
        _text("MQTT")
        + bytes((5, flags))
        + opening.keepalive_seconds.to_bytes(2)
        + _counted(expiry)
        + _text(opening.identity)
        + content_type(opening.content_type)
        + _text(opening.will_topic)
        + len(opening.will_payload).to_bytes(2)
        + opening.will_payload
        + _text(opening.user)
    )
    if opening.password is not None:
        body += _text(opening.password)
    return bytes((Kind.CONNECT,)) + _counted(body)


def subscribe(packet: int, topics: str) -> bytes:
    """A SUBSCRIBE to one filter at QoS 1."""
    body = packet.to_bytes(2) + b"\x00" + _text(topics) + b"\x01"
    return bytes((Kind.SUBSCRIBE | _QOS_1,)) + _counted(body)


def content_type(name: str) -> bytes:
    """The properties of a message that has this content type and nothing else."""
    return _counted(bytes((_CONTENT_TYPE,)) + _text(name))


def publish(
    packet: int, topic: str, properties: bytes, payload: bytes, *, retain: bool = False
) -> bytes:
    """A PUBLISH at QoS 1; `properties` as of `content_type`."""
    name = topic.encode()
    length = 4 + len(name) + len(properties) + len(payload)
    return b"".join(
        (
            bytes((Kind.PUBLISH | _QOS_1 | retain,)),
            _length(length),
            len(name).to_bytes(2),
            name,
            packet.to_bytes(2),
            properties,
            payload,
        )
    )


def puback(packet: int) -> bytes:
    """A PUBACK that says yes."""
    return b"\x40\x02" + packet.to_bytes(2)


def packets(arrived: bytearray) -> Iterator[Packet]:
    """Take whole packets off the front of what has arrived.

    Raises BrokenPacket for a length that MQTT does not know.
    """
    while (extent := _extent(arrived, 1)) is not None:
        body, length = extent
        end = body + length
        if len(arrived) < end:
            return
        packet = Packet(arrived[0], bytes(arrived[body:end]))
        del arrived[:end]
        yield packet


def acceptance(body: bytes) -> Acceptance:
    """What a CONNACK says; raises BrokenPacket."""
    try:
        reason, most = body[1], _MOST_UNACKNOWLEDGED
        if len(body) > 2:
            for name, value in _properties(body, 2):
                if name == _RECEIVE_MAXIMUM:
                    most = int.from_bytes(value)
    except IndexError:
        raise BrokenPacket("a CONNACK ends too early") from None
    return Acceptance(reason, most)


def delivery(packet: Packet) -> Delivery:
    """What a PUBLISH brings; topic and properties are passed over. Raises BrokenPacket."""
    body = packet.body
    try:
        at = 2 + (body[0] << 8 | body[1])
        number = 0
        if packet.head & 0x06:
            number = body[at] << 8 | body[at + 1]
            at += 2
    except IndexError:
        raise BrokenPacket("a PUBLISH ends too early") from None
    extent = _extent(body, at)
    if extent is None or extent[0] + extent[1] > len(body):
        raise BrokenPacket("a PUBLISH ends within its properties")
    return Delivery(body[sum(extent) :], number)


def reason(body: bytes) -> int:
    """Why the broker sends a DISCONNECT; 0 if it does not say."""
    return body[0] if body else 0


def _properties(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    extent = _extent(body, at)
    if extent is None:
        raise BrokenPacket("properties end too early")
    at, end = extent[0], sum(extent)
    while at < end:
        name = body[at]
        texts = 2 if name == _PAIR else 1
        at += 1
        start = at
        if name in _FIXED:
            at += _FIXED[name]
        else:
            for _ in range(texts):
                at += 2 + (body[at] << 8 | body[at + 1])
        if at > min(end, len(body)):
            raise BrokenPacket("a property ends too early")
        yield name, body[start:at]


def _extent(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Where what is counted at `at` begins and how long it is; None if that is not known yet."""
    length = shift = 0
    for place in range(at, min(at + 4, len(data))):
        byte = data[place]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return place + 1, length
        shift += 7
    if shift == 28:
        raise BrokenPacket("a length of more than four bytes")
    return None


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    digits = bytearray()
    while length >= 0x80:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    digits.append(length)
    return bytes(digits)


def _counted(content: bytes) -> bytes:
    return _length(len(content)) + content


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2) + encoded
