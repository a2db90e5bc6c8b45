"""A plan says who suffers what and when, alike for the same seed, and within the run."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from simulators.city import BEIJING_TIME, stations
from simulators.faults import Fault, FaultKind, Rule, Scenario, ScenarioError, plan
from simulators.population import seeded

CITY = stations(500, seeded(7))
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 29)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rule(**given: Any) -> Rule:
    return Rule(**{"fault": FaultKind.OFFLINE, "amount": 1.0, **given})


def planned(*rules: Rule, seed: int = 7, last: date = LAST) -> dict[str, tuple[Fault, ...]]:
    return plan(Scenario("mine", "mine.toml", rules), CITY, seed, FIRST, last)


def struck(*rules: Rule, seed: int = 7) -> set[str]:
    return {station for station, faults in planned(*rules, seed=seed).items() if faults}


def at(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), BEIJING_TIME)


def test_a_rule_without_anything_is_for_every_station_and_the_whole_run() -> None:
    found = planned(rule())
    assert list(found) == [station.id for station in CITY]
    assert set(found.values()) == {
        (Fault(FaultKind.OFFLINE, at(FIRST), at(LAST + DAY), 1.0),),
    }


def test_stations_district_and_venue_must_all_fit() -> None:
    banks = {one.id for one in CITY if one.venue == "bank" and one.district in ("110105", "110106")}
    found = struck(rule(districts=("110105", "110106"), venues=("bank",)))
    assert found == banks
    some = sorted(banks)[:2]
    assert struck(rule(venues=("bank",), stations=(*some, "BJ-CY-001"))) <= {*some, "BJ-CY-001"}
    assert struck(rule(stations=("BJ-HD-003",))) == {"BJ-HD-003"}


def test_a_share_is_drawn_by_seed_and_by_rule() -> None:
    tenth = rule(share=0.1)
    assert len(struck(tenth)) == 50
    assert struck(tenth) == struck(tenth)
    assert struck(tenth) != struck(tenth, seed=8)
    found = planned(tenth, rule(fault=FaultKind.POISON, share=0.1))
    kinds = Counter(fault.kind for faults in found.values() for fault in faults)
    assert set(kinds.values()) == {50}
    both = sum(len(faults) == 2 for faults in found.values())
    assert both < 20, "two rules draw two lots"
    assert struck(rule(fault=FaultKind.POISON, share=0.1)) == struck(tenth), "by place, not kind"


def test_of_a_small_share_at_least_one_station_is_drawn() -> None:
    assert len(struck(rule(share=0.0001))) == 1


def test_rules_of_a_group_draw_the_same_stations_and_times() -> None:
    many, few = rule(share=0.2, group="g"), rule(share=0.05, group="g")
    padding = rule(stations=("BJ-HD-003",))
    assert struck(few) < struck(many)
    assert struck(padding, few) - {"BJ-HD-003"} <= struck(few)
    assert struck(few) != struck(rule(share=0.05, group="h"))
    often = {"every": 5 * DAY, "lasting": (HOUR, 2 * HOUR), "group": "g"}
    found = planned(rule(**often), rule(fault=FaultKind.FULL_DISK, **often))
    for faults in found.values():
        disk = [(f.start, f.end) for f in faults if f.kind is FaultKind.FULL_DISK]
        line = [(f.start, f.end) for f in faults if f.kind is FaultKind.OFFLINE]
        assert disk == line


@pytest.mark.parametrize("start", [2, date(2026, 11, 4), at(date(2026, 11, 4), 18)])
def test_a_fault_begins_when_its_rule_says_and_ends_with_the_run(
    start: int | date | datetime,
) -> None:
    begins = at(date(2026, 11, 4), 18)
    hour = time() if isinstance(start, datetime) else time(18)
    one = rule(start=start, at=hour, duration=2 * DAY)
    assert set(planned(one).values()) == {(Fault(FaultKind.OFFLINE, begins, begins + 2 * DAY),)}
    cut = planned(one, last=date(2026, 11, 5))
    assert {fault.end for (fault,) in cut.values()} == {at(date(2026, 11, 6))}


@pytest.mark.parametrize("start", [28, date(2026, 11, 1), date(2026, 11, 30), at(FIRST) - HOUR])
def test_a_start_outside_of_the_run_is_refused(start: int | date | datetime) -> None:
    with pytest.raises(ScenarioError) as caught:
        planned(rule(), rule(start=start))
    told = str(caught.value)
    assert told.startswith("mine.toml, rule 2, start: 2026-11-")
    assert "is not in the run, which is from 2026-11-02 to 2026-11-29; write a day of it" in told


def test_a_station_that_is_not_in_the_city_is_named() -> None:
    with pytest.raises(ScenarioError) as caught:
        planned(rule(stations=("BJ-DC-001", "BJ-XX-001")))
    assert str(caught.value) == (
        "mine.toml, rule 1, stations: there is no station BJ-XX-001 in this city; "
        "its first is BJ-DC-001"
    )


def test_random_faults_take_their_share_of_the_time_from_the_first_hour_on() -> None:
    found = planned(rule(every=100 * HOUR, lasting=(5 * HOUR, 35 * HOUR)))
    spans = [(one.start, one.end) for faults in found.values() for one in faults]
    for moment in (at(FIRST), at(FIRST) + 3 * DAY, at(LAST, 23)):
        share = sum(start <= moment < end for start, end in spans) / len(CITY)
        assert share == pytest.approx(0.20, abs=0.055)  # 3 standard errors of 500 draws
    whole = [(start, end) for start, end in spans if start > at(FIRST) and end < at(LAST + DAY)]
    lengths = [(end - start) / HOUR for start, end in whole]
    assert 5 <= min(lengths) < 5.3
    assert 34.7 < max(lengths) <= 35
    assert sum(lengths) / len(lengths) == pytest.approx(20, abs=0.7)
    assert len(spans) / len(CITY) / (28 * 24) == pytest.approx(1 / 100, rel=0.06)


def test_a_run_is_more_likely_to_begin_in_the_middle_of_a_long_fault() -> None:
    often = rule(every=25 * HOUR, lasting=(5 * HOUR, 35 * HOUR))
    first = [
        (faults[0].end - faults[0].start) / HOUR
        for seed in range(3)
        for faults in planned(often, seed=seed).values()
        if faults[0].start == at(FIRST)
    ]
    # What is left of it is 475 / 40 hours on average, and 10 if all lengths were as likely.
    assert sum(first) / len(first) == pytest.approx(11.9, abs=0.8)


def test_random_faults_of_a_station_do_not_overlap_and_differ_between_stations() -> None:
    found = planned(rule(every=10 * HOUR, lasting=(HOUR, 9 * HOUR)))
    for faults in found.values():
        for one, other in pairwise(faults):
            assert one.end < other.start
    assert len({faults[1].start for faults in found.values()}) == len(CITY)


def test_a_clock_jumps_at_full_quarters_of_an_hour() -> None:
    found = planned(
        rule(fault=FaultKind.CLOCK_JUMP, start=1, at=time(10, 7), duration=timedelta(minutes=53)),
        rule(fault=FaultKind.CLOCK_JUMP, every=2 * DAY, lasting=(HOUR, 5 * HOUR)),
    )
    day = FIRST + DAY
    assert all(at(day, 10) in {f.start for f in faults} for faults in found.values())
    for faults in found.values():
        assert {one.start.timestamp() % 900 for one in faults} == {0}
        assert {one.end.timestamp() % 900 for one in faults} == {0}


def test_the_plan_of_a_station_does_not_depend_on_other_rules_or_stations() -> None:
    often = rule(every=3 * DAY, lasting=(HOUR, 5 * HOUR))
    alone = planned(often)
    beside = planned(often, rule(fault=FaultKind.POISON, share=0.3))
    for station, faults in alone.items():
        assert tuple(f for f in beside[station] if f.kind is FaultKind.OFFLINE) == faults
    scenario = Scenario("mine", "mine.toml", (often,))
    assert plan(scenario, CITY[7:8], 7, FIRST, LAST) == {CITY[7].id: alone[CITY[7].id]}
