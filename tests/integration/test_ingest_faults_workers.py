"""Workers and brokers that are killed: every message is stored once and receipted all the same."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from contract.receipts import Outcome
from ingest.operations import Operations
from tests.chaos.centre_kills import kill_the_worker
from tests.integration.broker import Broker, running_broker
from tests.integration.ingest import CHAOYANG, DONGCHENG, running_ingest, until
from tests.integration.insistence import Insistent, Signs, insisting, ledger
from tests.integration.postgres import running_postgres
from tests.integration.workers import PUBACK, PUBLISH, Worker, prepared, running_line


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as running:
        yield running


def sessions(directory: Path) -> int:
    with closing(sqlite3.connect(directory / "store-sessions.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM sessions").fetchone()
    return int(count)


def is_settled(operations: Operations, numbered: int) -> bool:
    found = ledger(operations)
    return found.balanced and (found.numbered, found.stored) == (numbered, numbered)


@pytest.mark.parametrize("last", [PUBLISH, PUBACK], ids=["receipt", "acknowledgement"])
def test_a_worker_killed_after_its_commit_but_before_its(
    broker: Broker, tmp_path: Path, last: int
) -> None:
    url = f"sqlite:///{tmp_path}/operations.sqlite"
    with (
        closing(prepared(url)) as operations,
        running_line(broker) as (line, port),
        insisting(broker) as station,
    ):
        worker = Worker(tmp_path, port, url, "ingest-1")
        line.kill = worker.strike
        try:
            worker.start()
            station.send(1)
            station.wait_for_all()
            line.doomed = lambda kind: kind == last and ledger(operations).stored > 1
            station.send(20)
            assert worker.wait() == -9
            assert sessions(tmp_path) >= 2 * ledger(operations).stored > 2
            if last == PUBLISH:
                assert len(station.outcomes) == 1, "no receipt had left"
            worker.start()
            station.wait_for_all()
            until(lambda: is_settled(operations, 21))
            assert set(station.outcomes.values()) == {Outcome.STORED}
            assert sessions(tmp_path) == 42
        finally:
            worker.kill()


def test_a_worker_killed_at_random_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_the_worker(tmp_path, rounds=3, seed=11, say=print)


def test_one_of_three_workers_killed_under_load_leaves_its_share_to_the_others(
    broker: Broker, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(running_postgres()).database()
        operations = stack.enter_context(closing(prepared(url)))
        workers = [Worker(tmp_path, broker.port, url, f"ingest-{n}") for n in (1, 2, 3)]
        for worker in workers:
            stack.callback(worker.kill)
            worker.start()
        for worker in workers:
            worker.wait_until_ready()
        stations: list[Insistent] = [
            stack.enter_context(insisting(broker, name)) for name in (CHAOYANG, DONGCHENG)
        ]
        for station in stations:
            station.send(200)
        stations[0].wait_for(20)
        workers[1].kill()
        for station in stations:
            station.wait_for_all()
        until(lambda: is_settled(operations, 400))
        workers[1].start()  # and is given what it had not acknowledged, long since stored
        workers[1].wait_until_ready()
        for station in stations:
            station.send(50)
            station.wait_for_all()
        until(lambda: is_settled(operations, 500))
        assert sessions(tmp_path) == 1000
        assert {end for one in stations for end in one.outcomes.values()} == {Outcome.STORED}


def test_a_broker_killed_under_load_loses_nothing_that_a_station_insists_on(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker, tmp_path) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        for round_ in (1, 2):
            station.send(1000)
            station.wait_for(1000 * (round_ - 1) + 50)
            broker.kill()
            until(lambda: signs.shown("broker_away"))
            assert signs.metric("ingest_broker_connected") == 0
            broker.start()
            station.wait_for_all()
            until(lambda round_=round_: is_settled(ingest.operations, 1000 * round_))  # type: ignore[misc]
        assert sessions(tmp_path) == 4000
        until(signs.all_is_well)
