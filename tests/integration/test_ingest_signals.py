"""What /metrics knows of refused readings, and of work that waits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest

from contract.errors import Reason
from contract.screening_batch import ScreeningBatch, blood_pressure_row
from contract.usage import UsageWindow
from ingest import upkeep
from ingest.api import Service
from ingest.calendar import ZONE
from ingest.operations import Station
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import MqttSection, Settings, StoreSection, TlsSection
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry
from tests.integration.broker import Broker, running_broker
from tests.integration.certificates import Authority
from tests.integration.ingest import until
from tests.integration.rollups import MONDAY
from tests.integration.rollups import delivery as usage

NOW = datetime(2026, 2, 6, 10, 0, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)
EPOCH = datetime.fromtimestamp(0, UTC)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """An ingest process, assembled and not started, with one station in its inventory."""
    store = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    made = assemble(Settings(store=store), lambda: NOW)
    made.operations.inventory.register([Station("S1", "站", "station", "110105", "hub", 4)])
    with closing(made.operations):
        yield made


def batch(seq: int, station: str = "S1", **rejects: str) -> Delivery:
    """A batch of one session whose station has refused readings."""
    message = ScreeningBatch.model_validate(
        {
            "station": station, "epoch": 7, "seq": seq, "from": NOW.date(), "to": NOW.date(),
            "rejects": rejects, "rows": [blood_pressure_row(120, 80, None, single=True)],
        }
    )  # fmt: skip
    payload = message.model_dump_json(by_alias=True, exclude_none=True).encode()
    return Delivery(f"kiosk/v1/{station}/screening", payload, packet=1)


def rejected(service: Service, reason: Reason) -> float | None:
    value = service.telemetry.registry.get_sample_value
    return value("ingest_rejects_total", {"reason": reason.value})


def test_refused_readings_are_counted_by_reason_as_few_as_their_bands_allow(
    service: Service,
) -> None:
    service.pipeline.settle(
        [
            batch(1, body_moved="10", cuff_loose="<8"),
            batch(2, body_moved="15", resent="100"),
            batch(3),
        ]
    )
    assert rejected(service, Reason.BODY_MOVED) == 8 + 13
    assert rejected(service, Reason.CUFF_LOOSE) == 0
    assert rejected(service, Reason.RESENT) == 98
    assert rejected(service, Reason.STRIP_ERROR) == 0


def test_a_band_of_a_thousand_digits_ends_no_worker_and_counts_nothing(service: Service) -> None:
    service.pipeline.settle([batch(1, body_moved="9" * 5000 + "0")])
    assert rejected(service, Reason.BODY_MOVED) == 0
    assert service.telemetry.registry.get_sample_value("ingest_messages_total") == 1


def test_what_a_refused_message_says_is_not_counted(service: Service) -> None:
    service.pipeline.settle([batch(1, station="S9", body_moved="10")])
    assert rejected(service, Reason.BODY_MOVED) == 0


@pytest.mark.parametrize("days", [20, 400])
def test_the_end_of_the_brokers_certificate_is_told(tmp_path: Path, days: int) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("broker", days=days)
    files = f"certfile {signed.certificate}\nkeyfile {signed.key}\n"
    ends = datetime.now(UTC) + timedelta(days=days, hours=1)
    with running_broker(tmp_path, extra=files) as broker:
        assert abs(connected(broker, tmp_path, TlsSection(ca_file=authority.file)) - ends) < MINUTE


def test_without_encryption_no_certificate_ends(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        assert connected(broker, tmp_path, None) == EPOCH


def connected(broker: Broker, directory: Path, tls: TlsSection | None) -> datetime:
    """What a worker that has connected says of the certificate's end."""
    telemetry, stop = Telemetry(), Event()
    mqtt = MqttSection(host=broker.host, port=broker.port, tls=tls)
    subscriber = Subscriber(mqtt, lambda _: [], telemetry, Random(7))
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(subscriber.run, stop)
        try:
            until(lambda: subscriber.connected)
        finally:
            stop.set()
        job.result(10)
    value = telemetry.registry.get_sample_value("ingest_broker_certificate_until_seconds")
    assert value is not None
    return datetime.fromtimestamp(value, UTC)


def test_what_waits_is_told_in_numbers(service: Service) -> None:
    window = UsageWindow(start=MONDAY, entries=3)
    service.pipeline.settle([usage("S1", 1, (window,)), batch(1, station="S9")])
    stop, value = Event(), service.telemetry.registry.get_sample_value
    parts = (service.operations, service.store, service.pipeline, service.telemetry)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(upkeep.run, service.settings, *parts, service.clock, stop)
        until(lambda: value("ingest_quarantine_messages") == 1)
        stop.set()
        job.result(10)
    assert value("ingest_dirty_hours") == 1
    assert value("ingest_quarantine_bytes") == len(batch(1, station="S9").payload)
