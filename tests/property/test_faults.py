"""Whatever goes wrong at a station: nothing is invented, and what is missing is accounted for."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import Reason
from contract.usage import UsageWindow
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.fault_effects import (
    Suffered,
    next_change,
    next_reachable,
    reachable,
    suffered,
)
from simulators.faults import Fault, FaultKind, Rule, Scenario, plan
from simulators.population import seeded
from simulators.station_days import StationDay, station_day
from simulators.visits import usage_windows

CITY = stations(32, seeded(7))
FIRST = date(2026, 11, 2)
MIDNIGHT = datetime.combine(FIRST, time(), BEIJING_TIME)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAYS = [FIRST + number * DAY for number in range(2)]
LAST = FIRST + 2 * DAY
LOST = {Reason.FAILED_MEASUREMENT, Reason.UNDATED}

FEW = settings(max_examples=50)

Week = list[tuple[StationDay, tuple[UsageWindow, ...]]]


def lived(station: CityStation) -> Week:
    """A hub has enough sessions, a community centre other hours."""
    days = (station_day(7, station, day) for day in DAYS)
    return [(day, usage_windows(station, day.day, day.stays)) for day in days]


LIVED = [lived(next(one for one in CITY if one.venue == venue)) for venue in ("hub", "gas")]


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    kind = draw(st.sampled_from(FaultKind))
    step = 15 if kind is FaultKind.CLOCK_JUMP else 1
    start, length = draw(st.integers(-24 * 60, 72 * 60)), draw(st.integers(1, 40 * 60))
    amount = draw(st.sampled_from((0.0, 0.5, 1.0)))
    if kind is FaultKind.CLOCK_JUMP:
        amount = draw(st.integers(-160, 160).filter(bool)) / 4
    elif kind is FaultKind.FLAPPING:
        amount = draw(st.integers(1, 3600)) * 1.0
    elif kind is FaultKind.FULL_DISK:
        amount = draw(st.integers(0, 30)) * 1.0
    begins = MIDNIGHT + start // step * step * MINUTE
    return Fault(kind, begins, begins + (length // step + 1) * step * MINUTE, amount)


several = st.lists(faults(), max_size=6)
moments = st.integers(-24 * 3600, 120 * 3600).map(lambda second: MIDNIGHT + second * MINUTE / 60)


def suffer(week: Week, suffering: Sequence[Fault]) -> list[Suffered]:
    return [suffered(day, windows, suffering) for day, windows in week]


@FEW
@given(st.sampled_from(LIVED), several)
def test_windows_are_told_given_up_or_never_made(week: Week, suffering: list[Fault]) -> None:
    kinds = {one.kind for one in suffering}
    for (_, windows), found in zip(week, suffer(week, suffering), strict=True):
        assert len(found.windows) + len(found.given_up) + found.unmade == len(windows)
        assert found.unmade == 0 or kinds & {FaultKind.POWER_CUT, FaultKind.CLOCK_JUMP}
        assert not found.given_up or FaultKind.FULL_DISK in kinds
        ends = [window.start + 900 for window in windows]
        assert list(found.made_at) == sorted(set(found.made_at) & set(ends))
        happened = {window.model_copy(update={"start": 0}) for window in windows}
        told = {one.model_copy(update={"start": 0}) for one in (*found.windows, *found.given_up)}
        assert told <= happened | {UsageWindow(start=0)}


@FEW
@given(st.sampled_from(LIVED), several)
def test_no_two_windows_of_a_station_begin_together(week: Week, suffering: list[Fault]) -> None:
    found = suffer(week, suffering)
    starts = Counter(window.start for one in found for window in (*one.windows, *one.given_up))
    assert set(starts.values()) <= {1}
    if FaultKind.CLOCK_JUMP not in {one.kind for one in suffering}:
        assert set(starts) <= {window.start for _, windows in week for window in windows}


@FEW
@given(st.sampled_from(LIVED), several)
def test_no_session_is_invented_and_every_lost_one_is_counted(
    week: Week, suffering: list[Fault]
) -> None:
    kinds = {one.kind for one in suffering}
    for (day, _), found in zip(week, suffer(week, suffering), strict=True):
        left = iter(day.sessions)
        assert all(any(session is one for one in left) for session in found.sessions)
        lost = len(day.sessions) - len(found.sessions)
        assert lost == found.unmeasured + sum(found.refused.values())
        assert set(found.refused) <= LOST
        assert found.unmeasured == 0 or FaultKind.POWER_CUT in kinds
        assert not found.refused or kinds & {FaultKind.CUFF_ERROR, FaultKind.CLOCK_JUMP}
        assert set(found.days) <= {day.day} or FaultKind.CLOCK_JUMP in kinds
        assert len(found.days) == len(found.sessions)


@FEW
@given(st.sampled_from(LIVED), several)
def test_a_day_is_suffered_alike_whenever_it_is_asked_for(
    week: Week, suffering: list[Fault]
) -> None:
    assert suffer(week, suffering) == suffer(week, suffering)
    assert suffer(week[::-1], suffering)[::-1] == suffer(week, suffering)
    assert suffer(week, suffering[::-1]) == suffer(week, suffering)


@FEW
@given(st.sampled_from(LIVED), several)
def test_network_and_messages_change_no_fact(week: Week, suffering: list[Fault]) -> None:
    others = [one for one in suffering if one.kind is not FaultKind.FULL_DISK]
    facts = {FaultKind.POWER_CUT, FaultKind.CLOCK_JUMP, FaultKind.SENSOR_SILENT}
    only = [one for one in others if one.kind in facts | {FaultKind.CUFF_ERROR}]
    assert suffer(week, others) == suffer(week, only)


@FEW
@given(several, moments)
def test_between_two_changes_a_station_is_heard_or_not(
    suffering: list[Fault], moment: datetime
) -> None:
    for _ in range(20):
        after = next_change(suffering, moment)
        is_heard = reachable(suffering, moment)
        first = next_reachable(suffering, moment)
        assert (first == moment) is is_heard
        assert reachable(suffering, first)
        if after is None:
            assert is_heard
            break
        assert after > moment
        between = moment + (after - moment) * Random(1).random()
        assert reachable(suffering, between) is is_heard
        assert is_heard or first >= after
        moment = after


lengths = st.integers(1, 60 * 24 * 40).map(lambda minutes: minutes * MINUTE)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(FaultKind))
    amount = 2.0 if kind in (FaultKind.CLOCK_JUMP, FaultKind.FLAPPING) else 0.5
    who: dict[str, Any] = {
        "share": draw(st.floats(0.01, 1)),
        "group": draw(st.sampled_from((None, "g"))),
        "venues": draw(st.sampled_from(((), ("hub",), ("bank", "gas")))),
    }
    if draw(st.booleans()):
        shortest, longest = sorted((draw(lengths), draw(lengths)))
        every = (shortest + longest) / 2 + draw(lengths)
        return Rule(fault=kind, amount=amount, every=every, lasting=(shortest, longest), **who)
    duration = draw(st.none() | lengths)
    hour = time(draw(st.integers(0, 23)))
    start = draw(st.integers(0, 2))
    return Rule(fault=kind, amount=amount, start=start, at=hour, duration=duration, **who)


@FEW
@given(st.lists(rules(), min_size=1, max_size=4), st.integers(0, 9))
def test_a_plan_is_always_alike_and_inside_its_run(written: list[Rule], seed: int) -> None:
    scenario = Scenario("mine", "mine.toml", tuple(written))
    first = plan(scenario, CITY, seed, FIRST, LAST)
    assert first == plan(scenario, CITY, seed, FIRST, LAST)
    assert list(first) == [station.id for station in CITY]
    for found in first.values():
        assert list(found) == sorted(found, key=lambda one: one.start)
        for one in found:
            assert MIDNIGHT <= one.start < one.end <= MIDNIGHT + 3 * DAY
            assert one.kind in {rule.fault for rule in written}
