"""Deliveries are the same however the network cuts them, and paho misses nothing of its own."""

import socket
from collections.abc import Iterator

import pytest

from ingest.outgoing import Outgoing
from ingest.wire import READ_BYTES, Delivery, Wire

CONNACK = b"\x20\x06\x00\x00\x03\x22\x00\x0a"
PINGRESP = b"\xd0\x00"


def varied(length: int) -> bytes:
    """`length` as MQTT writes it."""
    out = bytearray()
    while True:
        length, low = divmod(length, 128)
        out.append(low | (0x80 if length else 0))
        if not length:
            return bytes(out)


def publish(topic: str, payload: bytes, packet: int = 0, properties: bytes = b"") -> bytes:
    """A PUBLISH as a broker writes it; QoS 1 if it has a packet id."""
    name = topic.encode()
    body = len(name).to_bytes(2) + name + (packet.to_bytes(2) if packet else b"")
    body += varied(len(properties)) + properties + payload
    return bytes([0x32 if packet else 0x30]) + varied(len(body)) + body


USER_PROPERTY = b"\x26\x00\x01a" + b"\x00\xc8" + b"x" * 200  # its length takes two bytes
EXPECTED = [
    Delivery("kiosk/v1/S1/usage", b'{"v":1}', 1),
    Delivery("kiosk/v1/S2/usage", b"", 65_535),
    Delivery("kiosk/v1/S3/usage", b"y" * 300, 258),
    Delivery("kiosk/v1/S4/status", b"no receipt", 0),
]
STREAM = (
    CONNACK
    + publish(*EXPECTED[0])
    + publish(*EXPECTED[1], USER_PROPERTY)
    + PINGRESP
    + publish(*EXPECTED[2], b"\x03\x00\x04json")
    + publish(*EXPECTED[3])
    + PINGRESP
)


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture
def pair(outgoing: Outgoing) -> Iterator[tuple[Wire, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(10)
    wire = Wire(ours, outgoing)
    yield wire, theirs
    wire.close()
    theirs.close()


def paho_reads(wire: Wire) -> bytes:
    found = b""
    while wire.for_paho:
        found += wire.recv(3)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, len(STREAM)])
def test_packets_are_put_together_wherever_they_were_cut(
    pair: tuple[Wire, socket.socket], size: int
) -> None:
    wire, broker = pair
    found: list[Delivery] = []
    for start in range(0, len(STREAM), size):
        broker.sendall(STREAM[start : start + size])
        found += wire.read() or []
    assert found == EXPECTED
    assert paho_reads(wire) == CONNACK + PINGRESP + PINGRESP
    assert wire.read() is None
    assert not wire.for_paho


def test_a_message_of_megabytes_arrives_whole(pair: tuple[Wire, socket.socket]) -> None:
    wire, broker = pair
    broker.setblocking(False)
    payload = bytes(range(256)) * (4 * READ_BYTES // 256)
    rest = publish("kiosk/v1/S1/usage", payload, 9) + PINGRESP
    found: list[Delivery] = []
    while rest:
        try:
            rest = rest[broker.send(rest) :]
        except BlockingIOError:
            found += wire.read() or []
    while (more := wire.read()) is not None:
        found += more
    assert found == [Delivery("kiosk/v1/S1/usage", payload, 9)]
    assert paho_reads(wire) == PINGRESP


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"\x32\x03\x00\x09a", id="a topic longer than its packet"),
        pytest.param(b"\x32\x04\x00\x01\xff\x00", id="a topic that is not text"),
        pytest.param(b"\x30\x04\x00\x01a\x7f", id="properties longer than their packet"),
        pytest.param(b"\x34\x06\x00\x01a\x00\x01\x00", id="QoS 2"),
        pytest.param(b"\x90\x04\x00\x01\x00\x01", id="a confirmed subscription"),
        pytest.param(b"\x32\xff\xff\xff\xff\x7f", id="a length without end"),
    ],
)
def test_what_is_no_sound_delivery_is_left_to_paho(
    pair: tuple[Wire, socket.socket], packet: bytes
) -> None:
    wire, broker = pair
    broker.sendall(packet)
    assert wire.read() == []
    assert paho_reads(wire) == packet


def test_paho_waits_while_there_is_nothing_and_hears_of_the_end(
    pair: tuple[Wire, socket.socket],
) -> None:
    wire, broker = pair
    with pytest.raises(BlockingIOError):
        wire.recv(1)
    broker.close()
    assert wire.read() is None
    assert wire.for_paho
    assert wire.recv(1) == b""


def test_acknowledgements_follow_what_paho_has_sent_and_need_an_id(
    pair: tuple[Wire, socket.socket],
) -> None:
    wire, broker = pair
    assert wire.send(b"\x32receipts") == 9
    wire.acknowledge([1, 0, 258])
    assert wire.leaving
    wire.flush()
    assert not wire.leaving
    assert broker.recv(100) == b"\x32receipts" + b"\x40\x02\x00\x01" + b"\x40\x02\x01\x02"


def test_what_the_socket_does_not_take_leaves_later_and_in_order(
    pair: tuple[Wire, socket.socket],
) -> None:
    wire, broker = pair
    everything = bytes(range(256)) * (16 * READ_BYTES // 256)
    wire.send(everything)
    wire.flush()
    assert wire.leaving
    arrived = bytearray()
    while len(arrived) < len(everything):
        arrived += broker.recv(READ_BYTES)
        wire.flush()
    assert arrived == everything
    assert not wire.leaving


def test_receipts_leave_once_the_broker_has_let_us_in_and_before_their_deliveries_are_settled(
    pair: tuple[Wire, socket.socket], outgoing: Outgoing
) -> None:
    wire, broker = pair
    outgoing.add("kiosk/v1/S1/receipts", "{}")
    wire.send(b"connect")
    wire.flush()
    assert broker.recv(100) == b"connect"
    wire.begin()
    wire.acknowledge([7])
    wire.flush()
    packet = b"\x32\x2e\x00\x14kiosk/v1/S1/receipts\x80\x00\x13\x03\x00\x10application/json{}"
    assert broker.recv(100) == packet + b"\x40\x02\x00\x07"


def test_acknowledgements_of_receipts_are_ours_and_all_others_are_paho_s(
    pair: tuple[Wire, socket.socket], outgoing: Outgoing
) -> None:
    wire, broker = pair
    outgoing.add("t", "{}")
    wire.begin()
    wire.flush()
    broker.sendall(b"\x40\x02\x00\x01" + b"\x40\x03\x80\x00\x10")
    assert wire.read() == []
    assert paho_reads(wire) == b"\x40\x02\x00\x01"
    assert outgoing.again() == b""
