"""The scenarios of the package mean what the comment at their beginning says."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest

from simulators.city import BEIJING_TIME, stations
from simulators.faults import (
    Fault,
    FaultKind,
    Scenario,
    find_scenario,
    load_scenario,
    plan,
    scenario_names,
)
from simulators.population import seeded

CITY = stations(500, seeded(7))
FIRST, LAST = date(2026, 10, 26), date(2026, 11, 22)
HOURS = 28 * 24
HOUR = timedelta(hours=1)

Planned = dict[str, tuple[Fault, ...]]


def scenario(name: str) -> Scenario:
    return load_scenario(find_scenario(name))


@cache
def planned(name: str) -> Planned:
    return plan(scenario(name), CITY, 7, FIRST, LAST)


def second_day(hour: float = 0) -> datetime:
    return datetime.combine(FIRST, time(), BEIJING_TIME) + (24 + hour) * HOUR


def of(kind: FaultKind, faults: Sequence[Fault]) -> list[Fault]:
    return [one for one in faults if one.kind is kind]


def struck(name: str, kind: FaultKind) -> dict[str, list[Fault]]:
    return {
        station: found for station, faults in planned(name).items() if (found := of(kind, faults))
    }


def share_of_hours(name: str, kind: FaultKind) -> float:
    spent = sum(
        ((one.end - one.start) for faults in struck(name, kind).values() for one in faults),
        timedelta(0),
    )
    return spent / HOUR / (HOURS * len(CITY))


@pytest.mark.parametrize("name", scenario_names())
def test_an_example_begins_by_saying_what_it_shows(name: str) -> None:
    lines = find_scenario(name).read_text(encoding="utf-8").splitlines()
    comment = lines[: lines.index("")]
    assert all(line.startswith("# ") for line in comment)
    assert comment[-1].endswith(".")


@pytest.mark.parametrize("name", scenario_names())
def test_an_example_works_in_a_short_run_of_a_small_city(name: str) -> None:
    small = plan(scenario(name), stations(32, seeded(1)), 1, FIRST, FIRST + timedelta(1))
    assert len(small) == 32
    assert any(planned(name).values())


def test_an_ordinary_month_has_the_everyday_rates() -> None:
    assert share_of_hours("ordinary", FaultKind.OFFLINE) == pytest.approx(0.015, abs=0.002)
    lengths = [
        (one.end - one.start) / HOUR
        for faults in struck("ordinary", FaultKind.OFFLINE).values()
        for one in faults
        if one.start > second_day(-24) and one.end < second_day(HOURS - 24)
    ]
    assert min(lengths) >= 2
    assert max(lengths) <= 30
    for faults in struck("ordinary", FaultKind.DUPLICATED).values():
        assert [(one.amount, one.end - one.start) for one in faults] == [(0.005, HOURS * HOUR)]
    assert len(struck("ordinary", FaultKind.DUPLICATED)) == 500
    # Once in 180 or 120 days: about 78 and 117 of them in 500 months of stations.
    for kind, often in ((FaultKind.POWER_CUT, 78), (FaultKind.SENSOR_SILENT, 123)):
        found = sum(map(len, struck("ordinary", kind).values()))
        assert found == pytest.approx(often, abs=33)
    kinds = {one.kind for faults in planned("ordinary").values() for one in faults}
    assert FaultKind.CUFF_ERROR not in kinds, "every simulated cuff makes its own"


def test_a_power_cut_darkens_one_district_and_no_other() -> None:
    dark = struck("power-cut", FaultKind.POWER_CUT)
    assert set(dark) == {one.id for one in CITY if one.district == "110105"}
    assert len(dark) > 50
    ends = second_day(9 + 1 / 6), second_day(15 + 2 / 3)
    assert {(one.start, one.end) for (one,) in dark.values()} == {ends}


def test_three_days_offline_are_three_days_for_a_third() -> None:
    away = struck("three-days-offline", FaultKind.OFFLINE)
    assert len(away) / 500 == pytest.approx(0.33)
    assert {(one.start, one.end) for (one,) in away.values()} == {(second_day(8), second_day(80))}


def test_flapping_is_bad_for_a_tenth_and_seldom_for_all() -> None:
    flapping = struck("flapping", FaultKind.FLAPPING)
    bad = [one for faults in flapping.values() for one in faults if one.amount == 20]
    assert len(bad) == 50
    assert {(one.start, one.end) for one in bad} == {(second_day(), second_day(24))}
    seldom = [one for faults in flapping.values() for one in faults if one.amount == 120]
    assert len(seldom) / 500 == pytest.approx(2, rel=0.15)
    assert max(one.end - one.start for one in seldom) <= 1.5 * HOUR


def test_clocks_jump_both_ways_for_three_hours() -> None:
    jumps = struck("clock-jumps", FaultKind.CLOCK_JUMP)
    found = [one for faults in jumps.values() for one in faults]
    assert Counter(one.amount for one in found) == {8: 25, -8: 25}
    assert {(one.start, one.end) for one in found} == {(second_day(10), second_day(13))}


def test_sensors_are_silent_at_a_tenth_and_at_every_bank() -> None:
    silent = struck("silent-sensors", FaultKind.SENSOR_SILENT)
    by_span = Counter((one.start, one.end) for faults in silent.values() for one in faults)
    banks = {one.id for one in CITY if one.venue == "bank"}
    assert by_span == {
        (second_day(-12), second_day(36)): 50,
        (second_day(), second_day(24)): len(banks),
    }
    assert banks <= set(silent)


def test_bad_messages_come_from_all_and_poison_from_a_fifth() -> None:
    doubled = struck("bad-messages", FaultKind.DUPLICATED)
    mixed = struck("bad-messages", FaultKind.REORDERED)
    assert len(doubled) == len(mixed) == 500
    assert {one.amount for (one,) in (*doubled.values(), *mixed.values())} == {0.1}
    poisoned = struck("bad-messages", FaultKind.POISON)
    assert len(poisoned) == 100
    assert {one.amount for (one,) in poisoned.values()} == {0.05}


def test_half_of_the_stations_that_are_away_have_full_disks() -> None:
    away, full = struck("full-disks", FaultKind.OFFLINE), struck("full-disks", FaultKind.FULL_DISK)
    assert (len(away), len(full)) == (50, 25)
    assert set(full) < set(away)
    assert {(one.start, one.end) for (one,) in away.values()} == {(second_day(8), second_day(56))}
    disk = Fault(FaultKind.FULL_DISK, second_day(14), second_day(56), 6)
    assert {one for (one,) in full.values()} == {disk}


def test_half_of_the_expired_certificates_are_never_renewed() -> None:
    refused = struck("expired-certificates", FaultKind.EXPIRED_CERTIFICATE)
    ends = Counter(max(one.end for one in faults) for faults in refused.values())
    assert ends == {second_day(48): 50, second_day(HOURS - 24): 50}
    assert {one.start for faults in refused.values() for one in faults} == {second_day()}


def test_everything_that_can_go_wrong_does_and_overlaps() -> None:
    kinds = Counter(one.kind for faults in planned("everything").values() for one in faults)
    assert set(kinds) == set(FaultKind)
    assert min(kinds.values()) > 500
    assert {rule.fault for rule in scenario("everything").rules} == set(FaultKind)
    together = {
        frozenset((one.kind, other.kind))
        for faults in planned("everything").values()
        for one, other in pairwise(faults)
        if other.start < one.end
    }
    pairs = len(FaultKind) * (len(FaultKind) - 1) // 2
    assert sum(len(pair) == 2 for pair in together) == pairs
