"""Single sessions in an InfluxDB of their own: two real influxds, each with its own token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from contract.errors import StoreUnavailable
from ingest.settings import InfluxSection, StoreSection
from ingest.store.influx_buckets import BUCKETS, RAW, TRENDS, USAGE
from ingest.store.influx_setup import prepare
from ingest.store.opening import open_store
from ingest.windows import Level, block_of
from tests.contract.stores import CHAOYANG, CLOSED, STATION, WEEK, sessions
from tests.contract.test_store_trends import cells
from tests.integration.influx import TOKEN, Influx, running_influx
from tests.integration.test_influx import window


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Influx]:
    with running_influx(tmp_path) as running:
        yield running


def settings(influx: Influx, other: Influx, directory: Path) -> StoreSection:
    return influx.settings(directory, raw_url=other.url, raw_token=TOKEN)


def databases(influx: Influx) -> list[str]:
    return [name for (name,) in influx.ask("SHOW DATABASES")["series"][0].get("values", [])]


def test_sessions_are_in_one_and_all_else_in_the_other(
    influx: Influx, other: Influx, tmp_path: Path
) -> None:
    influx.ask(f'DROP DATABASE "{RAW}"')
    prepared = prepare(settings(influx, other, tmp_path))
    assert prepared.buckets == BUCKETS
    assert "raw_url" not in prepared.advice
    assert "/debug" in prepared.advice
    assert sorted(databases(influx)) == sorted(set(BUCKETS) - {RAW})
    assert databases(other) == [RAW]
    store = open_store(settings(influx, other, tmp_path), lambda: CLOSED)
    assert not store.write([*sessions(9, 3), window(0)])
    week = block_of(WEEK, 1)
    store.trends.publish(cells(Level.DISTRICT, CHAOYANG, week), {})
    store.trends.mark_released(WEEK)
    assert other.count(RAW, "single", "session") == 9
    assert influx.count(USAGE, "windows", "usage") == 1
    assert influx.ask("SHOW MEASUREMENTS", TRENDS)["series"][0]["values"] == [
        ["release"], ["trend"],
    ]  # fmt: skip
    assert store.trends.session_counts(WEEK) == {STATION: 9}
    assert sum(one.sessions for one in store.trends.sessions(WEEK, [STATION])) == 9
    assert store.trends.weeks() == store.trends.released_weeks() == [WEEK]
    assert store.trends.cells_within(week) != []


def test_the_server_that_is_away_is_named(influx: Influx, other: Influx, tmp_path: Path) -> None:
    prepare(settings(influx, other, tmp_path))
    store = open_store(settings(influx, other, tmp_path), lambda: CLOSED)
    other.kill()
    with pytest.raises(StoreUnavailable, match=other.url):
        store.write([*sessions(9, 3), window(0)])
    assert store.trends.released_weeks() == []
    other.start()
    influx.kill()
    with pytest.raises(StoreUnavailable, match=influx.url):
        store.write([*sessions(9, 3), window(0)])
    assert store.trends.session_counts(WEEK) == {STATION: 9}
    influx.start()
    assert not store.write([*sessions(9, 3), window(0)])
    assert store.trends.session_counts(WEEK) == {STATION: 9}
    assert influx.count(USAGE, "windows", "usage") == 1


def test_preparing_1_x_says_what_its_grants_leave_open_and_what_closes_it(
    influx: Influx, other: Influx, tmp_path: Path
) -> None:
    advice = prepare(influx.settings(tmp_path)).advice
    assert "there were sessions in which week" in advice
    assert "Set [store.influx] raw_url and raw_token" in advice
    assert "Do not let dashboards reach /debug" in advice
    assert "DROP DATABASE" not in advice
    # The old bucket is still there, and still tells.
    assert f'DROP DATABASE "{RAW}"' in prepare(settings(influx, other, tmp_path)).advice


@pytest.mark.parametrize("half", [{"raw_url": "http://sessions:8086"}, {"raw_token": "s"}])
def test_half_a_way_to_the_sessions_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="raw_url and raw_token belong together"):
        InfluxSection(token="t", **half)  # noqa: S106
