"""Hours of usage become what their windows say, whoever makes them and whoever is killed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest

from ingest.centre import system_clock
from ingest.operations import Operations
from ingest.pipeline import Pipeline
from ingest.store import Store
from ingest.store.opening import open_store
from ingest.store.sqlite import SqliteStore
from ingest.telemetry import Telemetry
from ingest.usage_upkeep import work_off
from tests.integration.broker import running_broker
from tests.integration.influx import Influx
from tests.integration.ingest import until
from tests.integration.postgres import running_postgres
from tests.integration.rollups import MONDAY, QUARTER, Sent, database_urls, stations, stored_hours
from tests.integration.rollups import windows as some_windows
from tests.integration.workers import Worker


@pytest.fixture(params=["sqlite on sqlite", "influx on postgresql"])
def parts(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[list[Store], list[Operations]]]:
    """Three workers' doors to the same databases."""
    path, url = database_urls(tmp_path)
    with ExitStack() as stack:
        if request.param == "sqlite on sqlite":
            stores: list[Store] = [SqliteStore(path) for _ in range(3)]
        else:
            url = stack.enter_context(running_postgres()).database()
            influx: Influx = request.getfixturevalue("influx")
            stores = [open_store(influx.settings(tmp_path), system_clock) for _ in range(3)]
        operations = [stack.enter_context(closing(Operations(url))) for _ in range(3)]
        yield stores, operations


def test_two_workers_beside_a_third_that_stores_lose_and_double_nothing(
    parts: tuple[list[Store], list[Operations]],
) -> None:
    stores, operations = parts
    known = stations(9)
    operations[0].inventory.register(known)
    sent, rng = Sent(known), Random(5)
    pipeline = Pipeline(stores[0], operations[0], Telemetry(), system_clock)
    stored = Event()

    def keep_up(number: int) -> None:
        while not stored.is_set() or operations[number].dirty.count():
            work_off(operations[number], stores[number])

    with ThreadPoolExecutor(2) as threads:
        working = [threads.submit(keep_up, number) for number in (1, 2)]
        for _ in range(80):  # in any order, late, and some of them corrected
            first = MONDAY + rng.randrange(24) * QUARTER
            starts = range(first, first + rng.randrange(1, 9) * QUARTER, QUARTER)
            sent.settle(pipeline, rng.choice(known).id, some_windows(rng, starts))
        stored.set()
        for work in working:
            work.result(60)
    assert stored_hours(stores[0], known) == sent.hours(operations[0])
    assert not work_off(operations[0], stores[0])


def test_a_worker_killed_while_it_makes_hours_leaves_the_rest_to_its_next_life(
    tmp_path: Path,
) -> None:
    path, url = database_urls(tmp_path)
    store, known, rng = SqliteStore(path), stations(120), Random(7)
    with closing(Operations(url)) as operations, running_broker(tmp_path) as broker:
        operations.inventory.register(known)
        pipeline = Pipeline(store, operations, Telemetry(), system_clock)
        sent = Sent(known)
        for station in known:
            starts = range(MONDAY, MONDAY + 600 * QUARTER, QUARTER)
            sent.settle(pipeline, station.id, some_windows(rng, starts))
        all_marks = operations.dirty.count()
        worker = Worker(tmp_path, broker.port, url, "ingest-1")
        left = [all_marks]
        try:
            while left[-1] and len(left) < 3:
                worker.start()
                until(lambda: operations.dirty.count() < left[-1])
                worker.kill()
                left.append(operations.dirty.count())
            assert left[1] > 0, "it was killed with work to do"
            worker.start()
            until(lambda: operations.dirty.count() == 0)
        finally:
            worker.kill()
        assert stored_hours(store, known) == sent.hours(operations)


def test_a_replayed_message_makes_its_hours_anew(tmp_path: Path) -> None:
    path, url = database_urls(tmp_path)
    store, known = SqliteStore(path), stations(1)
    with closing(Operations(url)) as operations:
        now = [system_clock()]
        pipeline = Pipeline(store, operations, Telemetry(), lambda: now[0])
        sent = Sent(known)
        sent.settle(pipeline, known[0].id, some_windows(Random(1), [MONDAY, MONDAY + QUARTER]))
        now[0] += timedelta(minutes=2)  # the inventory is read again
        work_off(operations, store)
        assert stored_hours(store, known) == []
        operations.inventory.register(known)
        (kept,) = operations.quarantine.beginning("", 9)
        pipeline.replay(kept)
        while work_off(operations, store):
            continue
        # An hour and a day of the station, the city, the district and the venue.
        assert len(stored_hours(store, known)) == 8
        assert stored_hours(store, known) == sent.hours(operations)


def test_a_start_beyond_all_time_is_stored_and_belongs_to_no_hour(tmp_path: Path) -> None:
    path, url = database_urls(tmp_path)
    store, known = SqliteStore(path), stations(1)
    with closing(Operations(url)) as operations:
        operations.inventory.register(known)
        pipeline = Pipeline(store, operations, Telemetry(), system_clock)
        last = 2**63 // QUARTER * QUARTER
        for start in (last - QUARTER, last + QUARTER):
            Sent(known).settle(pipeline, known[0].id, some_windows(Random(1), [start]))
        assert operations.dirty.count() == 0
