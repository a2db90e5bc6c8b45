"""The ranking reaches a real InfluxDB once a day, whoever makes it and wherever it is broken."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from contract.errors import StoreUnavailable
from ingest import upkeep
from ingest.calendar import ZONE
from ingest.operations import Operations, Station
from ingest.pipeline import Pipeline
from ingest.ranking_upkeep import rank_due
from ingest.records import UsageRecord
from ingest.settings import Settings
from ingest.store import Store
from ingest.store.influx_buckets import USAGE
from ingest.store.opening import open_store
from ingest.store.sqlite import SqliteStore
from ingest.telemetry import Telemetry
from ingest.usage import dirty_hours
from ingest.usage_upkeep import work_off
from tests.integration.grafana_questions import Question, all_questions, ready
from tests.integration.influx import Influx
from tests.integration.ingest import until

NOW = datetime(2026, 2, 6, 12, 0, tzinfo=ZONE)
MIDNIGHT = datetime(2026, 2, 6, tzinfo=ZONE)
GO_ON = Event()


class Worker:
    """A worker's doors to the databases that all share."""

    def __init__(self, store: Store, operations: Operations) -> None:
        self.store, self.operations = store, operations

    def rank(self, now: datetime = NOW, stop: Event = GO_ON) -> bool:
        return rank_due(self.operations, self.store, now, stop)

    def visit(self, station: str, entries: int, day: datetime = NOW - timedelta(days=1)) -> None:
        """So many come to a station on a day before `NOW`."""
        self.hear(station, entries, day)
        while work_off(self.operations, self.store):
            continue

    def hear(self, station: str, entries: int, day: datetime = NOW - timedelta(days=1)) -> None:
        """The same, before its hour is made."""
        start = int(day.timestamp()) // 900 * 900
        window = UsageRecord(station, start, "110105", entries, 15.0, 0.5, 2, "some")
        assert not self.store.write([window])
        self.operations.record(dirty=dirty_hours([window]), now=NOW)


@pytest.fixture
def workers(influx: Influx, tmp_path: Path) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        made = [
            Worker(
                open_store(influx.settings(tmp_path), lambda: NOW),
                stack.enter_context(closing(Operations(f"sqlite:///{tmp_path}/operations.sqlite"))),
            )
            for _ in range(2)
        ]
        made[0].operations.inventory.register(
            Station(f"S{number}", "站", "station", "110105", "hub", 4) for number in range(3)
        )
        yield made


def shown(influx: Influx, now: datetime = NOW, area: str = "110105") -> list[tuple[Any, ...]]:
    """What the board shows: rank, station, entries."""
    question: Question
    (question,) = [one for one in all_questions("en") if one.name == "kiosk-usage/10/A"]
    found = influx.ask(ready(question, {"area": area}, now), USAGE)
    return [
        (series["tags"]["rank"], *row[1:3])
        for series in found.get("series", ())
        for row in series["values"]
    ]


def test_stations_are_ranked_by_the_entries_of_whole_days(
    influx: Influx, workers: list[Worker]
) -> None:
    worker = workers[0]
    for station, entries in (("S0", 12), ("S1", 40), ("S2", 7)):
        worker.visit(station, entries)
    worker.visit("S0", 500, NOW)  # today is not over
    worker.visit("S0", 500, MIDNIGHT - timedelta(days=28, hours=1))  # before the four weeks
    assert worker.rank()
    for area in ("110105", "110000", "hub"):
        assert shown(influx, area=area) == [("01", "S1", 40), ("02", "S0", 10)]
    assert shown(influx, area="110101") == []


def test_a_day_is_ranked_once_and_not_within_the_first_hour(workers: list[Worker]) -> None:
    one, two = workers
    assert [one.rank(), two.rank(), one.rank(NOW + timedelta(hours=12, minutes=59))] == [
        True, False, False,
    ]  # fmt: skip
    assert [two.rank(NOW + timedelta(hours=13)), one.rank(NOW + timedelta(hours=14))] == [
        True, False,
    ]  # fmt: skip


def test_of_workers_that_come_together_one_ranks(influx: Influx, workers: list[Worker]) -> None:
    workers[0].visit("S1", 40)
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda number: workers[number % 2].rank(), range(4)))
    assert sorted(done) == [False, False, False, True]
    assert shown(influx) == [("01", "S1", 40)]


def test_whoever_is_killed_before_the_day_is_ticked_off_leaves_it_to_the_next(
    influx: Influx, workers: list[Worker]
) -> None:
    one, two = workers

    class Killed(BaseException):
        pass

    def die(name: str, number: int) -> int | None:
        raise Killed

    one.visit("S1", 40)
    one.visit("S2", 20)
    one.operations.rounds.take = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        one.rank()
    assert shown(influx) == [("01", "S1", 40), ("02", "S2", 20)]
    two.visit("S0", 60)
    two.operations.inventory.retire("S2", NOW)
    assert two.rank()
    assert shown(influx) == [("01", "S0", 60), ("02", "S1", 40)]


def test_who_has_no_rank_any_more_is_not_shown_with_yesterdays(
    influx: Influx, workers: list[Worker]
) -> None:
    worker = workers[0]
    worker.visit("S1", 40)
    worker.visit("S2", 20, MIDNIGHT - timedelta(days=28) + timedelta(hours=1))
    assert worker.rank()
    assert [station for _, station, _ in shown(influx)] == ["S1", "S2"]
    tomorrow = NOW + timedelta(days=1)
    assert [station for _, station, _ in shown(influx, tomorrow)] == ["S1", "S2"], (
        "better than none"
    )
    assert worker.rank(tomorrow)
    assert [station for _, station, _ in shown(influx, tomorrow)] == ["S1"]


def test_it_ends_early_and_begins_anew(influx: Influx, workers: list[Worker]) -> None:
    workers[0].visit("S1", 40)
    stop = Event()
    stop.set()
    assert not workers[0].rank(stop=stop)
    assert shown(influx) == []
    assert workers[0].rank()


def test_a_database_that_is_away_is_told_and_the_day_is_ranked_later(
    influx: Influx, workers: list[Worker]
) -> None:
    influx.kill()
    with pytest.raises(StoreUnavailable):
        workers[0].rank()
    influx.start()
    assert workers[0].rank()


def test_the_upkeep_ranks_when_all_hours_are_made(influx: Influx, workers: list[Worker]) -> None:
    worker, telemetry, stop = workers[0], Telemetry(), Event()
    for station, entries in (("S0", 12), ("S1", 40)):
        worker.hear(station, entries)
    pipeline = Pipeline(worker.store, worker.operations, telemetry, lambda: NOW)
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(
            upkeep.run, Settings(), worker.operations, worker.store, pipeline, telemetry,
            lambda: NOW, stop,
        )  # fmt: skip
        try:
            until(lambda: shown(influx) == [("01", "S1", 40), ("02", "S0", 10)])
        finally:
            stop.set()
        done.result(timeout=20)


def test_nobody_ranks_where_no_dashboard_reads(tmp_path: Path) -> None:
    with closing(Operations(f"sqlite:///{tmp_path}/operations.sqlite")) as operations:
        store = SqliteStore(tmp_path / "store.sqlite")
        assert not rank_due(operations, store, NOW, GO_ON)
        assert operations.rounds.last("ranking") == 0
