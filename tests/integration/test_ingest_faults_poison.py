"""Messages that no contract foresees: each has its end, and none ends a worker."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Reason
from contract.receipts import Outcome
from contract.topics import Stream
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import QuarantineSection, Settings, StoreSection
from tests.integration.broker import Broker, running_broker
from tests.integration.ingest import (
    CHAOYANG,
    DONGCHENG,
    STATIONS,
    running_ingest,
    screening,
    status,
    talking,
    until,
)
from tests.integration.insistence import Signs, ledger
from tests.integration.postgres import Postgres, running_postgres

NOW = datetime(2026, 2, 6, 8, 0, tzinfo=UTC)
BOOT = "0" * 16


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/operations.sqlite"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


def agent(**changes: Any) -> bytes:
    said = status("birth", BOOT)
    said["agent"] |= changes
    return json.dumps(said).encode()


POISON: list[tuple[Stream, bytes]] = [
    (Stream.STATUS, json.dumps(status("birth", BOOT, numbered=2**63)).encode()),
    (Stream.STATUS, json.dumps(status("birth", BOOT, dropped=10**30)).encode()),
    (
        Stream.STATUS,
        json.dumps(
            status("birth", BOOT)
            | {"ended": [{"epoch": 1, "numbered": 2**64, "pending": 0, "dropped": 0}]}
        ).encode(),
    ),
    (Stream.STATUS, agent(min_batch=2**31)),
    (Stream.STATUS, agent(version="1\0")),
    (Stream.STATUS, agent(heartbeat_seconds=1e300)),
    (Stream.STATUS, agent(heartbeat_seconds=1).replace(b": 1}", b": Infinity}")),
    (Stream.STATUS, agent(heartbeat_seconds=1).replace(b": 1}", b": NaN}")),
    (Stream.SCREENING, json.dumps(screening(1) | {"a\0b": 1}).encode()),
    (Stream.SCREENING, json.dumps(screening(2, to="9999-12-31")).encode()),
    (
        Stream.SCREENING,
        json.dumps(screening(3) | {"from": "0001-01-01", "to": "0001-01-01"}).encode(),
    ),
    (
        Stream.USAGE,
        json.dumps(
            {"v": 1, "station": CHAOYANG, "epoch": 7, "seq": 4, "windows": [{"start": 900 * 2**60}]}
        ).encode(),
    ),
    (Stream.USAGE, b'{"v": 1, "seq": 1' + b"0" * 5000 + b"}"),
    (Stream.USAGE, b"[" * 100_000),
    (Stream.USAGE, b""),
    (Stream.USAGE, b"\0" * 1000),
    (Stream.USAGE, b'"\\ud800"'),
]


def test_no_message_whatever_it_says_ends_a_worker(url: str, tmp_path: Path) -> None:
    settings = Settings(store=StoreSection(path=tmp_path / "store.sqlite", operations_url=url))
    service = assemble(settings, lambda: NOW)
    with closing(service.operations):
        service.operations.inventory.register(STATIONS)
        signs = Signs(service)
        for number, (stream, payload) in enumerate(POISON, start=1):
            service.pipeline.settle([Delivery(f"kiosk/v1/{CHAOYANG}/{stream}", payload, number)])
            signs.overview()  # which a single station's word must not break either
        kept = service.operations.quarantine.beginning("", 100)
        assert {one.payload for one in kept} == {payload for _, payload in POISON}
        batch = [
            Delivery(f"kiosk/v1/{CHAOYANG}/{stream}", payload, number)
            for number, (stream, payload) in enumerate(POISON)
        ]
        good = Delivery(f"kiosk/v1/{CHAOYANG}/screening", json.dumps(screening(9)).encode(), 99)
        answers = service.pipeline.settle([*batch, good])
        receipts = [one for answer in answers for one in json.loads(answer.payload)["receipts"]]
        assert {one["seq"] for one in receipts if one["outcome"] == "stored"} == {9}
        assert {one["seq"] for one in receipts if one["outcome"] != "stored"} == {1, 2, 3, 4}


def test_receipts_go_to_the_station_of_the_topic_and_touch_nobody_elses_ledger(
    broker: Broker, tmp_path: Path
) -> None:
    with (
        running_ingest(broker, tmp_path) as ingest,
        talking(broker, CHAOYANG) as liar,
        talking(broker, DONGCHENG) as other,
    ):
        liar.send(Stream.SCREENING, screening(5), station=DONGCHENG)  # on another's topic
        liar.send(Stream.SCREENING, screening(6, DONGCHENG))  # in another's name, on its own
        liar.send(Stream.SCREENING, screening(7, v=9))
        other.send(Stream.SCREENING, screening(8, DONGCHENG))
        told = {
            talker.station: {(one.seq, one.outcome, one.reason) for one in talker.receipted(2)}
            for talker in (liar, other)
        }
        assert told == {
            CHAOYANG: {
                (6, Outcome.QUARANTINED, Reason.STATION_MISMATCH),
                (7, Outcome.QUARANTINED, Reason.UNKNOWN_VERSION),
            },
            DONGCHENG: {
                (5, Outcome.QUARANTINED, Reason.STATION_MISMATCH),
                (8, Outcome.STORED, None),
            },
        }
        found = ledger(ingest.operations)
        assert (found.stored, found.quarantined, found.stations) == (1, 3, 2)


def test_a_quarantine_that_is_nearly_full_is_announced(broker: Broker, tmp_path: Path) -> None:
    bounds = QuarantineSection(max_messages=10)
    with (
        running_ingest(broker, tmp_path, quarantine=bounds) as ingest,
        talking(broker) as station,
    ):
        signs = Signs(ingest)
        for number in range(8):
            station.send(Stream.USAGE, b"garbage %d" % number)
        until(lambda: ingest.operations.quarantine.fill().messages == 8)
        assert signs.problems() == {}
        station.send(Stream.USAGE, b"one more")
        until(lambda: ingest.operations.quarantine.fill().messages == 9)
        assert signs.problems()["quarantine_nearly_full"]["count"] == 90
        assert signs.metric("ingest_problem", code="not_storing") == 0
