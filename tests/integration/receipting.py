"""An ingest that commits nothing and receipts everything, unless a test makes it lose some."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.errors import Reason
from contract.receipts import Outcome, Receipt, ReceiptBatch
from contract.screening_message import AnyBatch, ScreeningMessage
from contract.status import Status
from contract.topics import INBOUND, Stream, parse, shared_subscription, topic
from contract.usage import UsageBatch
from simulators.mqtt_loop import Address
from tests.integration.broker import Broker

PATIENCE_SECONDS = 15.0

Identity = tuple[str, int, int]


class Ingest:
    """Receipts every numbered message that `is_lost` does not lose, and remembers all it saw."""

    def __init__(self, address: Address, is_lost: Callable[[Identity, int], bool]) -> None:
        self.copies: Counter[Identity] = Counter()
        self.screening: dict[Identity, AnyBatch] = {}
        self.usage: dict[Identity, UsageBatch] = {}
        self.arrivals: list[UsageBatch] = []
        self.order: list[Identity] = []
        self.statuses: defaultdict[str, list[Status]] = defaultdict(list)
        self.content_types: set[str] = set()
        self.outcome = Outcome.STORED
        self.is_subscribed = threading.Event()
        self._is_lost = is_lost
        self._news = threading.Condition()
        self.client = Client(
            CallbackAPIVersion.VERSION2, "ingest", protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.on_connect = lambda client, *_: client.subscribe(
            [(shared_subscription(stream), 1) for stream in INBOUND]
        )
        self.client.on_subscribe = lambda *_: self.is_subscribed.set()
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)
        self.client.connect(*address)

    def has_seen(self, happened: Callable[[], bool]) -> bool:
        """Wait until it has happened; False when it does not."""
        with self._news:
            return self._news.wait_for(happened, PATIENCE_SECONDS)

    def _on_message(self, client: Client, _userdata: object, message: MQTTMessage) -> None:
        with self._news:
            self._take(client, message)
            self._news.notify_all()

    def _take(self, client: Client, message: MQTTMessage) -> None:
        station, stream = parse(message.topic)
        self.content_types.add(getattr(message.properties, "ContentType", "none"))
        if stream is Stream.STATUS:
            self.statuses[station].append(Status.model_validate_json(message.payload))
            return
        batch: AnyBatch | UsageBatch
        if stream is Stream.SCREENING:
            batch = ScreeningMessage.model_validate_json(message.payload).root
        else:
            batch = UsageBatch.model_validate_json(message.payload)
        identity = (station, batch.epoch, batch.seq)
        assert batch.station == station
        self.copies[identity] += 1
        if self._is_lost(identity, self.copies[identity]):
            return
        if isinstance(batch, UsageBatch):
            self.usage[identity] = batch
            self.arrivals.append(batch)
        else:
            self.screening[identity] = batch
        self.order.append(identity)
        self._receipt(client, batch)

    def _receipt(self, client: Client, batch: AnyBatch | UsageBatch) -> None:
        reason = Reason.SCHEMA if self.outcome is Outcome.QUARANTINED else None
        receipt = Receipt(epoch=batch.epoch, seq=batch.seq, outcome=self.outcome, reason=reason)
        answer = ReceiptBatch(station=batch.station, receipts=(receipt,))
        client.publish(
            topic(batch.station, Stream.RECEIPTS), answer.model_dump_json(exclude_none=True), 1
        )


def nothing_is_lost(_identity: Identity, _copy: int) -> bool:
    return False


@contextmanager
def running_ingest(
    broker: Broker, is_lost: Callable[[Identity, int], bool] = nothing_is_lost
) -> Iterator[Ingest]:
    ingest = Ingest(Address(broker.host, broker.port), is_lost)
    ingest.client.loop_start()
    try:
        assert ingest.is_subscribed.wait(PATIENCE_SECONDS)
        yield ingest
    finally:
        ingest.client.disconnect()
        ingest.client.loop_stop()
