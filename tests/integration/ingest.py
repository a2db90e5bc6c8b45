"""An ingest process inside the test's own, on a real broker, and a station that talks to it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.receipts import Receipt, ReceiptBatch
from contract.topics import Stream, topic
from ingest.api import Service
from ingest.calendar import week_of
from ingest.operations import Station
from ingest.service import assemble
from ingest.settings import (
    MqttSection,
    QuarantineSection,
    RetentionSection,
    Settings,
    StoreSection,
)
from tests.integration.broker import Broker

STATIONS = (
    Station("BJ-CY-012", "朝阳区便利店", "Chaoyang store", "110105", "convenience", 3),
    Station("BJ-DC-001", "东城区银行", "Dongcheng bank", "110101", "bank", 6),
)
CHAOYANG, DONGCHENG = (station.id for station in STATIONS)
PATIENCE_SECONDS = 15
FOREVER = RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0)
"""What is sent in tests is of days long past."""
WEEK = week_of(date(2026, 2, 6))
"""The week of every screening batch."""


@contextmanager
def running_ingest(
    broker: Broker,
    directory: Path,
    *,
    worker: str = "ingest-1",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    store: StoreSection | None = None,
    quarantine: QuarantineSection | None = None,
) -> Iterator[Service]:
    """A worker that is subscribed, with two stations in its inventory."""
    settings = Settings(
        mqtt=MqttSection(host=broker.host, port=broker.port, worker=worker, retry_seconds=0.05),
        store=store
        or StoreSection(
            path=directory / "store.sqlite",
            operations_url=f"sqlite:///{directory}/operations.sqlite",
            retention=FOREVER,
        ),
        quarantine=quarantine or QuarantineSection(),
    )
    service = assemble(settings, clock)
    service.operations.inventory.register(STATIONS)
    stop = threading.Event()
    thread = threading.Thread(target=service.subscriber.run, args=(stop,))
    thread.start()
    try:
        until(lambda: service.subscriber.connected)
        yield service
    finally:
        stop.set()
        thread.join()


@dataclass
class Talker:
    """A station's connection: sends anything, keeps the receipts that come back."""

    client: Client
    station: str
    receipts: list[Receipt] = field(default_factory=list)
    _came: threading.Condition = field(default_factory=threading.Condition)

    def send(self, stream: Stream, message: dict[str, Any] | bytes, station: str = "") -> None:
        """Publish on its own topic, or on that of another `station`."""
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.client.publish(topic(station or self.station, stream), payload, qos=1)

    def receipted(self, count: int) -> list[Receipt]:
        """The receipts, as soon as there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.receipts) >= count, PATIENCE_SECONDS)
            return list(self.receipts)

    def take(self, message: MQTTMessage) -> None:
        """Keep what a receipts message says."""
        with self._came:
            self.receipts.extend(ReceiptBatch.model_validate_json(message.payload).receipts)
            self._came.notify_all()


@contextmanager
def talking(broker: Broker, station: str = CHAOYANG) -> Iterator[Talker]:
    """A connected station, subscribed to its receipts."""
    client = Client(
        CallbackAPIVersion.VERSION2, client_id=station, protocol=MQTTProtocolVersion.MQTTv5
    )
    talker = Talker(client, station)
    subscribed = threading.Event()

    def on_connect(*_: object) -> None:
        client.subscribe(topic(station, Stream.RECEIPTS), qos=1)

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        talker.take(message)

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = on_message
    client.max_inflight_messages_set(0)
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        assert subscribed.wait(PATIENCE_SECONDS)
        yield talker
    finally:
        client.disconnect()
        client.loop_stop()


def screening(seq: int, station: str = CHAOYANG, **changes: Any) -> dict[str, Any]:
    """A screening batch of one high and one normal session."""
    rows = [{"c": "grade1", "s": 150, "d": 95, "p": 80}, {"c": "normal", "s": 110, "d": 70}]
    return {
        "v": 1, "station": station, "epoch": 7, "seq": seq, "measure": "bp",
        "from": "2026-02-02", "to": "2026-02-06", "rows": rows, "rejects": {},
    } | changes  # fmt: skip


def status(kind: str, boot: str, **ledger: int) -> dict[str, Any]:
    """A status message of the Chaoyang station."""
    counts = {"epoch": 7, "numbered": 0, "pending": 0, "dropped": 0} | ledger
    agent = {"version": "1", "min_batch": 5, "release": "daily", "heartbeat_seconds": 60}
    everything = {} if kind == "death" else {"ledger": counts, "agent": agent}
    return {"v": 1, "station": CHAOYANG, "kind": kind, "boot": boot, **everything}


def session_count(ingest: Service) -> int:
    """How many sessions of those batches, of any measure, are stored."""
    return sum(ingest.store.trends.session_counts(WEEK).values())


def until(holds: Callable[[], bool]) -> None:
    """Wait until another thread or process has brought about what `holds` looks for."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 50):
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError("it did not come about in time")
