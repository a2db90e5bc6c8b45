"""A station that sends each message until it has its receipt, and what ingest shows meanwhile."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.receipts import Outcome, ReceiptBatch
from contract.topics import Stream, topic
from ingest import ledger_queries
from ingest.api import Service, create_app
from ingest.operations import Operations
from ingest.operator_answers import LedgerSummary
from tests.integration.broker import Broker
from tests.integration.ingest import CHAOYANG, screening, status

AGAIN_SECONDS = 0.4
PATIENCE_SECONDS = 60
PAGE_SECONDS = 4.0
_EPOCH = 7


class Insistent:
    """Numbers screening batches of two sessions, and keeps each until it is receipted."""

    def __init__(self, broker: Broker, station: str) -> None:
        self.numbered = 0
        self.outcomes: dict[int, Outcome] = {}
        self._station = station
        self._pending: set[int] = set()
        self._news = threading.Condition()
        self._is_subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=station, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.max_inflight_messages_set(0)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(
            topic(station, Stream.RECEIPTS), qos=1
        )
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.on_message = self._take
        self._client.connect(broker.host, broker.port)

    def start(self) -> None:
        """Returns when it is connected."""
        self._client.loop_start()
        assert self._is_subscribed.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, count: int) -> None:
        """Number so many new messages and send them once."""
        with self._news:
            new = range(self.numbered + 1, self.numbered + count + 1)
            self.numbered += count
            self._pending.update(new)
        self._publish(new)

    def wait_for(self, receipts: int) -> None:
        """Until so many messages have their receipts; whatever has none is sent again."""
        for _ in range(round(PATIENCE_SECONDS / AGAIN_SECONDS)):
            with self._news:
                if self._news.wait_for(lambda: len(self.outcomes) >= receipts, AGAIN_SECONDS):
                    return
                pending = sorted(self._pending)
            self._publish(pending)
        raise AssertionError(f"{receipts - len(self.outcomes)} receipts are missing")

    def wait_for_all(self) -> None:
        """Until nothing is pending; then tell so in a heartbeat."""
        self.wait_for(self.numbered)
        self.report()

    def report(self) -> None:
        """Say the station's side of the ledger."""
        with self._news:
            claim = {"numbered": self.numbered, "pending": len(self._pending)}
        said = status("heartbeat", "0" * 16, **claim) | {"station": self._station}
        self._send(Stream.STATUS, said)

    def _publish(self, numbers: range | list[int]) -> None:
        for seq in numbers:
            self._send(Stream.SCREENING, screening(seq, self._station, epoch=_EPOCH))

    def _send(self, stream: Stream, message: dict[str, Any]) -> None:
        self._client.publish(topic(self._station, stream), json.dumps(message), qos=1)

    def _take(self, _: Client, __: object, message: MQTTMessage) -> None:
        with self._news:
            for receipt in ReceiptBatch.model_validate_json(message.payload).receipts:
                self.outcomes[receipt.seq] = receipt.outcome
                self._pending.discard(receipt.seq)
            self._news.notify_all()


@contextmanager
def insisting(broker: Broker, station: str = CHAOYANG) -> Iterator[Insistent]:
    """A connected station that insists on receipts."""
    insistent = Insistent(broker, station)
    insistent.start()
    try:
        yield insistent
    finally:
        insistent.stop()


class Signs:
    """What a running ingest shows of itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._transport = ASGITransport(create_app(service))

    def problems(self) -> dict[str, dict[str, Any]]:
        """What the overview says is wrong, by code."""
        return {one["code"]: one for one in self.overview()["problems"]}

    def overview(self) -> dict[str, Any]:
        """The overview, which is answered whatever is wrong."""
        answer = self._get("/api/v1/overview")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def is_ready(self) -> bool:
        """What /readyz says."""
        return bool(self._get("/readyz").status_code == 200)

    def metric(self, name: str, **labels: str) -> float:
        """A number of /metrics; 0 before it is first counted."""
        assert self._get("/metrics").status_code == 200
        return self._service.telemetry.registry.get_sample_value(name, labels) or 0.0

    def _get(self, path: str) -> Response:
        async def ask() -> Response:
            async with AsyncClient(transport=self._transport, base_url="http://ingest") as client:
                return await client.get(path)

        began = monotonic()
        answer = asyncio.run(ask())
        assert monotonic() - began < PAGE_SECONDS, f"{path}: the page would not have waited"
        return answer

    def shown(self, code: str) -> bool:
        """Whether a problem is in the overview and in the metrics, and ingest not ready."""
        return (
            code in self.problems()
            and self.metric("ingest_problem", code=code) == 1.0
            and not self.is_ready()
        )

    def all_is_well(self) -> bool:
        """Whether every sign is good."""
        return self.problems() == {} and self.is_ready()


def ledger(operations: Operations) -> LedgerSummary:
    """The ledger of all stations, as `health-kiosk ledger` has it."""
    return ledger_queries.summary(operations)
