"""The centre of a kill test: stores each message once by its identity, and receipts it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.envelope import Envelope
from contract.receipts import Outcome, Receipt, ReceiptBatch
from contract.screening_batch import ScreeningBatch
from contract.topics import Stream, parse, topic
from contract.usage import UsageBatch
from simulators.mqtt_loop import Address

Identity = tuple[int, int]
"""A message's epoch and number."""

_PATIENCE_SECONDS = 30.0


class Centre:
    """Everything that one station has delivered; its messages' copies must be the same."""

    def __init__(self, address: Address) -> None:
        self.stored: dict[Identity, bytes] = {}
        self.copies = 0
        self.broken: list[str] = []
        self._address = address
        self._news = threading.Condition()
        self._is_listening = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, "centre", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._is_listening.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)

    def start(self) -> None:
        """Returns when it listens."""
        self._client.connect(*self._address)
        self._client.loop_start()
        if not self._is_listening.wait(_PATIENCE_SECONDS):
            raise TimeoutError("the centre could not subscribe")

    def stop(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def has_seen(self, happened: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> bool:
        """Wait until it has happened; False when it does not."""
        with self._news:
            return self._news.wait_for(happened, seconds)

    def rows(self) -> Counter[str]:
        """Every screening row that was delivered, as JSON, and how often."""
        return Counter(
            row.model_dump_json(exclude_none=True)
            for batch in self._batches(ScreeningBatch)
            for row in batch.rows
        )

    def windows(self) -> Counter[int]:
        """The start of every usage window that was delivered, and how often."""
        return Counter(
            window.start for batch in self._batches(UsageBatch) for window in batch.windows
        )

    def _batches(self, kind: type[Any]) -> Iterator[Any]:
        word = b'"windows"' if kind is UsageBatch else b'"rows"'
        for payload in list(self.stored.values()):
            if word in payload:
                yield kind.model_validate_json(payload)

    def _on_connect(self, client: Client, *_: object) -> None:
        streams = (Stream.SCREENING, Stream.USAGE)
        client.subscribe([(topic("+", stream), 1) for stream in streams])

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        station, _stream = parse(message.topic)
        envelope = Envelope.model_validate_json(message.payload)
        identity = (envelope.epoch, envelope.seq)
        payload = bytes(message.payload)
        with self._news:
            self.copies += 1
            if self.stored.setdefault(identity, payload) != payload:
                self.broken.append(f"two different messages have the number {identity}")
            self._news.notify_all()
        receipt = Receipt(epoch=envelope.epoch, seq=envelope.seq, outcome=Outcome.STORED)
        answer = ReceiptBatch(station=station, receipts=(receipt,))
        client.publish(
            topic(station, Stream.RECEIPTS), answer.model_dump_json(exclude_none=True), 1
        )


@contextmanager
def running_centre(address: Address) -> Iterator[Centre]:
    """A centre that listens at the broker at `address`."""
    centre = Centre(address)
    centre.start()
    try:
        yield centre
    finally:
        centre.stop()
