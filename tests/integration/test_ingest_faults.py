"""Databases that go away, hang, are locked or refuse: nothing is lost, and the signs show it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from psycopg import sql

from contract.errors import Reason
from contract.receipts import Outcome
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from tests.integration.broker import Broker, running_broker
from tests.integration.influx import Influx
from tests.integration.ingest import (
    CHAOYANG,
    FOREVER,
    STATIONS,
    running_ingest,
    session_count,
    until,
)
from tests.integration.insistence import Signs, insisting, ledger
from tests.integration.postgres import Postgres, running_postgres

FAILURES = "ingest_commit_failures_total"

# Holds a file's write lock until its input ends.
_LOCK = (
    "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "d.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as running:
        yield running


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process is writing into the file at `path` and does not finish."""
    command = (sys.executable, "-c", _LOCK, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            process.communicate()


def make_read_only(url: str, setting: Literal["on", "off"]) -> None:
    """As a replica is, for every connection from now on; those there are end."""
    with psycopg.connect(
        url, autocommit=True, options="-c default_transaction_read_only=off"
    ) as connection:
        name = sql.Identifier(connection.info.dbname)
        change = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = " + setting)
        connection.execute(change.format(name))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def in_postgres(directory: Path, url: str) -> StoreSection:
    return StoreSection(path=directory / "store.sqlite", operations_url=url, retention=FOREVER)


def test_an_influxdb_that_hangs_and_then_dies_for_longer_than_every_timeout_loses_nothing(
    broker: Broker, influx: Influx, tmp_path: Path
) -> None:
    settings = influx.settings(tmp_path, timeout_seconds=0.3)
    with running_ingest(broker, tmp_path, store=settings) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        station.send(1)
        station.wait_for_all()
        until(lambda: signs.overview()["stations"]["online"] == 1)
        influx.hang()
        try:
            station.send(50)
            until(lambda: signs.metric(FAILURES) >= 2)
            until(lambda: signs.shown("not_storing"))
            assert signs.shown("store_away")
            overview = signs.overview()
            assert overview["open_window"] is None
            assert overview["stations"] == {"registered": 2, "online": 1}
            assert overview["messages"]["stored"] == 1
        finally:
            influx.resume()
        influx.kill()
        station.send(50)
        failures = signs.metric(FAILURES)
        until(lambda: signs.metric(FAILURES) > failures)
        assert signs.shown("store_away")
        assert len(station.outcomes) <= 51
        influx.start()
        station.wait_for_all()
        assert set(station.outcomes.values()) == {Outcome.STORED}
        assert influx.count("kiosk_raw", "single", "session") == 202
        until(lambda: (found := ledger(ingest.operations)).balanced and found.numbered == 101)
        assert ledger(ingest.operations).stored == 101
        until(signs.all_is_well)


def test_a_postgresql_that_stops_and_returns_has_lost_nothing(
    broker: Broker, postgres: Postgres, tmp_path: Path
) -> None:
    store = in_postgres(tmp_path, postgres.database())
    with running_ingest(broker, tmp_path, store=store) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        station.send(1)
        station.wait_for_all()
        postgres.stop()
        station.send(50)
        until(lambda: signs.metric(FAILURES) >= 3)
        assert signs.shown("not_storing")
        assert signs.shown("operations_away")
        overview = signs.overview()
        assert overview["stations"] == {"registered": None, "online": None}
        assert overview["messages"]["stored"] is None
        assert overview["open_window"]["sessions"] is None  # what was counted is known there
        assert len(station.outcomes) == 1
        postgres.start()
        station.wait_for_all()
        assert session_count(ingest) == 102
        until(lambda: (found := ledger(ingest.operations)).balanced and found.numbered == 51)
        until(signs.all_is_well)


def test_a_postgresql_that_hangs_is_seen_although_nothing_ever_fails(
    broker: Broker, postgres: Postgres, tmp_path: Path
) -> None:
    store = in_postgres(tmp_path, postgres.database())
    ahead = timedelta()
    with (
        running_ingest(
            broker, tmp_path, store=store, clock=lambda: datetime.now(UTC) + ahead
        ) as ingest,
        insisting(broker) as station,
    ):
        signs = Signs(ingest)
        station.send(1)
        station.wait_for_all()
        postgres.hang()
        try:
            station.send(5)
            until(lambda: "operations_away" in signs.problems())
            ahead = timedelta(seconds=30)
            until(lambda: signs.shown("not_storing"))
            assert signs.metric(FAILURES) == 0
        finally:
            postgres.resume()
        station.wait_for_all()
        assert session_count(ingest) == 12
        until(lambda: ledger(ingest.operations).balanced and signs.all_is_well())


def test_a_postgresql_that_only_reads_for_now_is_waited_for(
    broker: Broker, postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.database()
    store = in_postgres(tmp_path, url)
    with running_ingest(broker, tmp_path, store=store) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        make_read_only(url, "on")
        station.send(5)
        until(lambda: signs.metric(FAILURES) >= 2)
        assert signs.shown("not_storing")
        make_read_only(url, "off")
        station.wait_for_all()
        assert ledger(ingest.operations).stored == 5


def test_a_file_that_another_process_locks_beyond_every_timeout_is_waited_for(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ingest.store.sqlite_file._BUSY_SECONDS", 0.1
    )  # ten seconds are long in a test
    store = StoreSection(
        path=tmp_path / "store.sqlite",
        operations_url=f"sqlite:///{tmp_path}/operations.sqlite?timeout=0.1",
        retention=FOREVER,
    )
    with running_ingest(broker, tmp_path, store=store) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        for number, name in enumerate(("operations", "store-sessions"), start=1):
            failures = signs.metric(FAILURES)
            with locked(tmp_path / f"{name}.sqlite"):
                station.send(10)
                until(lambda failures=failures: signs.metric(FAILURES) > failures)  # type: ignore[misc]
                assert signs.shown("not_storing")
                assert signs.overview()["stations"]["registered"] == 2  # readers wait for nobody
            station.wait_for_all()
            assert session_count(ingest) == 20 * number
            until(lambda: ledger(ingest.operations).balanced and signs.all_is_well())


def test_one_point_that_influxdb_refuses_among_five_thousand_costs_one_message(
    influx: Influx, tmp_path: Path
) -> None:
    service = assemble(Settings(store=influx.settings(tmp_path)), lambda: datetime.now(UTC))
    service.operations.inventory.register(STATIONS)
    begin = int(datetime.now(UTC).timestamp()) // 900 * 900 - 5000 * 900
    batch = []
    for seq in range(1, 51):
        windows = [{"start": begin + 900 * (100 * seq + n), "entries": 1} for n in range(100)]
        if seq == 23:
            windows[71]["entries"] = 2**70
        message = {"v": 1, "station": CHAOYANG, "epoch": 7, "seq": seq, "windows": windows}
        payload = json.dumps(message).encode()
        batch.append(Delivery(f"kiosk/v1/{CHAOYANG}/usage", payload, seq))
    before = len(influx.requests())
    (answer,) = service.pipeline.settle(batch)
    receipts = {one["seq"]: one["outcome"] for one in json.loads(answer.payload)["receipts"]}
    assert {seq for seq, outcome in receipts.items() if outcome != "stored"} == {23}
    assert influx.count("kiosk_usage", "windows", "usage") == 4999
    assert service.operations.quarantine.counts() == {Reason.STORE_REFUSED: 1}
    assert len(influx.requests()) - before <= 30  # halving, and not a request for each point
    found = ledger(service.operations)
    assert (found.balanced, found.stored, found.quarantined) == (True, 49, 1)
