"""From windows to hours and from hours to figures, computed by hand."""

from datetime import date

import pytest

from contract.places import CITY_ADCODE, DISTRICTS
from ingest import usage_measures as measures
from ingest.opening_hours import open_quarters, quarters_a_day
from ingest.records import UsageRecord
from ingest.usage import (
    Hour,
    Kind,
    Site,
    StationHour,
    area_hours,
    dirty_hours,
    emptied,
    station_hours,
)

MONDAY = 1_769_961_600
"""2026-02-02 00:00 in Beijing."""
HOUR, QUARTER, DAY = 3600, 900, 86_400
EIGHT = MONDAY + 8 * HOUR


def window(
    start: int,
    entries: int | None = 2,
    mean: float | None = 1.5,
    level: str | None = "some",
    station: str = "S1",
    district: str = "110105",
) -> UsageRecord:
    occupied = None if mean is None else 10.0
    peak = None if mean is None else 3
    return UsageRecord(station, start, district, entries, occupied, mean, peak, level)


def hour(start: int = EIGHT, **changes: object) -> Hour:
    (made,) = station_hours([window(start)], {})
    return made._replace(**changes)  # type: ignore[arg-type]


def test_four_quarters_make_an_hour() -> None:
    windows = [
        window(EIGHT, 3, 0.5),
        window(EIGHT + QUARTER, None, 1.5, "full"),
        window(EIGHT + 2 * QUARTER, 1, None, None),
        window(EIGHT + 3 * QUARTER, 0, 2.0, "full"),
    ]
    # Open from half past eight on: of the two quarters then, one told how full it was.
    sites = {"S1": Site("bank", "08:30-17:00", seats=1)}
    assert station_hours(windows, sites) == [
        Hour(
            kind=Kind.STATION, place="S1", start=EIGHT, district="110105", venue="bank",
            stations=1, windows=4, in_hours=2, entries=4, occupied=30.0, mean_sum=4.0,
            mean_windows=3, peak=3, full=1, levels=1, stay=37.5, stay_entries=3,
            seated=15.0, seat_minutes=15,
        )
    ]  # fmt: skip
    (found,) = station_hours(windows, sites)
    assert found.mean == pytest.approx(4 / 3)


def test_a_quarter_that_nothing_told_of_was_seen_and_is_not_zero() -> None:
    (found,) = station_hours([window(EIGHT, None, None, None)], {})
    assert (found.windows, found.entries, found.occupied, found.mean) == (1, None, None, None)


def test_a_window_sent_again_replaces_the_first() -> None:
    (found,) = station_hours([window(EIGHT, 3, 1.0), window(EIGHT, 9, 2.0)], {})
    assert (found.windows, found.entries, found.mean_sum) == (1, 9, 2.0)


def test_without_seats_nothing_is_ever_full() -> None:
    (found,) = station_hours([window(EIGHT, level="full")], {"S1": Site(seats=0)})
    assert (found.full, found.levels) == (0, 0)


@pytest.mark.parametrize("mean", [1_000_001.0, float("inf"), float("nan")])
def test_a_number_that_no_station_has_counts_as_not_told(mean: float) -> None:
    (found,) = station_hours([window(EIGHT, 2**62, mean)._replace(peak=2**40)], {})
    assert (found.entries, found.mean_windows, found.peak, found.occupied) == (None, 0, None, 10.0)


def test_areas_are_the_city_its_districts_and_its_kinds_of_venue() -> None:
    sites = {"S1": Site("bank"), "S2": Site("bank"), "S3": Site("hub")}
    windows = [
        window(EIGHT, 1, 1.0),
        window(EIGHT, 2, 2.0, "full", "S2", "110101"),
        window(EIGHT, None, 6.0, "full", "S3", "110101"),
    ]
    found = {one.place: one for one in area_hours(station_hours(windows, sites))}
    assert sorted(found) == ["110000", "110101", "110105", "bank", "hub"]
    city = found[CITY_ADCODE]
    assert (city.kind, city.stations, city.windows, city.entries) == (Kind.AREA, 3, 3, 3)
    assert (city.mean, city.full, city.levels, city.occupied) == (3.0, 2, 3, 30.0)
    assert (city.stay, city.stay_entries) == (45.0, 3)
    assert (found["bank"].stations, found["bank"].mean) == (2, 1.5)
    assert (found["hub"].entries, found["110101"].entries) == (None, 2)
    assert emptied(city).stations == 0


def test_the_hours_to_make_anew_are_those_of_windows() -> None:
    records = [window(EIGHT), window(EIGHT + 3 * QUARTER), window(EIGHT + HOUR), window(2**62)]
    assert dirty_hours(records) == {StationHour("S1", EIGHT), StationHour("S1", EIGHT + HOUR)}


@pytest.mark.parametrize(
    ("hours", "quarters", "masks"),
    [
        ("00:00-24:00", 96, {0: 15, 23: 15}),
        ("08:30-17:00", 34, {8: 0b1100, 16: 15, 17: 0, 7: 0}),
        ("08:10-09:20", 4, {8: 0b1110, 9: 0b0001}),
        ("22:00-06:00", 32, {22: 15, 23: 15, 0: 15, 5: 15, 6: 0, 21: 0}),
    ],
)
def test_opening_hours_are_whole_quarters(hours: str, quarters: int, masks: dict[int, int]) -> None:
    found = open_quarters(hours)
    assert quarters_a_day(hours) == quarters
    assert {one: found[one] for one in masks} == masks


def test_a_typical_week_is_the_mean_of_four_same_weekdays() -> None:
    means = (1.0, 2.0, 3.0, 6.0)
    mondays = [
        hour(EIGHT + week * 7 * DAY, mean_sum=4 * mean, mean_windows=4)
        for week, mean in enumerate(means)
    ]
    sundays = [hour(EIGHT + DAY * (6 + week * 7)) for week in range(3)]
    assert measures.typical_week([*mondays, *sundays]) == [measures.HourMean(1, 8, 3.0)]
    assert measures.typical_week(mondays[:3]) == []
    silent = hour(EIGHT + 28 * DAY, mean_sum=0.0, mean_windows=0)
    assert measures.typical_week([*mondays[:3], silent]) == []
    midnight = [hour(MONDAY + week * 7 * DAY) for week in range(4)]
    late = [hour(MONDAY - HOUR + week * 7 * DAY) for week in range(4)]
    profile = measures.typical_week([*midnight, *late])
    assert [(one.weekday, one.hour) for one in profile] == [(1, 0), (7, 23)]


def test_the_peak_hour_is_the_fullest_and_of_equals_the_first() -> None:
    profile = [measures.HourMean(*one) for one in ((2, 9, 1.0), (1, 15, 2.0), (3, 8, 2.0))]
    assert measures.peak_hour(profile) == measures.HourMean(1, 15, 2.0)
    assert measures.peak_hour([]) is None


def test_a_day_is_local() -> None:
    hours = [hour(MONDAY - HOUR, entries=1), hour(MONDAY, entries=2), hour(EIGHT, entries=None)]
    assert measures.daily_entries(hours) == [
        measures.DayEntries(date(2026, 2, 1), 1, 1),
        measures.DayEntries(date(2026, 2, 2), 2, 2),
    ]


def test_a_stay_is_mean_occupancy_over_arrivals_and_takes_a_week() -> None:
    # Half a person present all hour is 30 person-minutes; two came: a quarter of an hour each.
    week = [hour(EIGHT + day * DAY, stay=30.0, stay_entries=2) for day in range(7)]
    assert measures.mean_stay(week) == 15.0
    assert measures.mean_stay(week[:6]) is None
    few = [one._replace(stay_entries=1) for one in week]
    assert measures.mean_stay(few) is None  # seven entries
    assert measures.mean_stay([*few, few[0]._replace(start=MONDAY)]) == 30.0


def test_shares_are_of_what_was_told_and_of_what_was_due() -> None:
    hours = [hour(full=1, levels=4, in_hours=4), hour(full=2, levels=2, in_hours=2)]
    assert measures.full_share(hours) == 0.5
    assert measures.full_share([hour(levels=0, full=0)]) is None
    assert measures.availability(hours, 12) == 0.5
    assert measures.availability(hours, 4) == 1.0
    assert measures.availability(hours, 0) is None


@pytest.mark.parametrize(
    ("sessions", "entries", "expected"),
    [(25, 99, None), (25, 100, 25), (23, 1003, 2), (8, 98 + 9, 10), (5, None, None)],
)
def test_uptake_takes_a_hundred_entries_and_rounded_counts(
    sessions: int, entries: int | None, expected: int | None
) -> None:
    assert measures.uptake(sessions, entries) == expected


def test_reach_is_for_ten_thousand_residents() -> None:
    assert measures.reach(5, DISTRICTS["110101"].population) == pytest.approx(0.07054, abs=1e-5)
    assert sum(one.population for one in DISTRICTS.values()) == 21_893_095
    assert len(DISTRICTS) == 16


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0, 1.0, 1.0], 0.0), ([0.0, 0.0, 0.0, 8.0], 0.75), ([1.0, 3.0], 0.25), ([0.0], None)],
)
def test_gini_is_nothing_for_equals_and_grows_with_difference(
    values: list[float], expected: float | None
) -> None:
    assert measures.gini(values) == (None if expected is None else pytest.approx(expected))


def test_equity_compares_rates_and_counts_residents_left_behind() -> None:
    residents = {"a": 10_000, "b": 20_000, "c": 10_000}
    found = measures.equity({"a": 6, "b": 4, "c": 1}, residents)
    # Rates 6, 2 and 1; the city's is 2.75, so half of it is 1.375 and only c is below.
    assert (found.districts, found.ratio, found.below_half) == (3, 6.0, 0.25)
    assert found.gini == pytest.approx(10 / 27)
    assert measures.equity({"a": 1, "b": 0}, residents).ratio is None
    assert measures.equity({"a": 0, "b": 0}, residents) == measures.Equity(2, None, None, None)
