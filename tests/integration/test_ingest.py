"""Ingest on a real broker: what is stored, refused, receipted and acknowledged, and when."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Reason
from contract.receipts import Outcome
from contract.topics import Stream
from ingest.ledger import Tally
from ingest.operations import Station
from ingest.upkeep import replay_known
from ingest.usage import Kind, StationHour, hour_of
from tests.integration.broker import Broker, running_broker
from tests.integration.ingest import (
    CHAOYANG,
    DONGCHENG,
    WEEK,
    running_ingest,
    screening,
    session_count,
    status,
    talking,
    until,
)

STARTED = 1770343200
WINDOW = {"start": STARTED, "entries": 3, "mean": 0.5, "level": "some"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as running:
        yield running


BAD: list[tuple[dict[str, Any] | bytes, Reason]] = [
    (b"\xff\xfe garbage", Reason.NOT_JSON),
    (screening(2, v=2), Reason.UNKNOWN_VERSION),
    (screening(3, rows=[]), Reason.SCHEMA),
    (screening(4, serial="X1"), Reason.SCHEMA),
    (screening(5, station=DONGCHENG), Reason.STATION_MISMATCH),
]


def test_bad_messages_are_quarantined_whole_and_stop_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:
        for message, _ in BAD:
            station.send(Stream.SCREENING, message)
        station.send(Stream.SCREENING, screening(6))
        receipts = {one.seq: (one.outcome, one.reason) for one in station.receipted(5)}
        assert receipts == {
            2: (Outcome.QUARANTINED, Reason.UNKNOWN_VERSION),
            3: (Outcome.QUARANTINED, Reason.SCHEMA),
            4: (Outcome.QUARANTINED, Reason.SCHEMA),
            5: (Outcome.QUARANTINED, Reason.STATION_MISMATCH),
            6: (Outcome.STORED, None),
        }
        assert ingest.operations.quarantine.counts() == {
            Reason.NOT_JSON: 1,
            Reason.UNKNOWN_VERSION: 1,
            Reason.SCHEMA: 2,
            Reason.STATION_MISMATCH: 1,
        }
        assert b"\xff\xfe garbage" in [
            one.payload for one in ingest.operations.quarantine.beginning("", 1000)
        ]
        assert session_count(ingest) == 2
        assert ingest.operations.book.tallies() == {(CHAOYANG, 7): Tally(1, 4, 6)}


def test_glucose_is_stored_beside_blood_pressure(broker: Broker, tmp_path: Path) -> None:
    rows = [{"c": "raised", "g": 6.1, "single": True}, {"c": "very_high", "g": 16.7}]
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:
        station.send(Stream.SCREENING, screening(1))
        station.send(Stream.SCREENING, screening(2, measure="glu_fasting", rows=rows))
        assert [one.outcome for one in station.receipted(2)] == [Outcome.STORED] * 2
        assert session_count(ingest) == 4
    with closing(sqlite3.connect(tmp_path / "store-sessions.sqlite")) as database:
        found = database.execute(
            "SELECT measure, category, systolic, glucose, single FROM sessions ORDER BY category"
        ).fetchall()
    assert found == [
        ("bp", "grade1", 150, None, 0),
        ("bp", "normal", 110, None, 0),
        ("glu_fasting", "raised", None, 6.1, 1),
        ("glu_fasting", "very_high", None, 16.7, 0),
    ]


def test_a_session_is_stored_with_the_district_and_venue_of_its_station(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:
        station.send(Stream.SCREENING, screening(1))
        station.receipted(1)
        found = list(ingest.store.trends.sessions(WEEK, [CHAOYANG]))
    assert [(one.district, one.venue) for one in found] == [("110105", "convenience")] * 2


def test_a_message_from_an_unknown_station_is_stored_once_the_station_is_registered(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path) as ingest, talking(broker, "BJ-XX-999") as stranger:
        stranger.send(Stream.SCREENING, screening(1, "BJ-XX-999"))
        (receipt,) = stranger.receipted(1)
        assert (receipt.outcome, receipt.reason) == (Outcome.QUARANTINED, Reason.UNKNOWN_STATION)

        newcomer = Station("BJ-XX-999", "新站", "New", "110101", "bank", 1)
        ingest.operations.inventory.register([newcomer])
        until(lambda: replay_known(ingest.operations, ingest.pipeline) == 1)
        assert session_count(ingest) == 2
        assert ingest.operations.quarantine.page(9) == []
        assert ingest.operations.book.tallies() == {("BJ-XX-999", 7): Tally(1, 0, 1)}
        stranger.send(Stream.SCREENING, screening(1, "BJ-XX-999"))
        assert stranger.receipted(2)[1].outcome is Outcome.STORED
        assert session_count(ingest) == 2


def test_a_message_sent_again_is_stored_once_and_receipted_again(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:
        usage = {"v": 1, "station": CHAOYANG, "epoch": 7, "seq": 2, "windows": [WINDOW]}
        for round_ in (1, 2, 3):
            station.send(Stream.SCREENING, screening(1))
            station.receipted(2 * round_ - 1)
            station.send(Stream.USAGE, usage)
            station.receipted(2 * round_)
        assert [one.seq for one in station.receipts] == [1, 2] * 3
        assert session_count(ingest) == 2
        hour = StationHour(CHAOYANG, hour_of(STARTED))
        ingest.store.rollups.roll_up([hour], {})
        (found,) = ingest.store.rollups.hours(Kind.STATION, *hour, hour.start + 1)
        assert (found.windows, found.entries) == (1, 3)
        assert ingest.operations.book.tallies() == {(CHAOYANG, 7): Tally(2, 0, 2)}


def test_nothing_is_answered_while_the_store_cannot_commit(broker: Broker, tmp_path: Path) -> None:
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:
        away = tmp_path / "away"
        away.mkdir()
        for file in tmp_path.glob("store*"):
            file.rename(away / file.name)
        (tmp_path / "store-sessions.sqlite").mkdir()
        station.send(Stream.SCREENING, screening(1))
        failures = "ingest_commit_failures_total"
        until(lambda: (ingest.telemetry.registry.get_sample_value(failures) or 0) >= 2)
        assert station.receipts == []
        assert ingest.operations.book.tallies() == {}

        (tmp_path / "store-sessions.sqlite").rmdir()
        for file in away.iterdir():
            file.rename(tmp_path / file.name)
        assert [one.outcome for one in station.receipted(1)] == [Outcome.STORED]
        assert session_count(ingest) == 2


def test_what_was_sent_while_ingest_was_away_is_stored_when_it_comes_back(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path):
        pass
    with talking(broker) as station:
        for seq in range(1, 201):
            station.send(Stream.SCREENING, screening(seq))
        with running_ingest(broker, tmp_path) as ingest:
            assert {one.seq for one in station.receipted(200)} == set(range(1, 201))
            assert session_count(ingest) == 400


def test_a_broker_that_dies_and_returns_is_found_again(broker: Broker, tmp_path: Path) -> None:
    with running_ingest(broker, tmp_path) as ingest:
        broker.kill()
        until(lambda: not ingest.subscriber.connected)
        broker.start()
        until(lambda: ingest.subscriber.connected)
        with talking(broker) as station:
            station.send(Stream.SCREENING, screening(1))
            assert station.receipted(1)[0].outcome is Outcome.STORED


def test_two_workers_share_the_work_and_the_ledger(broker: Broker, tmp_path: Path) -> None:
    with (
        running_ingest(broker, tmp_path, worker="ingest-1") as first,
        running_ingest(broker, tmp_path, worker="ingest-2") as second,
        talking(broker) as station,
    ):
        for seq in range(1, 101):
            station.send(Stream.SCREENING, screening(seq))
        station.receipted(100)
        assert first.operations.book.tallies() == {(CHAOYANG, 7): Tally(100, 0, 100)}
        shares = [
            worker.telemetry.registry.get_sample_value("ingest_messages_total") or 0
            for worker in (first, second)
        ]
        assert sum(shares) == 100
        assert min(shares) > 0


def test_a_late_death_does_not_end_a_newer_life(broker: Broker, tmp_path: Path) -> None:
    old, new = "0" * 16, "1" * 16
    with running_ingest(broker, tmp_path) as ingest, talking(broker) as station:

        def alive() -> dict[str, bool]:
            return {name: one.alive for name, one in ingest.operations.sightings.all().items()}

        station.send(Stream.STATUS, status("birth", old))
        station.send(Stream.STATUS, status("birth", new, numbered=3))
        station.send(Stream.STATUS, status("death", old))
        until(lambda: alive() == {CHAOYANG: True})
        station.send(Stream.SCREENING, screening(1))
        station.receipted(1)
        assert alive() == {CHAOYANG: True}
        assert ingest.operations.sightings.all()[CHAOYANG].claim.numbered == 3
        station.send(Stream.STATUS, status("death", new))
        until(lambda: alive() == {CHAOYANG: False})
