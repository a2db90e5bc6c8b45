"""How long a message takes until it can be asked for: a station that publishes, and looks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from time import monotonic

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.topics import Stream, topic
from ingest.calendar import ZONE, Week, week_of
from ingest.centre import opened
from ingest.operations import Station
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.usage import HOUR_SECONDS, Kind
from tests.integration.broker import Broker

PROBE = Station("BJ-XX-001", "探针", "Probe", "110105", "convenience", 3)
"""The station that probes; it is none of the fleet's."""

MOST = 160
"""How many probes there may be: each has an hour of one week to itself."""

_WEEK: Week = week_of(datetime(2025, 3, 5, tzinfo=UTC).date())
_EPOCH = 1
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Found:
    """Seconds from publishing until each probe had its receipt, was stored, was in its hour."""

    receipt: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    hour: list[float] = field(default_factory=list)


class Probe:
    """Publishes windows, one after the other, and looks for them in the store."""

    def __init__(self, client: Client, store: Store) -> None:
        self._client = client
        self._store = store
        self._sent: list[float] = []
        self._first = int(datetime.combine(_WEEK.first, time(), ZONE).timestamp())
        self.found = Found()

    def take(self, message: MQTTMessage) -> None:
        """Note a receipt; called by the client's own thread."""
        now = monotonic()
        for receipt in json.loads(message.payload)["receipts"]:
            if receipt["seq"] == len(self.found.receipt) + 1:
                self.found.receipt.append(now - self._sent[receipt["seq"] - 1])

    def go_on(self, until: float, gap: float) -> None:
        """Publish a window every `gap` seconds and look, up to a moment of `monotonic`."""
        pause, next_at = threading.Event(), monotonic()
        while (now := monotonic()) < until:
            if now >= next_at and len(self._sent) < MOST:
                self._publish()
                next_at = now + gap
            self._look()
            pause.wait(_LOOK_SECONDS)

    def finish(self) -> Found:
        """Wait for what is on its way; raises TimeoutError if it does not come."""
        pause, deadline = threading.Event(), monotonic() + _PATIENCE_SECONDS
        while min(map(len, (self.found.receipt, self.found.stored, self.found.hour))) < len(
            self._sent
        ):
            if monotonic() > deadline:
                raise TimeoutError(f"of {len(self._sent)} probes not all are found: {self.found}")
            self._look()
            pause.wait(_LOOK_SECONDS)
        return self.found

    def _publish(self) -> None:
        seq = len(self._sent) + 1
        start = self._first + (seq - 1) * HOUR_SECONDS
        window = {"start": start, "entries": 3, "occupied": 7.5, "mean": 0.84, "peak": 2}
        message = {"v": 1, "station": PROBE.id, "epoch": _EPOCH, "seq": seq, "windows": [window]}
        self._sent.append(monotonic())
        self._client.publish(topic(PROBE.id, Stream.USAGE), json.dumps(message), qos=1)

    def _look(self) -> None:
        """Windows and hours come in the order in which they were sent: there is one worker."""
        if len(self.found.stored) < len(self._sent):
            sums = self._store.windows.sums([_WEEK], [PROBE.id])
            self._note(self.found.stored, sum(one.windows for one in sums))
        if len(self.found.hour) < len(self.found.stored):
            until = self._first + len(self._sent) * HOUR_SECONDS
            hours = self._store.rollups.hours(Kind.STATION, PROBE.id, self._first, until)
            self._note(self.found.hour, len(hours))

    def _note(self, found: list[float], count: int) -> None:
        now = monotonic()
        found += [now - sent for sent in self._sent[len(found) : count]]


@contextmanager
def probing(broker: Broker, section: StoreSection) -> Iterator[Probe]:
    """A probe that is connected; the store is opened beside the worker that writes it."""
    store, operations = opened(section, lambda: datetime.now(UTC))
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, PROBE.id, protocol=MQTTProtocolVersion.MQTTv5)
    probe = Probe(client, store)
    client.on_connect = _subscribe
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _, __, message: probe.take(message)
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        if not subscribed.wait(_PATIENCE_SECONDS):
            raise TimeoutError("the broker does not let the probe in")
        yield probe
    finally:
        client.disconnect()
        client.loop_stop()
        operations.close()


def _subscribe(client: Client, *_: object) -> None:
    client.subscribe(topic(PROBE.id, Stream.RECEIPTS), qos=1)


def quantile(values: list[float], share: float) -> float:
    """What that share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
