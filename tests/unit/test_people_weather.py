"""The simulated weather is Beijing's, the same for all, and moves people as assumed."""

from datetime import date, timedelta
from statistics import fmean

import pytest

from simulators.climate import MONTHLY_MEANS, SNAP_DROP, Weather, mean_temperature, weather
from simulators.demand import demand, holiday_factor, is_sale

YEAR = [date(2026, 1, 1) + timedelta(offset) for offset in range(365)]
SEEDS = range(30)

MILD = Weather(mean=20, low=15, high=25, is_wet=False, cold_snap=False)
WORKDAY = date(2026, 4, 21)


def test_the_months_have_beijings_mean_temperatures() -> None:
    for month, expected in enumerate(MONTHLY_MEANS, start=1):
        days = [day for day in YEAR if day.month == month]
        mean = fmean(mean_temperature(seed, day) for seed in SEEDS for day in days)
        assert mean == pytest.approx(expected, abs=0.8), month


def test_eight_to_fifteen_days_of_a_year_reach_thirty_five_degrees() -> None:
    hot = [sum(weather(seed, day).high >= 35 for day in YEAR) for seed in SEEDS]
    assert 8 <= fmean(hot) <= 15


def test_frost_of_eight_degrees_is_a_matter_of_winter() -> None:
    frosty = [day for seed in SEEDS for day in YEAR if weather(seed, day).low <= -8]
    assert 15 <= len(frosty) / len(SEEDS) <= 45
    assert fmean(day.month in (11, 12, 1, 2, 3) for day in frosty) > 0.99


def test_a_cold_snap_is_the_three_days_after_a_sudden_drop() -> None:
    for seed in SEEDS:
        drops = {
            day
            for day in YEAR
            if mean_temperature(seed, day - timedelta(1)) - mean_temperature(seed, day) >= SNAP_DROP
        }
        expected = {day + timedelta(later) for day in drops for later in range(3)}
        snaps = {day for day in YEAR if weather(seed, day).cold_snap}
        assert snaps - {YEAR[0], YEAR[1]} == {
            day for day in expected if day in set(YEAR)
        } - {YEAR[0], YEAR[1]}  # fmt: skip
    several = [sum(weather(seed, day).cold_snap for day in YEAR) for seed in SEEDS]
    assert 6 <= fmean(several) <= 20


def test_a_day_has_one_weather_whatever_was_asked_before() -> None:
    days = YEAR[:60]
    forward = [weather(99, day) for day in days]
    weather.cache_clear()
    mean_temperature.cache_clear()
    assert [weather(99, day) for day in reversed(days)] == forward[::-1]
    assert [weather(98, day) for day in days] != forward


def test_a_warm_day_follows_a_warm_one() -> None:
    """Days of one month resemble the day before more than a day of next week."""
    july = [day for day in YEAR if day.month == 7]

    def apart(days: int) -> float:
        return fmean(
            abs(mean_temperature(seed, day) - mean_temperature(seed, day + timedelta(days)))
            for seed in SEEDS
            for day in july
        )

    assert apart(1) < 0.75 * apart(8)


@pytest.mark.parametrize(
    ("today", "factor"),
    [
        (MILD, 1.0),
        (MILD._replace(high=34.9), 1.0),
        (MILD._replace(high=35.0), 1.25),
        (MILD._replace(low=-7.9), 1.0),
        (MILD._replace(low=-8.0), 1.25),
        (MILD._replace(is_wet=True), 0.9),
        (MILD._replace(high=36.0, is_wet=True), 1.125),
        (MILD._replace(cold_snap=True), 1.0),
    ],
)
def test_extremes_drive_people_in_and_rain_keeps_them_away(today: Weather, factor: float) -> None:
    assert demand(WORKDAY, today) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("first", "last", "factor"),
    [
        (date(2026, 2, 16), date(2026, 2, 22), 0.35),
        (date(2027, 2, 5), date(2027, 2, 11), 0.35),
        (date(2026, 10, 1), date(2026, 10, 7), 0.7),
    ],
)
def test_holidays_empty_the_stations_for_a_week(first: date, last: date, factor: float) -> None:
    week = [first + timedelta(offset) for offset in range((last - first).days + 1)]
    assert [holiday_factor(day) for day in week] == [factor] * 7
    assert holiday_factor(first - timedelta(1)) == holiday_factor(last + timedelta(1)) == 1.0
    assert demand(first, MILD._replace(is_wet=True)) == pytest.approx(factor * 0.9)
    assert demand(last, MILD._replace(high=37)) == pytest.approx(factor * 1.25)


def test_the_great_sales_last_five_days() -> None:
    sales = [day for day in YEAR if is_sale(day)]
    june = [date(2026, 6, 16) + timedelta(offset) for offset in range(5)]
    november = [date(2026, 11, 9) + timedelta(offset) for offset in range(5)]
    assert sales == june + november
