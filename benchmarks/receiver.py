"""An ingest that only receipts, in a process of its own, so that it shares no interpreter lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.envelope import Envelope
from contract.receipts import MAX_RECEIPTS, Outcome, Receipt, ReceiptBatch
from contract.topics import Stream, topic

_PATIENCE_SECONDS = 30.0


@contextmanager
def running_receiver(host: str, port: int, station: str) -> Iterator[None]:
    """A process that receipts whatever `station` sends, in groups as they come."""
    context = get_context("spawn")
    ready, there = context.Pipe()
    process = context.Process(target=_receive, args=(host, port, station, there), daemon=True)
    process.start()
    try:
        if not ready.poll(_PATIENCE_SECONDS):
            raise TimeoutError("the receiver could not subscribe")
        yield
    finally:
        process.terminate()
        process.join()


def _receive(host: str, port: int, station: str, ready: Connection) -> None:
    found: list[Receipt] = []

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        envelope = Envelope.model_validate_json(message.payload)
        found.append(Receipt(epoch=envelope.epoch, seq=envelope.seq, outcome=Outcome.STORED))

    client = Client(CallbackAPIVersion.VERSION2, "receiver", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = on_message
    client.on_subscribe = lambda *_: ready.send(True)
    client.connect(host, port)
    client.subscribe([(topic(station, one), 1) for one in (Stream.SCREENING, Stream.USAGE)])
    while True:
        client.loop(0.05)
        while found:
            group, found[:MAX_RECEIPTS] = tuple(found[:MAX_RECEIPTS]), []
            answer = ReceiptBatch(station=station, receipts=group)
            client.publish(
                topic(station, Stream.RECEIPTS), answer.model_dump_json(exclude_none=True), 1
            )
