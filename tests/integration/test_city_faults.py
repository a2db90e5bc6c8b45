"""What faults do to a living city: every message has one fate, and the truth stays the truth."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from contract.status import Kind
from simulators.city import BEIJING_TIME
from simulators.city_run import CityRun
from simulators.faults import Fault, FaultKind, find_scenario, load_scenario, plan
from simulators.truth import TruthHeader, write_truth
from tests.integration.broker import Broker
from tests.integration.city import (
    CITY,
    MONDAY,
    city_ingest,
    lived,
    options,
    sessions,
    stored_sessions,
    windows,
)
from tests.integration.receipting import running_ingest

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING_TIME)
EVENING = NINE + timedelta(hours=6)
ROUND_THE_CLOCK = next(one for one in CITY if one.venue == "gas")
PAIR = (ROUND_THE_CLOCK, next(one for one in CITY if one.venue == "hub"))
ONE = ROUND_THE_CLOCK.id
EVERYTHING = find_scenario("everything")


def of_one(kind: FaultKind, amount: float = 1.0) -> dict[str, tuple[Fault, ...]]:
    """One fault of the station that is open round the clock, from nine for six hours."""
    return {ONE: (Fault(kind, NINE, EVENING, amount),)}


def all_faults(days: int) -> dict[str, tuple[Fault, ...]]:
    last = MONDAY + timedelta(days - 1)
    return plan(load_scenario(EVERYTHING), CITY, 3, MONDAY, last)


def test_with_every_fault_at_once_every_message_has_one_fate(
    broker: Broker, tmp_path: Path
) -> None:
    made = options(broker, days=3, faults=all_faults(3), rest=0.1)
    with city_ingest(broker, tmp_path) as service:
        with CityRun(CITY, made) as run:
            weeks = lived(run)
            accounts = list(run.accounts())
        for one in accounts:
            assert one.numbered == one.stored > 0
            assert (one.pending, one.unnumbered, one.quarantined, one.dropped) == (0, 0, 0, 0)
        assert {one.station: one.windows for one in accounts} == windows(weeks)
        staged = sum(one.staged for one in accounts)
        assert stored_sessions(service, weeks) == sessions(weeks) - staged > 50
        # Poison is told once, without a receipt, so some of it may be lost with a connection.
        refused = sum(service.operations.quarantine.counts().values())
        assert 0 < refused <= sum(one.poisoned for one in accounts)


def test_same_seed_and_scenario_same_truth_at_another_speed(broker: Broker, tmp_path: Path) -> None:
    harmless = {  # to an ingest that believes everything
        station: tuple(one for one in faults if one.kind is not FaultKind.POISON)
        for station, faults in all_faults(1).items()
    }
    header = TruthHeader(seed=3, stations=60, first=MONDAY, last=MONDAY, min_batch=5)
    with running_ingest(broker):
        for name, speed in (("quick", 100_000.0), ("slow", 20_000.0)):
            made = options(broker, faults=harmless, speed=speed, rest=0.1)
            with CityRun(CITY, made) as run:
                write_truth(tmp_path / name, header, lived(run))
    assert (tmp_path / "quick").read_bytes() == (tmp_path / "slow").read_bytes()


def test_an_offline_station_is_declared_dead_and_comes_back_with_one_message(
    broker: Broker,
) -> None:
    made = options(broker, speed=20_000.0, faults=of_one(FaultKind.OFFLINE))
    with running_ingest(broker) as ingest:
        with CityRun(PAIR, made) as run:
            lived(run)
        assert ingest.has_seen(lambda: len(ingest.statuses[ONE]) >= 4)
        kinds = [status.kind for status in ingest.statuses[ONE]]
        assert kinds == [Kind.BIRTH, Kind.DEATH, Kind.BIRTH, Kind.DEATH]
        assert len({status.boot for status in ingest.statuses[ONE]}) == 1
    backlog = [
        batch.windows
        for (station, _, _), batch in ingest.usage.items()
        if station == ONE and len(batch.windows) >= 20
    ]
    assert len(backlog) == 1
    assert len(backlog[0]) in (24, 25)  # the last one may just have caught the connection
    assert backlog[0][0].start == NINE.timestamp() - 900


def test_a_power_cut_loses_its_windows_and_brings_another_boot(broker: Broker) -> None:
    made = options(broker, speed=20_000.0, faults=of_one(FaultKind.POWER_CUT))
    with running_ingest(broker) as ingest:
        with CityRun(PAIR, made) as run:
            weeks = lived(run)
        assert ingest.has_seen(lambda: len(ingest.statuses[ONE]) >= 4)
        boots = [status.boot for status in ingest.statuses[ONE]]
        assert boots[0] == boots[1] != boots[2] == boots[3]
    told = {
        window.start
        for (station, _, _), batch in ingest.usage.items()
        for window in batch.windows
        if station == ONE
    }
    assert not [start for start in told if NINE.timestamp() <= start < EVENING.timestamp() - 900]
    assert windows(weeks)[ONE] == len(told) == 96 - 25  # 08:45 until 15:00


def test_duplicated_messages_arrive_twice_and_count_once(broker: Broker) -> None:
    made = options(broker, speed=20_000.0, faults=of_one(FaultKind.DUPLICATED))
    with running_ingest(broker) as ingest, CityRun(PAIR, made) as run:
        lived(run)
        assert ingest.has_seen(lambda: ingest.copies.total() >= len(ingest.copies) + 10)
    by_station = Counter(
        station for (station, _, _), copies in ingest.copies.items() if copies == 2
    )
    assert by_station[ONE] >= 10
    assert {station for station, copies in by_station.items() if copies > 2} == {ONE}
    account = next(one for one in run.accounts() if one.station == ONE)
    assert account.stored == account.numbered


def test_reordered_messages_overtake_each_other_and_all_arrive(broker: Broker) -> None:
    made = options(broker, faults=of_one(FaultKind.REORDERED, 0.5))
    with running_ingest(broker) as ingest, CityRun(PAIR, made) as run:
        lived(run)
    order = [seq for station, _, seq in ingest.order if station == ONE]
    others = [seq for station, _, seq in ingest.order if station != ONE]
    assert sorted(set(order)) == list(range(1, max(order) + 1))
    assert order != sorted(order)
    assert others == sorted(others)


def test_poison_is_quarantined_and_costs_no_good_message(broker: Broker, tmp_path: Path) -> None:
    made = options(broker, speed=20_000.0, faults=of_one(FaultKind.POISON))
    with city_ingest(broker, tmp_path) as service:
        with CityRun(PAIR, made) as run:
            lived(run)
            account = next(one for one in run.accounts() if one.station == ONE)
        assert sum(service.operations.quarantine.counts().values()) == account.poisoned > 10
        assert account.stored == account.numbered
        assert account.quarantined == 0


def test_a_city_that_nobody_can_reach_at_first_begins_all_the_same(broker: Broker) -> None:
    cut = Fault(FaultKind.OFFLINE, NINE - timedelta(hours=9), NINE)
    made = options(broker, faults={one.id: (cut,) for one in PAIR})
    made = replace(made, speed=50_000.0)
    with running_ingest(broker) as ingest, CityRun(PAIR, made) as run:
        weeks = lived(run)
        assert run.fleet.connected == 2
    assert sum(len(batch.windows) for batch in ingest.usage.values()) == windows(weeks).total()
    sizes = [len(b.windows) for (s, _, _), b in ingest.usage.items() if s == ONE]
    assert max(sizes) >= 36
