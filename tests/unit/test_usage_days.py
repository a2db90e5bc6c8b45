"""From hours to days and months, and the least that each figure may be made of, by hand."""

from datetime import date, datetime, timedelta

import pytest

from ingest import usage_measures as measures
from ingest import usage_public as public
from ingest.calendar import ZONE
from ingest.records import UsageRecord
from ingest.usage import Hour, Kind, Presence, Site, area_hours, day_of, days, station_hours
from ingest.usage_queries import last_weeks
from ingest.windows import Audience

MONDAY = 1_769_961_600
"""2026-02-02 00:00 in Beijing."""
HOUR, QUARTER, DAY = 3600, 900, 86_400


def hour(start: int, **changes: object) -> Hour:
    window = UsageRecord("S1", start, "110105", 2, 10.0, 1.5, 3, "full")
    (made,) = station_hours([window], {"S1": Site("bank", seats=2)})
    return made._replace(**changes)  # type: ignore[arg-type]


def test_hours_between_two_midnights_in_beijing_make_a_day() -> None:
    hours = [
        hour(MONDAY - HOUR, entries=9),
        hour(MONDAY, entries=None),
        hour(MONDAY + 23 * HOUR, district="110101", peak=7),
        hour(MONDAY + DAY, entries=4),
    ]
    sunday, monday, tuesday = days(hours)
    assert [one.start for one in (sunday, monday, tuesday)] == [MONDAY - DAY, MONDAY, MONDAY + DAY]
    assert [one.entries for one in (sunday, monday, tuesday)] == [9, 2, 4]
    assert monday == Hour(
        kind=Kind.STATION_DAY, place="S1", start=MONDAY, district="110101", venue="bank",
        stations=1, windows=2, in_hours=2, entries=2, occupied=20.0, mean_sum=3.0,
        mean_windows=2, peak=7, full=2, levels=2, stay=45.0, stay_entries=4,
        seated=45.0, seat_minutes=60,
    )  # fmt: skip
    assert day_of(MONDAY - 1) == MONDAY - DAY


def test_a_day_of_an_area_has_the_stations_of_its_best_hour() -> None:
    ones = [hour(MONDAY + at * HOUR, place=name) for at, name in ((8, "A"), (9, "A"), (9, "B"))]
    (city,) = [one for one in days(area_hours(ones)) if one.place == "110000"]
    assert (city.kind, city.stations, city.windows, city.entries) == (Kind.AREA_DAY, 2, 3, 6)
    assert (city.district, city.venue) == ("", "")


def test_figures_of_days_are_those_of_their_hours() -> None:
    hours = [
        hour(MONDAY + at * HOUR, full=at % 2, levels=2, mean_sum=at / 7)
        for at in range(8 * 24)
    ]  # fmt: skip
    made = days(hours)
    assert len(made) == 8
    for figure in (
        measures.entries, measures.mean_stay, measures.full_share, measures.mean,
        measures.seat_utilisation,
    ):  # fmt: skip
        assert figure(made) == pytest.approx(figure(hours))
    assert measures.daily_entries(made) == measures.daily_entries(hours)
    assert measures.availability(made, 999) == measures.availability(hours, 999)


def test_a_typical_week_needs_no_more_than_the_means() -> None:
    mondays = [Presence(MONDAY + week * 7 * DAY, 1, 4.0 * week, 4) for week in range(5)]
    assert measures.typical_week(mondays[1:]) == [measures.HourMean(1, 0, 2.5)]
    assert measures.typical_week(mondays[:3]) == []
    assert measures.typical_week(mondays[:4]) == [measures.HourMean(1, 0, 1.5)]


def test_seats_are_taken_by_as_many_as_there_are_seats() -> None:
    quarters = [
        UsageRecord("S1", MONDAY + 8 * HOUR + number * QUARTER, "110105", 0, 15.0, mean, 9, "full")
        for number, mean in enumerate((0.5, 5.0, None, 1.0))
    ]
    sites = {"S1": Site("bank", "08:00-08:45", seats=2)}  # the last quarter is after hours
    (found,) = station_hours(quarters, sites)
    assert (found.seated, found.seat_minutes) == (15 * 2.5, 15 * 4)
    assert measures.seat_utilisation([found]) == 0.625
    for unknown in (Site("bank"), Site("bank", seats=0)):
        (found,) = station_hours(quarters, {"S1": unknown})
        assert measures.seat_utilisation([found]) is None


def seen(count: int, first: int = MONDAY, **changes: object) -> list[Hour]:
    return days([hour(first + number * DAY, **changes) for number in range(count)])


def test_a_month_is_told_from_fourteen_days_on() -> None:
    assert public.months(seen(13)) == []
    (february,) = public.months(seen(14, entries=1, mean_sum=4.0, mean_windows=8))
    assert (february.month, february.days) == ("2026-02", 14)
    assert (february.entries, february.mean) == ("15", 0.5)
    (silent,) = public.months(seen(14, entries=None, mean_sum=0.0, mean_windows=0))
    assert (silent.entries, silent.mean) == (None, None)
    (few,) = public.months(
        [one._replace(entries=0) for one in seen(13)] + seen(1, MONDAY + 20 * DAY)
    )
    assert few.entries == "<8"


def test_a_month_ends_at_midnight_in_beijing() -> None:
    march = MONDAY + 27 * DAY
    both = measures.months([*seen(27), *seen(14, march)])
    assert [(one.first, one.days) for one in both] == [
        (date(2026, 2, 1), 27), (date(2026, 3, 1), 14),
    ]  # fmt: skip


def test_a_day_is_published_of_three_stations_and_not_of_two() -> None:
    of_three, of_two = (one._replace(stations=n) for n, one in ((3, seen(1)[0]), (2, seen(1)[0])))
    assert public.days([of_two]) == []
    (told,) = public.days([of_three])
    assert (told.day, told.stations, told.entries) == (date(2026, 2, 2), 3, "<8")
    (many,) = public.days([of_three._replace(entries=13)])
    assert many.entries == "15"


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (datetime(2026, 3, 4, 12, tzinfo=ZONE), date(2025, 3, 1), date(2026, 2, 28)),
        (datetime(2026, 12, 31, 23, tzinfo=ZONE), date(2025, 12, 1), date(2026, 11, 30)),
        (datetime(2026, 1, 1, 0, tzinfo=ZONE), date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_twelve_months_are_whole_months(now: datetime, first: date, last: date) -> None:
    period = public.last_months(12, now)
    assert measures.local_day(period.since) == first
    assert measures.local_day(period.until - 1) == last
    assert measures.local_day(period.until) == last + timedelta(days=1)
    assert period.days == (last - first).days + 1


def test_weeks_end_with_the_last_midnight() -> None:
    period = last_weeks(4, datetime(2026, 3, 4, 0, 0, tzinfo=ZONE))
    assert measures.local_day(period.until - 1) == date(2026, 3, 3)
    assert (period.until - period.since, period.days) == (28 * DAY, 28)


def test_where_what_is_published_has_noise_uptake_has_it_too() -> None:
    assert public.uptake_audience(0) is Audience.INTERNAL
    assert public.uptake_audience(0.5) is Audience.PUBLIC
