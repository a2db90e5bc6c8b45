"""A station's day: who comes again and again, whose sessions are told, and how devices fail."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from statistics import fmean

import pytest

from contract.screening import CHINESE_CATEGORIES, HYPERTENSIVE, GlucoseLimit
from simulators.city import CityStation, stations
from simulators.climate import mean_temperature, weather
from simulators.device_faults import (
    NO_FAULTS,
    USUAL_FAULTS,
    DeviceFaults,
    limit_by_fault,
    surviving,
)
from simulators.population import Reading, draw_person, seeded
from simulators.regulars import HIGH_FACTOR, REGULAR_SHARE, WEEKLY, is_high, panel
from simulators.station_days import Session, StationDay, station_day

SEED = 51
MONDAY = date(2026, 4, 20)
WEEKS = 8
CITY = stations(150, seeded(52))
READING = Reading(130, 80, 70)


def days(weeks: int = WEEKS) -> list[date]:
    return [MONDAY + timedelta(offset) for offset in range(7 * weeks)]


@cache
def lives() -> tuple[tuple[CityStation, StationDay], ...]:
    return tuple((one, station_day(SEED, one, day)) for one in CITY for day in days())


def pressures() -> Iterator[tuple[CityStation, Session]]:
    for station, today in lives():
        for session in today.sessions:
            if session.measure == "bp":
                yield station, session


def test_a_third_of_the_pressures_are_of_people_who_measure_every_week() -> None:
    regular = [session.regular is not None for _, session in pressures()]
    assert len(regular) > 8_000
    assert fmean(regular) == pytest.approx(REGULAR_SHARE, abs=0.035)


def test_a_regular_measures_at_least_weekly_and_with_high_pressure_more_often() -> None:
    counts: Counter[tuple[str, int]] = Counter()
    for station, session in pressures():
        if session.regular is not None:
            counts[station.id, session.regular] += 1
    told = 1 - 0.042  # the others are lost to the cuff
    weekly: dict[bool, list[float]] = {True: [], False: []}
    for station in CITY:
        for number, regular in enumerate(panel(SEED, station)):
            weekly[is_high(regular.person)].append(counts[station.id, number] / WEEKS)
    assert fmean(weekly[False]) == pytest.approx(WEEKLY * told, rel=0.08)
    assert fmean(weekly[True]) == pytest.approx(WEEKLY * HIGH_FACTOR * told, rel=0.1)
    assert fmean(weekly[False]) > 1


def test_a_regular_is_one_person_whose_class_never_changes() -> None:
    seen: dict[tuple[str, int], set[str]] = {}
    for station, session in pressures():
        if session.regular is not None:
            seen.setdefault((station.id, session.regular), set()).add(session.truly)
    for station in CITY:
        for number, regular in enumerate(panel(SEED, station)):
            assert seen.get((station.id, number), set()) <= {regular.person.category}
    assert len(seen) > 200


def test_a_station_keeps_its_regulars_and_another_seed_has_others() -> None:
    hub = next(one for one in CITY if one.venue == "hub")
    first = panel(SEED, hub)
    panel.cache_clear()
    assert panel(SEED, hub) == first
    assert len(first) > 2
    assert panel(SEED + 1, hub) != first
    assert panel(SEED, replace(hub, id="BJ-CY-999")) != first


def test_sessions_overstate_the_share_of_the_truly_high_by_the_repeat_bias() -> None:
    rng = seeded(53)
    people = [draw_person(rng, one.venue) for one in CITY for _ in range(100)]
    p = fmean(is_high(person) for person in people)
    expected = p * HIGH_FACTOR / (p * HIGH_FACTOR + 1 - p)
    for regular in (True, False):
        high = [
            session.truly in HYPERTENSIVE
            for _, session in pressures()
            if (session.regular is not None) is regular
        ]
        assert fmean(high) == pytest.approx(expected, abs=0.05 if regular else 0.025)
    assert expected > p + 0.08


def test_every_session_knows_what_its_person_truly_is() -> None:
    measures = {session.measure for _, today in lives() for session in today.sessions}
    assert measures == {"bp", "glu_casual", "glu_fasting", "glu_postprandial_2h"}
    for _, today in lives():
        for session in today.sessions:
            of_pressure = session.measure == "bp"
            assert (session.truly in CHINESE_CATEGORIES) is of_pressure
            assert (session.truly in {"diabetes", "no_diabetes"}) is not of_pressure
    diabetic = [
        session.truly == "diabetes"
        for _, today in lives()
        for session in today.sessions
        if session.measure != "bp"
    ]
    assert fmean(diabetic) == pytest.approx(0.085, abs=0.035)


def test_sessions_are_told_in_the_order_in_which_they_end_and_within_a_stay() -> None:
    for _, today in lives():
        minutes = [session.minute for session in today.sessions]
        assert minutes == sorted(minutes)
        assert set(minutes) <= {stay.leave for stay in today.stays}
        arrivals = [stay.arrive for stay in today.stays]
        assert arrivals == sorted(arrivals)


def test_a_cuff_loses_one_session_in_twenty_five() -> None:
    lost = sum(today.lost for _, today in lives())
    told = sum(1 for _ in pressures())
    attempt = 1 - 0.97 * 0.96
    expected = 0.55 * attempt + 0.45 * attempt**2
    assert lost / (lost + told) == pytest.approx(expected, abs=0.008)


def test_a_failed_reading_makes_a_session_single() -> None:
    single = fmean(session.row.single for _, session in pressures())
    assert single == pytest.approx(1 - 0.45 * (0.97 * 0.96) ** 2 / (1 - 0.042), abs=0.02)
    sound = [
        session.row.single
        for one in CITY[:60]
        for day in days(4)
        for session in station_day(SEED, one, day, NO_FAULTS).sessions
        if session.measure == "bp"
    ]
    assert fmean(sound) == pytest.approx(0.55, abs=0.035)


def test_faults_strike_each_reading_by_itself() -> None:
    rng = seeded(54)
    pair = (READING, READING)
    broken = DeviceFaults(cuff_error=0.03, movement=0.04)
    left = Counter(len(surviving(rng, pair, broken)) for _ in range(60_000))
    good = 0.97 * 0.96
    assert left[2] / 60_000 == pytest.approx(good**2, abs=0.005)
    assert left[1] / 60_000 == pytest.approx(2 * good * (1 - good), abs=0.005)
    assert left[0] / 60_000 == pytest.approx((1 - good) ** 2, abs=0.002)
    assert surviving(rng, pair, NO_FAULTS) == pair
    assert surviving(rng, pair, DeviceFaults(cuff_error=1.0)) == ()
    assert surviving(rng, pair, DeviceFaults(movement=1.0)) == ()


def test_nothing_fails_where_nothing_can() -> None:
    rng = seeded(55)
    assert {limit_by_fault(rng, NO_FAULTS) for _ in range(1_000)} == {None}
    always = DeviceFaults(meter_low=1.0, meter_high=0.0)
    assert {limit_by_fault(rng, always) for _ in range(100)} == {GlucoseLimit.LO}
    never_low = DeviceFaults(meter_low=0.0, meter_high=1.0)
    assert {limit_by_fault(rng, never_low) for _ in range(100)} == {GlucoseLimit.HI}
    assert USUAL_FAULTS.cuff_error == 0.03


def test_the_same_seed_gives_the_same_days_in_any_order() -> None:
    some, week = CITY[:10], days(1)
    forward = {(one.id, day): station_day(SEED, one, day) for one in some for day in week}
    panel.cache_clear()
    weather.cache_clear()
    mean_temperature.cache_clear()
    for one in reversed(some):
        for day in reversed(week):
            assert station_day(SEED, one, day) == forward[one.id, day]
    assert station_day(SEED + 1, some[0], week[0]) != forward[some[0].id, week[0]]


_DIGEST = """
from datetime import date
from hashlib import sha256
from simulators.city import stations
from simulators.population import seeded
from simulators.station_days import station_day
digest = sha256()
for station in stations(40, seeded(3)):
    for day in (date(2026, 1, 15), date(2026, 6, 18), date(2026, 10, 3)):
        today = station_day(7, station, day)
        digest.update(repr((station, today.stays, today.sessions, today.lost)).encode())
print(digest.hexdigest())
"""


def test_another_process_lives_the_same_days_bit_for_bit() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64
