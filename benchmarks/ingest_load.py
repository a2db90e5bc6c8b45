"""What stations send when a city drains: messages of one kind, many stations, a real broker."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from contract.topics import Stream, topic
from contract.usage import WINDOW_SECONDS
from tests.integration.broker import Broker

STRANGER = "BJ-XX"
"""How the stations begin that no inventory knows."""

_EPOCH = 7
_FIRST_WINDOW = 1_700_000_100 // WINDOW_SECONDS * WINDOW_SECONDS
_ROWS = (
    {"c": "normal", "s": 110, "d": 70, "p": 60},
    {"c": "grade1", "s": 150, "d": 95, "p": 80},
    {"c": "high_normal", "s": 130, "d": 80},
)
_UNSENT_AT_MOST = 2_000
_PATIENCE_SECONDS = 120.0


class Kind(NamedTuple):
    """One kind of message: what it is called, its stream, and how many observations it carries.

    A kind that is refused carries none.
    """

    name: str
    stream: Stream
    observations: int


KINDS = {
    "usage-1": Kind("usage, 1 window", Stream.USAGE, 1),
    "screening-1": Kind("screening, 1 row", Stream.SCREENING, 1),
    "usage-100": Kind("usage, 100 windows", Stream.USAGE, 100),
    "screening-100": Kind("screening, 100 rows", Stream.SCREENING, 100),
    "garbage": Kind("not JSON at all", Stream.SCREENING, 0),
    "strangers": Kind("from unknown stations", Stream.USAGE, 0),
}
"""Every kind, by the name that the command line knows."""


def station(number: int) -> str:
    """The id of a station that is in the inventory."""
    return f"BJ-CY-{number:05d}"


def publish(broker: Broker, kind: str, messages: int, stations: int) -> None:
    """Leave so many messages with the broker; returns when it has confirmed all of them."""
    room = threading.Semaphore(_UNSENT_AT_MOST)
    client = Client(CallbackAPIVersion.VERSION2, "load", protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(0)
    client.on_publish = lambda *_: room.release()
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        last: MQTTMessageInfo | None = None
        for address, payload in _messages(kind, messages, stations):
            if not room.acquire(timeout=_PATIENCE_SECONDS):
                raise TimeoutError("the broker confirms nothing")
            last = client.publish(address, payload, qos=1)
        if last is not None:
            last.wait_for_publish(_PATIENCE_SECONDS)
    finally:
        client.disconnect()
        client.loop_stop()


def payloads(kind: str, messages: int, stations: int) -> Iterator[bytes]:
    """The same messages without their topics."""
    for _, payload in _messages(kind, messages, stations):
        yield payload


def leave_session(broker: Broker, client_id: str, filters: list[str]) -> None:
    """Subscribe as `client_id` and go away: from now on the broker keeps what it would get."""
    subscribed = threading.Event()
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)

    def on_connect(*_: object) -> None:
        client.subscribe([(one, 1) for one in filters])

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port, clean_start=True, properties=properties)
    client.loop_start()
    try:
        if not subscribed.wait(_PATIENCE_SECONDS):
            raise TimeoutError("the broker does not answer a subscription")
    finally:
        client.disconnect()
        client.loop_stop()


def _messages(kind: str, messages: int, stations: int) -> Iterator[tuple[str, bytes]]:
    compose = _COMPOSERS[kind]
    prefix = STRANGER if kind == "strangers" else ""
    for number in range(messages):
        where = station(number % stations)
        where = where.replace("BJ-CY", prefix) if prefix else where
        yield topic(where, KINDS[kind].stream), compose(kind, where, 1 + number // stations)


def _usage(kind: str, where: str, seq: int) -> bytes:
    count = KINDS[kind].observations or 1
    windows = [
        {
            "start": _FIRST_WINDOW + (seq * count + place) * WINDOW_SECONDS,
            "entries": 3, "occupied": 7.5, "mean": 0.84, "peak": 2, "level": "some",
        }
        for place in range(count)
    ]  # fmt: skip
    return _compact(v=1, station=where, epoch=_EPOCH, seq=seq, windows=windows)


def _screening(kind: str, where: str, seq: int) -> bytes:
    rows = [_ROWS[(seq + place) % len(_ROWS)] for place in range(KINDS[kind].observations)]
    days = {"from": "2026-02-02", "to": "2026-02-06"}
    envelope = {"v": 1, "station": where, "epoch": _EPOCH, "seq": seq, "measure": "bp"}
    return _compact(**envelope, **days, rows=rows, rejects={})


def _garbage(_: str, __: str, seq: int) -> bytes:
    return b"\xff\xfe %d is not JSON, and nobody can say what it ever was" % seq


def _compact(**message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


_COMPOSERS: dict[str, Callable[[str, str, int], bytes]] = {
    "usage-1": _usage,
    "usage-100": _usage,
    "strangers": _usage,
    "screening-1": _screening,
    "screening-100": _screening,
    "garbage": _garbage,
}
