"""A batch has bounds, and it is committed, receipted and acknowledged in that order."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from contract.errors import StoreUnavailable
from contract.topics import Stream
from health_kiosk.ports import free_port
from ingest.receipts import Answer
from ingest.settings import MqttSection
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry
from ingest.wire import READ_BYTES, Delivery
from tests.integration.broker import running_broker
from tests.integration.ingest import CHAOYANG, running_ingest, screening, talking, until
from tests.integration.scripted_broker import scripted_broker

TOPIC = f"kiosk/v1/{CHAOYANG}/usage"
RECEIPTS = f"kiosk/v1/{CHAOYANG}/receipts"
PATIENCE_SECONDS = 15
PUBLISH, PUBACK = 0x30, 0x40
CONNECT = 1

Settle = Callable[[Sequence[Delivery]], Sequence[Answer]]


@contextmanager
def subscribing(
    port: int, settle: Settle, telemetry: Telemetry | None = None, **settings: float
) -> Iterator[Subscriber]:
    section = MqttSection.model_validate({"port": port, "retry_seconds": 0.05, **settings})
    subscriber = Subscriber(section, settle, telemetry or Telemetry(), Random(7))
    stop = threading.Event()
    thread = threading.Thread(target=subscriber.run, args=(stop,))
    thread.start()
    try:
        yield subscriber
    finally:
        stop.set()
        thread.join()


def test_a_batch_stops_growing_at_its_megabytes(tmp_path: Path) -> None:
    sizes: list[int] = []
    gate = threading.Event()

    def settle(deliveries: Sequence[Delivery]) -> Sequence[Answer]:
        assert gate.wait(PATIENCE_SECONDS)
        sizes.append(sum(len(one.payload) for one in deliveries))
        return []

    largest, count = 200_000, 30
    with (
        running_broker(tmp_path) as broker,
        subscribing(broker.port, settle, batch_megabytes=0.5) as subscriber,
    ):
        until(lambda: subscriber.connected)
        with talking(broker) as station:
            for _ in range(count):
                station.send(Stream.USAGE, b"x" * largest)
            # Confirmed after all of these: the broker has the whole lot by now.
            station.client.publish("elsewhere", b"", qos=1).wait_for_publish(PATIENCE_SECONDS)
        gate.set()
        until(lambda: sum(sizes) == count * largest)
    assert max(sizes) <= 0.5 * 2**20 + READ_BYTES + largest
    assert len(sizes) >= 6


def test_commit_comes_before_receipts_and_receipts_before_acknowledgements() -> None:
    committed = threading.Event()
    attempts: list[int] = []

    def settle(deliveries: Sequence[Delivery]) -> Sequence[Answer]:
        attempts.append(len(deliveries))
        if len(attempts) == 1:
            raise StoreUnavailable("not yet")
        assert [one.packet for one in deliveries] == [5, 6, 0]
        committed.set()
        return [Answer(RECEIPTS, "{}")]

    with scripted_broker() as broker, subscribing(broker.port, settle):
        line = broker.accept()
        line.greet()
        line.deliver(TOPIC, b"one", 5)
        assert_eventually(attempts)
        line.deliver(TOPIC, b"two", 6)
        line.deliver(TOPIC, b"three", 0)
        first, second, third = line.next(), line.next(), line.next()
        assert committed.is_set()
    assert first.kind == PUBLISH
    assert RECEIPTS.encode() in first.body
    assert [(one.kind, one.body) for one in (second, third)] == [
        (PUBACK, b"\x00\x05"),
        (PUBACK, b"\x00\x06"),
    ]


def test_a_new_connection_is_told_nothing_of_the_old_ones_messages() -> None:
    batches: list[list[int]] = []
    away = threading.Event()

    def settle(deliveries: Sequence[Delivery]) -> Sequence[Answer]:
        batches.append([one.packet for one in deliveries])
        if not away.is_set():
            raise StoreUnavailable("away")
        return []

    with scripted_broker() as broker, subscribing(broker.port, settle):
        old = broker.accept()
        old.greet()
        old.deliver(TOPIC, b"one", 5)
        assert_eventually(batches)
        old.cut()
        new = broker.accept()
        new.greet()
        away.set()
        new.deliver(TOPIC, b"one", 9)
        acknowledged = new.next()
    assert (acknowledged.kind, acknowledged.body) == (PUBACK, b"\x00\x09")
    assert batches[-1] == [9]


def test_the_signals_of_a_batch_are_counted_once_for_each_batch(tmp_path: Path) -> None:
    with (
        running_broker(tmp_path) as broker,
        running_ingest(broker, tmp_path) as ingest,
        talking(broker) as station,
    ):
        for seq in range(1, 51):
            station.send(Stream.SCREENING, screening(seq))
        station.send(Stream.SCREENING, b"nonsense")
        station.receipted(50)
        value = ingest.telemetry.registry.get_sample_value
        until(lambda: value("ingest_quarantined_total", {"reason": "not_json"}) == 1)
        until(lambda: value("ingest_unanswered_seconds") == 0)
        batches = value("ingest_batch_messages_count")
        assert batches
        assert value("ingest_batch_messages_sum") == 51
        assert value("ingest_receipt_lag_seconds_count") == batches
        assert value("ingest_store_write_seconds_count") == batches
        stages = ("validate", "store", "ledger", "answer")
        spent = [value("ingest_stage_seconds_total", {"stage": one}) or 0 for one in stages]
        assert min(spent) > 0
        assert (value("ingest_receipt_lag_seconds_sum") or 0) >= sum(spent) * 0.5


def assert_eventually(found: Sequence[object]) -> None:
    until(lambda: len(found) > 0)


class _Patience(threading.Event):
    """Notes how long somebody means to wait, lets them go on at once, and is set in the end."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.waits: list[float | None] = []
        self._times = times

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == self._times:
            self.set()
        return self.is_set()


def test_a_broker_that_was_away_for_long_is_found_within_two_seconds_of_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def settle(_: Sequence[Delivery]) -> Sequence[Answer]:
        raise AssertionError("nothing arrives")

    settings = MqttSection(port=free_port(), retry_seconds=1, retry_max_seconds=30)
    stop = _Patience(times=12)
    Subscriber(settings, settle, Telemetry(), Random(7)).run(stop)
    waits = [wait for wait in stop.waits if wait is not None]
    assert len(waits) == 12
    assert 0.5 <= waits[0] <= 1
    assert waits[-1] == max(waits) == 2
    assert len([one for one in caplog.messages if "no connection" in one]) == 1  # and not 12


def test_a_broker_that_takes_the_connection_and_never_answers_is_dialled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def settle(_: Sequence[Delivery]) -> Sequence[Answer]:
        raise AssertionError("nothing arrives")

    monkeypatch.setattr("ingest.subscriber._ANSWER_SECONDS", 0.1)
    stop = _Patience(times=3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = MqttSection(port=silent.getsockname()[1])
        Subscriber(settings, settle, Telemetry(), Random(7)).run(stop)
        silent.settimeout(PATIENCE_SECONDS)
        dialled = [silent.accept()[0] for _ in range(3)]
    for one in dialled:
        with one:
            assert one.recv(1)[0] >> 4 == CONNECT
