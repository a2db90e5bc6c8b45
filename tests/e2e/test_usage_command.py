"""Hours of usage are made anew at an operator's word, on a database that an ingest has filled."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.centre import system_clock
from ingest.operations import Operations, Station
from ingest.records import UsageRecord
from ingest.settings import load
from ingest.store.sqlite import SqliteStore
from ingest.usage import Kind, dirty_hours
from ingest.usage_upkeep import work_off
from tests.e2e.test_command_line import complaint, run

NOW = int((system_clock() - timedelta(days=30)).timestamp()) // 900 * 900
BANK = Station("S1", "站", "station", "110105", "bank", 2)
HUB = Station("H1", "站", "station", "110101", "hub", 2)


@pytest.fixture
def operations(tmp_path: Path) -> Iterator[Operations]:
    with closing(Operations(f"sqlite:///{tmp_path}/operations.sqlite")) as opened:
        opened.inventory.register([BANK, HUB])
        yield opened


@pytest.fixture
def store(tmp_path: Path, operations: Operations) -> SqliteStore:
    """Windows of both stations in one hour, which is made."""
    made = SqliteStore(tmp_path / "store.sqlite")
    windows = [
        UsageRecord(one.id, NOW, one.district, 9, 9.0, 1.0, 2, "full") for one in (BANK, HUB)
    ]
    made.write(windows)
    operations.record(dirty=dirty_hours(windows), now=system_clock())
    while work_off(operations, made):
        continue
    return made


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "ingest.toml"
    file.write_text(
        f'[store]\npath = "{tmp_path}/store.sqlite"\n'
        f'operations_url = "sqlite:///{tmp_path}/operations.sqlite"\n'
    )
    assert load(file).store.path == tmp_path / "store.sqlite"
    return str(file)


def venues(store: SqliteStore) -> set[str]:
    """The kinds of venue that have a day with entries."""
    kinds = ("bank", "hub", "gas")
    span = (NOW - 2 * 86_400, NOW + 2 * 86_400)
    return {one for one in kinds if store.rollups.hours(Kind.AREA_DAY, one, *span)}


def test_hours_are_made_anew_after_the_inventory_was_corrected(
    store: SqliteStore, operations: Operations, config: str
) -> None:
    assert venues(store) == {"bank", "hub"}
    gas = [Station(one.id, "站", "station", one.district, "gas", 2) for one in (BANK, HUB)]
    operations.inventory.register(gas)
    since = (system_clock() - timedelta(days=31)).date().isoformat()
    shown = run("usage", "remake", "--since", since, "--station", "S1", "--config", config)
    assert (shown.returncode, venues(store)) == (0, {"gas", "hub"})
    shown = run("usage", "remake", "--since", since, "--config", config)
    assert (shown.returncode, venues(store)) == (0, {"gas"})
    *progress, last = shown.stdout.splitlines()
    assert [line.endswith(": made anew") for line in progress] == [True]
    assert last.startswith("2 station(s), ")
    assert last.endswith(f" hour(s) from {since} on looked through")
    assert operations.dirty.count() == 0


def test_what_cannot_be_made_anew_is_told(operations: Operations, config: str) -> None:
    assert operations.dirty.count() == 0
    remake = ("usage", "remake", "--config", config, "--since")
    assert "no station 'S9'" in complaint(*remake, "2026-01-01", "--station", "S9")
    assert "'yesterday' is not a day such as 2026-01-31" in complaint(*remake, "yesterday")
    assert "3026-01-01 is yet to come" in complaint(*remake, "3026-01-01")
