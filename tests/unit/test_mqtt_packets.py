"""Our MQTT 5 packets, held byte by byte against those of a real paho client."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from simulators import mqtt_packets as packets
from simulators.mqtt_packets import Acceptance, BrokenPacket, Delivery, Kind, Opening, Packet

STATION = "BJ-CY-012"
RECEIPTS = f"kiosk/v1/{STATION}/receipts"
WILL = f"kiosk/v1/{STATION}/status"
CONNACK = b"\x20\x03\x00\x00\x00"
CONTENT = "application/json"


def opening(password: str | None, *, retain: bool) -> Opening:
    return Opening(
        identity=STATION,
        user=STATION,
        password=password,
        keepalive_seconds=60,
        session_expiry_seconds=86_400,
        content_type=CONTENT,
        will_topic=WILL,
        will_payload='{"kind":"死"}'.encode(),
        will_retain=retain,
    )


@contextmanager
def paho(password: str | None = None, *, retain: bool = True) -> Iterator["Told"]:
    """A paho client that is set up like a station, and the other end of its connection."""
    client = Client(CallbackAPIVersion.VERSION2, STATION, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(STATION, password)
    content = Properties(PacketTypes.WILLMESSAGE)
    content.ContentType = CONTENT
    client.will_set(WILL, '{"kind":"死"}', 1, retain, content)
    expiry = Properties(PacketTypes.CONNECT)
    expiry.SessionExpiryInterval = 86_400
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        client.connect(host, port, 60, clean_start=False, properties=expiry)
        other, _ = server.accept()
        with other:
            yield Told(client, other)
            client.on_socket_close = None
    if (sock := client.socket()) is not None:
        sock.close()


class Told:
    """What a paho client says, and a way to answer it."""

    def __init__(self, client: Client, other: socket.socket) -> None:
        self.client = client
        self._other = other
        other.settimeout(5)

    def said(self) -> bytes:
        """Everything that the client has written by now."""
        self.client.loop_write()
        return self._other.recv(65_536)

    def answer(self, data: bytes) -> None:
        """Let the client read this."""
        self._other.sendall(data)
        self.client.loop_read()


@pytest.mark.parametrize("password", [None, "secret-密"])
@pytest.mark.parametrize("retain", [True, False])
def test_a_connect_is_what_paho_sends(password: str | None, retain: bool) -> None:
    with paho(password, retain=retain) as told:
        assert told.said() == packets.connect(opening(password, retain=retain))


def test_subscription_ping_and_goodbye_are_what_paho_sends() -> None:
    with paho() as told:
        told.said()
        told.answer(CONNACK)
        told.client.subscribe(RECEIPTS, 1)
        assert told.said() == packets.subscribe(1, RECEIPTS)
        told.client.disconnect()
        assert told.said() == packets.DISCONNECT
    assert packets.PINGREQ == b"\xc0\x00"


@pytest.mark.parametrize("size", [0, 40, 127, 128, 300, 20_000, 3_000_000])
def test_a_message_of_any_size_is_what_paho_sends_and_reads(size: int) -> None:
    payload = b"x" * size
    content = Properties(PacketTypes.PUBLISH)
    content.ContentType = CONTENT
    properties = packets.content_type(CONTENT)
    ours = packets.publish(1, WILL, properties, payload, retain=True)
    arrived: list[MQTTMessage] = []
    with paho() as told:
        told.said()
        told.answer(CONNACK)
        if size < 65_536:  # or it would not fit into the socket at once
            told.client.publish(WILL, payload, 1, True, content)
            assert told.said() == ours
            told.client.on_message = lambda _client, _data, message: arrived.append(message)
            told.answer(packets.publish(77, RECEIPTS, properties, payload))
            assert told.said() == packets.puback(77)
            assert [bytes(message.payload) for message in arrived] == [payload]
    assert packets.delivery(only(ours)) == Delivery(payload, 1)


def only(data: bytes) -> Packet:
    (packet,) = packets.packets(bytearray(data))
    return packet


def test_packets_are_taken_whole_however_the_bytes_arrive() -> None:
    properties = packets.content_type(CONTENT)
    stream = (
        CONNACK
        + packets.publish(5, RECEIPTS, properties, b"first" * 50)
        + packets.puback(9)
        + packets.publish(6, RECEIPTS, b"\x00", b"second")
    )
    for step in (1, 2, 3, 7, 100, len(stream)):
        arrived, found = bytearray(), []
        for at in range(0, len(stream), step):
            arrived += stream[at : at + step]
            found += list(packets.packets(arrived))
        assert [packet.head & 0xF0 for packet in found] == [
            Kind.CONNACK, Kind.PUBLISH, Kind.PUBACK, Kind.PUBLISH,
        ]  # fmt: skip
        assert packets.delivery(found[1]) == Delivery(b"first" * 50, 5)
        assert packets.delivery(found[3]) == Delivery(b"second", 6)
        assert not arrived


def test_a_message_of_quality_0_needs_no_answer() -> None:
    named = len(RECEIPTS).to_bytes(2) + RECEIPTS.encode()
    assert packets.delivery(Packet(0x30, named + b"\x00now")) == Delivery(b"now", 0)


@pytest.mark.parametrize(
    ("set_properties", "most"),
    [
        ({}, 65_535),
        ({"ReceiveMaximum": 20}, 20),
        (
            {
                "AssignedClientIdentifier": "somebody",
                "UserProperty": [("one", "two"), ("three", "four")],
                "ReasonString": "你好",
                "ReceiveMaximum": 3,
                "TopicAliasMaximum": 10,
                "MaximumQoS": 1,
                "MaximumPacketSize": 2**20,
                "SessionExpiryInterval": 7,
                "ServerKeepAlive": 30,
            },
            3,
        ),
    ],
)
def test_how_many_messages_a_broker_takes_is_found_among_its_properties(
    set_properties: dict[str, object], most: int
) -> None:
    properties = Properties(PacketTypes.CONNACK)
    for name, value in set_properties.items():
        setattr(properties, name, value)
    assert packets.acceptance(b"\x00\x00" + properties.pack()) == Acceptance(0, most)
    assert packets.acceptance(b"\x00\x87" + properties.pack()).reason == 0x87
    assert packets.acceptance(b"\x00\x87").reason == 0x87


def test_why_a_broker_hangs_up_is_read() -> None:
    assert packets.reason(b"\x8e\x00") == 0x8E
    assert packets.reason(b"") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\x00\x10short",
        b"\x00\x01t\x00",
        b"\x00\x01t\x00\x01\x7f",
        b"\x00\x01t\x00\x01",
    ],
)
def test_a_message_that_ends_too_early_is_refused(body: bytes) -> None:
    with pytest.raises(BrokenPacket):
        packets.delivery(Packet(0x32, body))


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"\x00\x00\x05\x21\x00", b"\x00\x00\x03\x12\x00\x09"]
)
def test_a_greeting_that_ends_too_early_is_refused(body: bytes) -> None:
    with pytest.raises(BrokenPacket):
        packets.acceptance(body)


def test_a_length_of_five_bytes_is_no_mqtt() -> None:
    with pytest.raises(BrokenPacket, match="four bytes"):
        list(packets.packets(bytearray(b"\x30\xff\xff\xff\xff\x01")))
