"""What is known of a simulated city is found again in the hours that its windows make."""

from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from contract.places import CITY_ADCODE
from ingest import usage_measures as measures
from ingest.records import UsageRecord
from ingest.usage import Hour, Site, area_hours, station_hours
from simulators.city import CityStation, stations
from simulators.history import station_day
from simulators.visits import Stay, usage_windows

MONDAY = date(2026, 3, 2)
DAYS = 28
TOLERANCE = 0.02
"""A window tells its mean to two decimals, which is off by 0.005 at the most."""


@cache
def city() -> tuple[CityStation, ...]:
    return stations(16, Random(11))


@cache
def visits(number: int) -> tuple[tuple[date, tuple[Stay, ...]], ...]:
    days = [MONDAY + timedelta(offset) for offset in range(DAYS)]
    return tuple((day, station_day(4, city()[number], day).stays) for day in days)


@cache
def hours() -> tuple[Hour, ...]:
    records = [
        UsageRecord(
            station.id, one.start, station.district, one.entries, one.occupied, one.mean, one.peak,
            one.level,
        )
        for number, station in enumerate(city())
        for day, stays in visits(number)
        for one in usage_windows(station, day, stays)
    ]  # fmt: skip
    return tuple(station_hours(records, {one.id: Site(one.venue) for one in city()}))


def open_minutes(station: CityStation) -> int:
    days = [MONDAY + timedelta(offset) for offset in range(DAYS)]
    return sum(closes - opens for day in days for opens, closes in station.opening(day))


@pytest.mark.parametrize("number", range(16))
def test_stay_occupancy_and_entries_of_a_station_are_found_again(number: int) -> None:
    station = city()[number]
    truth = [stay for _, stays in visits(number) for stay in stays]
    minutes = sum(stay.leave - stay.arrive for stay in truth)
    found = [one for one in hours() if one.place == station.id]
    assert measures.entries(found) == len(truth)
    assert measures.mean_stay(found) == pytest.approx(minutes / len(truth), rel=TOLERANCE)
    occupancy = sum(one.mean_sum for one in found) / sum(one.mean_windows for one in found)
    assert occupancy == pytest.approx(minutes / open_minutes(station), rel=TOLERANCE)


def test_the_citys_stay_is_that_of_all_its_visitors() -> None:
    truth = [stay for number in range(16) for _, stays in visits(number) for stay in stays]
    found = [one for one in area_hours(hours()) if one.place == CITY_ADCODE]
    assert measures.entries(found) == len(truth)
    expected = sum(stay.leave - stay.arrive for stay in truth) / len(truth)
    assert measures.mean_stay(found) == pytest.approx(expected, rel=TOLERANCE)
    peak = measures.peak_hour(measures.typical_week(found))
    assert peak is not None
    assert peak.hour in (14, 15, 16), "the riders' lull"
