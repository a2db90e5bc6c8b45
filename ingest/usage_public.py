"""Usage that anybody may see: coarser than what officers see, by day, month and area."""

from collections.abc import Iterable
from datetime import datetime, time

from ingest import usage_answers as answers
from ingest import usage_measures as measures
from ingest.calendar import ZONE
from ingest.usage import Hour
from ingest.usage_queries import Period, banded, digits
from ingest.windows import Audience


def last_months(count: int, now: datetime) -> Period:
    """So many whole months up to the end of the last one."""
    until = now.astimezone(ZONE).date().replace(day=1)
    year, month = divmod(until.year * 12 + until.month - 1 - count, 12)
    since = until.replace(year=year, month=month + 1)
    start, end = (int(datetime.combine(day, time.min, ZONE).timestamp()) for day in (since, until))
    return Period(start, end, (until - since).days)


def days(seen: Iterable[Hour]) -> list[answers.PublicDay]:
    """The entries of each day on which enough stations of an area reported."""
    return [
        answers.PublicDay(
            day=measures.local_day(one.start), stations=one.stations, entries=banded(one.entries)
        )
        for one in seen
        if one.stations >= measures.LEAST_STATIONS
    ]


def months(seen: Iterable[Hour]) -> list[answers.PublicMonth]:
    """Entries and mean occupancy of each month of which enough days were seen."""
    return [
        answers.PublicMonth(
            month=f"{one.first:%Y-%m}",
            days=one.days,
            entries=banded(one.entries),
            mean=digits(one.mean, 2),
        )
        for one in measures.months(seen)
    ]


def uptake_audience(epsilon: float) -> Audience:
    """Whose released counts a published uptake is made of.

    The number of a district's sessions may be told by week, which only officers' windows are; but
    where what is published has noise, counts without it would undo the noise.
    """
    return Audience.PUBLIC if epsilon else Audience.INTERNAL
