"""Weeks are released once, closed and a day old; what comes later counts in the next one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from contract.errors import StoreUnavailable
from ingest import upkeep
from ingest.calendar import Week
from ingest.counting import open_sessions
from ingest.disclosure import RULES, State
from ingest.expiry_upkeep import expire
from ingest.operations import Operations
from ingest.release import next_due, rules_of, run
from ingest.service import assemble
from ingest.settings import ReleaseSection, RetentionSection, Settings, StoreSection
from ingest.store import Store
from ingest.store.expiry import Expiry
from ingest.store.opening import open_store
from ingest.store.sqlite import SqliteStore
from ingest.telemetry import Telemetry
from ingest.windows import Audience, Level, parse_block
from tests.integration.influx import Influx
from tests.integration.ingest import until
from tests.integration.postgres import Postgres, running_postgres
from tests.integration.releasing import (
    BANK,
    CHAOYANG,
    DONGCHENG,
    GAS,
    LAST,
    MOVING,
    STORE,
    WEEKS,
    Centre,
    Parts,
    counted,
    due,
    filled,
    opened,
    release,
    sessions,
    shown,
    told,
    week_of_sessions,
)

W1, W2, W3 = WEEKS[:3]
CITY = "110000"
IN_CHAOYANG = {BANK.station, GAS.station}


class Away:
    """A store that cannot be reached for a while; then it can."""

    def __init__(self, real: object, times: int) -> None:
        self._real, self._left = real, times

    def __getattr__(self, name: str) -> Any:
        if name == "mark_released" and self._left:
            self._left -= 1
            raise StoreUnavailable("it is away")
        return getattr(self._real, name)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite on sqlite", "influx on postgresql"])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Centre]:
    """Nothing is in it."""
    if request.param == "sqlite on sqlite":
        made = opened(tmp_path)
    else:
        influx: Influx = request.getfixturevalue("influx")
        server: Postgres = request.getfixturevalue("postgres")
        store = open_store(influx.settings(tmp_path), lambda: due(LAST))
        made = Centre(store, Operations(server.database()))
    with closing(made.operations):
        yield made


def released(centre: Centre, now: datetime) -> list[Week]:
    """Released now, without noise."""
    return release(centre, now, rules=RULES)


def test_nothing_is_released_before_a_day_has_passed(centre: Centre) -> None:
    centre.store.write(week_of_sessions(W1))
    assert released(centre, due(W1) - timedelta(seconds=1)) == []
    assert (told(centre.store), centre.store.trends.released_weeks()) == ([], [])
    assert released(centre, due(W1)) == [W1]
    assert shown(centre.store, CITY, Level.CITY, "high")[str(W1)].n == 130
    assert released(centre, due(W1)) == []


def test_history_counts_in_its_own_weeks(centre: Centre) -> None:
    for week in (W3, W1):
        centre.store.write(week_of_sessions(week))
    assert released(centre, due(W3)) == [W1, W2, W3]
    city = shown(centre.store, CITY, Level.CITY, "high")
    assert {window: cell.n for window, cell in city.items()} == {str(W1): 130, str(W3): 130}
    late = shown(centre.store, CITY, Level.CITY, "late")
    assert {cell.state for cell in late.values()} == {State.SMALL}


def test_a_late_batch_alters_no_frozen_cell_and_counts_once_in_the_next_window(
    centre: Centre,
) -> None:
    for week in (W1, W2):
        centre.store.write(week_of_sessions(week))
    released(centre, due(W1))
    frozen = told(centre.store)
    late = sessions(BANK, W1.first, 20, 7)
    for _ in range(3):
        centre.store.write(late)
    assert open_sessions(centre.store, centre.operations, W2) == 155 + 20
    assert released(centre, due(W1)) == []
    assert told(centre.store) == frozen
    assert released(centre, due(W3)) == [W2, W3]
    assert [cell for cell in told(centre.store) if cell in frozen] == frozen
    city = shown(centre.store, CITY, Level.CITY, "high")
    assert {window: cell.n for window, cell in city.items()} == {str(W1): 130, str(W2): 150}
    assert shown(centre.store, CHAOYANG, Level.DISTRICT, "late")[str(W2)].count == 20
    assert shown(centre.store, DONGCHENG, Level.DISTRICT, "late")[str(W2)].state is State.SMALL


def test_a_replay_counts_nowhere(centre: Centre) -> None:
    centre.store.write(week_of_sessions(W1))
    released(centre, due(W1))
    centre.store.write(week_of_sessions(W1))
    assert open_sessions(centre.store, centre.operations, W2) == 0
    assert released(centre, due(W2)) == [W2]
    assert sum(counted(centre.operations).values()) == 155
    assert str(W2) not in shown(centre.store, CITY, Level.CITY, "high")


def test_the_open_week_takes_what_comes_while_another_is_released(centre: Centre) -> None:
    for week in (W1, W2):
        centre.store.write(week_of_sessions(week))
    assert next_due(centre.store, due(W1), 24)[0] == W2
    for _ in range(2):  # before the first release and after it
        assert open_sessions(centre.store, centre.operations, W1) == 155
        assert open_sessions(centre.store, centre.operations, W2) == 155
        released(centre, due(W1))
    assert open_sessions(centre.store, centre.operations, W2) == 155
    centre.store.write(sessions(BANK, W1.first, 20, 7))
    assert open_sessions(centre.store, centre.operations, W2) == 175
    assert open_sessions(centre.store, centre.operations, W3) == 0  # W2 is the next


def test_a_station_is_released_in_the_district_where_it_was_last(tmp_path: Path) -> None:
    centre = filled(tmp_path)
    released(centre, due(LAST))

    def stations_of(district: str, audience: Audience, block: str) -> set[str]:
        window = parse_block(block)
        found = centre.store.trends.compared(audience, Level.STATION, window, "bp", district)
        return {cell.area for cell in found if cell.part == "high" and cell.n}

    internal, public = Audience.INTERNAL, Audience.PUBLIC
    # It moves in week 7: a window of four weeks that ends with week 4, 8, 12.
    assert stations_of(CHAOYANG, internal, "2026-B01x4") == {*IN_CHAOYANG, MOVING.station}
    assert stations_of(CHAOYANG, internal, "2026-B02x4") == IN_CHAOYANG
    assert stations_of(DONGCHENG, internal, "2026-B02x4") == {STORE.station, MOVING.station}
    assert stations_of(DONGCHENG, public, "2026-B01x12") == {STORE.station, MOVING.station}
    high = shown(centre.store, MOVING.station, Level.STATION, "high", public)
    assert {window: cell.n for window, cell in high.items()} == {"2026-B01x12": 300}


def test_a_store_that_is_away_is_waited_out(tmp_path: Path) -> None:
    centre = filled(tmp_path, [W1])
    telemetry, stop = Telemetry(), Event()
    waits = Away(centre.store.trends, 3)
    store = cast(Store, Parts(trends=waits))
    settings = ReleaseSection(check_every_seconds=0.01)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(
            run, settings, store, centre.operations, telemetry, lambda: due(W1), stop
        )
        until(lambda: centre.store.trends.released_weeks() == [W1])
        stop.set()
        job.result(10)
    value = telemetry.registry.get_sample_value
    assert value("ingest_release_failures_total") == 3
    assert value("ingest_weeks_released_total") == 1
    assert value("ingest_released_until_seconds") == W1.closes().timestamp()
    assert sum(counted(centre.operations).values()) == 155


def test_a_lost_operational_database_neither_releases_nor_counts_again(tmp_path: Path) -> None:
    centre = filled(tmp_path, [W1, W2, W3])
    released(centre, due(W2))
    before = told(centre.store)
    centre.operations.close()
    for file in tmp_path.glob("operations*"):
        file.unlink()
    anew = opened(tmp_path)
    assert released(anew, due(W3)) == [W3]
    assert [cell for cell in told(anew.store) if str(cell.window) != str(W3)] == before
    assert sum(counted(anew.operations).values()) == 155


def test_what_is_old_goes_and_what_an_open_window_needs_stays(tmp_path: Path) -> None:
    now = due(LAST)
    retention = RetentionSection(raw_days=42)
    store = SqliteStore(tmp_path / "store.sqlite", Expiry(retention, lambda: now))
    centre = Centre(store, Operations(f"sqlite:///{tmp_path}/operations.sqlite"))
    opened_before = opened(tmp_path)
    for week in WEEKS:
        opened_before.store.write(week_of_sessions(week))
    released(opened_before, due(WEEKS[-2]))
    rows = expire(centre.store, centre.operations, retention, now)
    assert rows > 0
    assert centre.store.trends.weeks()[0] == WEEKS[7]
    assert sum(counted(centre.operations).values()) == 11 * 155  # the window of 12 weeks is open
    assert released(centre, now) == [LAST]
    public = shown(centre.store, BANK.station, Level.STATION, "high", Audience.PUBLIC)
    assert public["2026-B01x12"].n == 480
    assert expire(centre.store, centre.operations, retention, now) > 0
    assert sum(counted(centre.operations).values()) == 5 * 155
    after = told(centre.store)
    assert released(centre, due(LAST.following)) == [LAST.following]
    assert told(centre.store) == after


def test_upkeep_deletes_what_is_old_by_itself(tmp_path: Path) -> None:
    filled(tmp_path, [W1, LAST]).operations.close()
    section = StoreSection(
        path=tmp_path / "store.sqlite",
        operations_url=f"sqlite:///{tmp_path}/operations.sqlite",
        retention=RetentionSection(raw_days=42),
    )
    service, stop = assemble(Settings(store=section), lambda: due(LAST)), Event()
    parts = (service.operations, service.store, service.pipeline, service.telemetry)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(upkeep.run, service.settings, *parts, service.clock, stop)
        value = service.telemetry.registry.get_sample_value
        until(lambda: value("ingest_expired_rows_total") != 0)
        stop.set()
        job.result(10)
    centre = opened(tmp_path)
    assert centre.store.trends.weeks() == [LAST]
    service.operations.close()


def test_the_settings_make_the_rules_of_both_audiences() -> None:
    strict = rules_of(ReleaseSection(minimum_sessions=50, public_epsilon=0.5))
    internal, public = strict[Audience.INTERNAL], strict[Audience.PUBLIC]
    assert (internal.minimum_sessions, internal.smallest_count, internal.epsilon) == (50, 8, None)
    assert (public.minimum_sessions, public.smallest_count) == (50, 11)
    assert public.epsilon == Fraction(1, 2)
    assert rules_of(ReleaseSection()) == RULES
