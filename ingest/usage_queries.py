"""Answers about how a place was used, put together from hours, days and the inventory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from contract.disclosure import band
from contract.places import CITY_ADCODE
from ingest import usage_answers as answers
from ingest import usage_measures as measures
from ingest.answers import HourCell, Name, WeekProfile
from ingest.calendar import ZONE
from ingest.opening_hours import quarters_a_day
from ingest.operations import Station
from ingest.store import Store
from ingest.usage import DAY_SECONDS, Hour, Kind, Presence, day_of

PROFILE_WEEKS = 8
"""Weeks of an area's typical week: enough to see every weekday four times beside some outages."""


class Period(NamedTuple):
    """Whole days in local time, from `since` on and before `until`, in seconds since 1970."""

    since: int
    until: int
    days: int

    def table(
        self, place: str, wording: Name, rows: Sequence[answers.Row]
    ) -> answers.Table[answers.Row]:
        """An answer about these days."""
        first, last = measures.local_day(self.since), measures.local_day(self.until - 1)
        return answers.Table(place=place, first=first, last=last, wording=wording, rows=list(rows))


def last_weeks(weeks: int, now: datetime) -> Period:
    """The whole weeks up to the last midnight, so that every weekday is in them `weeks` times."""
    until = day_of(int(now.timestamp()))
    days = 7 * weeks
    return Period(until - days * DAY_SECONDS, until, days)


def calendar_hours(hours: Iterable[Hour]) -> list[answers.CalendarHour]:
    """Each hour of an area in which enough stations reported."""
    return [
        answers.CalendarHour(
            start=datetime.fromtimestamp(one.start, ZONE),
            stations=one.stations,
            windows=one.windows,
            entries=banded(one.entries),
            mean=digits(one.mean, 2),
            occupied_minutes=digits(one.occupied and one.occupied / one.stations, 1),
            peak=one.peak,
            full_percent=percent(measures.full_share([one])),
        )
        for one in hours
        if one.stations >= measures.LEAST_STATIONS
    ]


def week_profile(store: Store, area: str, now: datetime) -> WeekProfile:
    """The typical week of an area: an hour that was not observed often enough is not in it."""
    period = last_weeks(PROFILE_WEEKS, now)
    found = store.rollups.presence(Kind.AREA, area, period.since, period.until)
    return WeekProfile(
        area=area,
        weeks=PROFILE_WEEKS,
        stations=max((one.stations for one in found), default=0),
        cells=[
            HourCell(weekday=one.weekday, hour=one.hour, mean=round(one.mean, 3))
            for one in measures.typical_week(found)
        ],
    )


def typical_week(hours: Iterable[Presence]) -> list[answers.TypicalHour]:
    """The hours of the week that were observed often enough."""
    return [
        answers.TypicalHour(weekday=one.weekday, hour=one.hour, mean=round(one.mean, 2))
        for one in measures.typical_week(hours)
    ]


def days(seen: Iterable[Hour]) -> list[answers.Day]:
    """The entries of each day."""
    return [
        answers.Day(day=one.day, entries=banded(one.entries), windows=one.windows)
        for one in measures.daily_entries(seen)
    ]


def summary(
    seen: Sequence[Hour], hours: Iterable[Presence], stations: Iterable[Station], period: Period
) -> answers.Summary:
    """How a place was used on the days `seen`, whose `stations` were to report in this period."""
    due = sum(quarters_a_day(one.opening_hours) for one in stations if _counts_people(one))
    peak = measures.peak_hour(measures.typical_week(hours))
    return answers.Summary(
        days=len(measures.daily_entries(seen)),
        entries=banded(measures.entries(seen)),
        stay_minutes=digits(measures.mean_stay(seen), 1),
        full_percent=percent(measures.full_share(seen)),
        seat_percent=percent(measures.seat_utilisation(seen)),
        availability_percent=percent(measures.availability(seen, due * period.days)),
        peak_weekday=peak and peak.weekday,
        peak_hour=peak and peak.hour,
        peak_mean=peak and round(peak.mean, 2),
    )


def in_area(stations: Iterable[Station], area: str) -> list[Station]:
    """The stations of the city, of a district or of a venue type."""
    return [one for one in stations if area in (CITY_ADCODE, one.district, one.venue)]


def banded(count: int | None) -> str | None:
    """A count as it may be shown; None if no sensor told."""
    return None if count is None else band(count)


def percent(share: float | None) -> int | None:
    """A share in whole percent."""
    return None if share is None else round(100 * share)


def digits(value: float | None, after: int) -> float | None:
    """A number with so many digits after the point."""
    return None if value is None else round(value, after)


def _counts_people(station: Station) -> bool:
    """Whether windows are expected of it: not if it says that it has other devices only."""
    return not station.devices or "door" in station.devices
