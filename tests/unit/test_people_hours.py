"""Who comes when, and for how long: by type of visitor, venue, hour, weekday and holiday."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from statistics import fmean, median

import pytest

from simulators.city import CityStation, Opening, stations
from simulators.population import PERSON_TYPES, seeded
from simulators.rhythms import HOUR_WEIGHTS, LULL, STAY_MINUTES, rhythm_of
from simulators.station_days import StationDay, station_day
from simulators.visits import stays

MONDAY = date(2026, 4, 20)
BY_CODE = {kind.code: kind for kind in PERSON_TYPES}
ALL_DAY = (Opening(0, 1440),)

# Percent of all visits of the city by hour, from 6 to 22 o'clock.
MIX = (
    3.8, 5.7, 4.7, 6.1, 6.4, 5.5, 7.1, 8.0, 9.3, 10.2, 9.1, 5.8, 3.3, 3.5, 4.7, 4.6, 2.5,
)  # fmt: skip


def station_of(venue: str, hours: tuple[Opening, ...] | None = None) -> CityStation:
    found = next(one for one in stations(96, seeded(1)) if one.venue == venue)
    return replace(found, hours=hours or found.hours)


@cache
def spring() -> tuple[tuple[CityStation, StationDay], ...]:
    """Four weeks of stations of every venue, in mild weather and without a holiday."""
    city = stations(120, seeded(41))
    days = [MONDAY + timedelta(offset) for offset in range(28)]
    return tuple((one, station_day(42, one, day)) for one in city for day in days)


def test_the_types_rhythms_together_make_the_citys() -> None:
    for hour, percent in zip(range(6, 23), MIX, strict=True):
        mixed = sum(kind.share * HOUR_WEIGHTS[kind.code][hour] for kind in PERSON_TYPES)
        assert mixed == pytest.approx(percent, abs=0.1), hour


@pytest.mark.parametrize("code", HOUR_WEIGHTS)
def test_each_type_comes_at_its_own_hours(code: str) -> None:
    open_always = station_of("gas", ALL_DAY)
    rng = seeded(43)
    slots = rhythm_of(open_always).draw(rng, 60_000)
    hours = Counter(slot.hour for slot in slots if slot.kind.code == code)
    for hour, percent in HOUR_WEIGHTS[code].items():
        assert 100 * hours[hour] / hours.total() == pytest.approx(percent, abs=1.2), hour
    assert not set(hours) & {0, 1, 2, 3, 4, 5, 23}


@pytest.mark.parametrize(
    ("venue", "code", "share"),
    [
        ("gas", "other_outdoor", 0.24 / 1.12),
        ("bank", "sanitation", 0.44 / 1.42),
        ("bank", "courier", 0.40 / 1.42),
        ("convenience", "delivery_rider", 0.76 / 1.38),
        ("hub", "delivery_rider", 0.76 / 1.38),
        ("supermarket", "delivery_rider", 0.38),
        ("community", "resident_public", 0.08),
        ("pharmacy", "sanitation", 0.22),
    ],
)
def test_a_venue_open_all_day_has_its_mix_of_visitors(venue: str, code: str, share: float) -> None:
    rhythm = rhythm_of(station_of(venue, ALL_DAY))
    found = rhythm.shares[[kind.code for kind in PERSON_TYPES].index(code)]
    assert found == pytest.approx(share, rel=0.02)  # the columns of hours add up to about 100
    assert sum(rhythm.shares) == pytest.approx(1)


def test_who_would_come_while_it_is_closed_does_not_come() -> None:
    shares = dict(zip(BY_CODE, rhythm_of(station_of("supermarket")).shares, strict=True))
    early = dict(
        zip(BY_CODE, rhythm_of(station_of("supermarket", (Opening(360, 480),))).shares, strict=True)
    )
    assert early["sanitation"] > 1.8 * shares["sanitation"]
    assert early["delivery_rider"] < 0.4 * shares["delivery_rider"]
    assert rhythm_of(station_of("supermarket", (Opening(0, 300),))).slots == ()


def test_half_hours_count_half_and_each_opening_counts() -> None:
    centre = station_of("community", (Opening(510, 660), Opening(810, 1080)))
    rng = seeded(44)
    slots = rhythm_of(centre).draw(rng, 40_000)
    hours = Counter(slot.hour for slot in slots if slot.kind.code == "sanitation")
    assert set(hours) == {8, 9, 10, 13, 14, 15, 16, 17}
    weights = HOUR_WEIGHTS["sanitation"]
    assert hours[8] / hours[9] == pytest.approx(weights[8] / 2 / weights[9], rel=0.12)
    assert hours[13] / hours[14] == pytest.approx(weights[13] / 2 / weights[14], rel=0.12)
    assert {slot.closes for slot in slots if slot.hour < 12} == {660}
    assert {slot.closes for slot in slots if slot.hour > 12} == {1080}


@pytest.mark.parametrize("code", STAY_MINUTES)
def test_each_type_stays_as_long_as_assumed(code: str) -> None:
    rng = seeded(45)
    hub = replace(station_of("gas", ALL_DAY), mean_visits=300.0)
    minutes: defaultdict[bool, list[float]] = defaultdict(list)
    for _ in range(60):
        for arrive, leave, kind in stays(rng, hub, MONDAY):
            if kind.code == code:
                minutes[14 * 60 <= arrive < 17 * 60].append(leave - arrive)
    expected = STAY_MINUTES[code][0]
    assert median(minutes[False]) == pytest.approx(expected, rel=0.08)
    lull = LULL[0] if code == "delivery_rider" else expected
    assert median(minutes[True]) == pytest.approx(lull, rel=0.1)


def test_in_the_great_sales_couriers_come_more_often_and_hurry() -> None:
    usual, sale = rhythm_of(station_of("bank")), rhythm_of(station_of("bank"), sale=True)
    couriers = [kind.code for kind in PERSON_TYPES].index("courier")
    odds = [one.shares[couriers] / (1 - one.shares[couriers]) for one in (usual, sale)]
    assert odds[1] / odds[0] == pytest.approx(1.3)
    for before, after in zip(usual.slots, sale.slots, strict=True):
        assert (after.mu < before.mu) == (before.kind.code == "courier")


def test_a_city_has_as_many_visits_as_the_national_averages_say() -> None:
    city = stations(2_000, seeded(46))
    assert fmean(one.mean_visits for one in city) == pytest.approx(16.3, abs=0.5)
    assert 12.4 < fmean(one.mean_visits for one in city) < 17.8


def test_each_venue_has_its_entries_on_each_weekday() -> None:
    entries: Counter[int] = Counter()
    expected: Counter[int] = Counter()
    by_venue: Counter[str] = Counter()
    expected_by_venue: Counter[str] = Counter()
    for station, today in spring():
        mean = station.mean_visits * station.weekdays[today.day.weekday()]
        entries[today.day.weekday()] += len(today.stays)
        expected[today.day.weekday()] += round(mean)
        by_venue[station.venue] += len(today.stays)
        expected_by_venue[station.venue] += round(mean)
    for weekday in range(7):
        assert entries[weekday] == pytest.approx(expected[weekday], rel=0.08), weekday
    assert entries[6] < 0.75 * entries[0]  # banks and centres are closed
    for venue, count in by_venue.items():
        assert count == pytest.approx(expected_by_venue[venue], rel=0.12), venue


def test_nobody_comes_on_a_day_of_rest() -> None:
    closed = [today for one, today in spring() if not one.opening(today.day)]
    assert len(closed) > 100
    assert all(not today.stays and not today.sessions for today in closed)


def test_some_centres_keep_office_days_and_some_close_over_noon() -> None:
    centres = [one for one in stations(2_000, seeded(47)) if one.venue == "community"]
    assert fmean(one.weekdays[5] == 0 for one in centres) == pytest.approx(0.10, abs=0.04)
    assert fmean(len(one.hours) == 2 for one in centres) == pytest.approx(0.15, abs=0.04)
    assert {one.weekdays[6] for one in centres} == {0}


def test_visitors_measure_themselves_and_are_pricked_as_often_as_their_venue_assumes() -> None:
    visits: Counter[str] = Counter()
    pressures: Counter[str] = Counter()
    glucose: Counter[str] = Counter()
    for station, today in spring():
        visits[station.venue] += len(today.stays)
        measured = sum(session.measure == "bp" for session in today.sessions)
        pressures[station.venue] += measured + today.lost
        glucose[station.venue] += len(today.sessions) - measured
    rates = {"hub": 0.12, "community": 0.10, "gas": 0.04}
    for venue, count in visits.items():
        assert pressures[venue] / count == pytest.approx(rates.get(venue, 0.08), rel=0.2), venue
    staffed = ("hub", "community", "pharmacy")
    pricked = sum(glucose[venue] for venue in staffed) / sum(visits[venue] for venue in staffed)
    assert pricked == pytest.approx(0.012, rel=0.2)
    assert not any(glucose[venue] for venue in visits if venue not in staffed)


def test_spring_festival_week_has_a_third_of_the_visits() -> None:
    hub = replace(station_of("hub"), mean_visits=200.0)
    quiet = [station_day(48, hub, date(2026, 2, 16) + timedelta(n)) for n in range(7)]
    usual = [station_day(48, hub, date(2026, 3, 9) + timedelta(n)) for n in range(7)]
    ratio = sum(len(one.stays) for one in quiet) / sum(len(one.stays) for one in usual)
    assert 0.2 < ratio < 0.55
