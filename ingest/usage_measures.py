"""Figures of usage for officers, each with the least data that it may be made of. Pure.

| figure | finest grain | least data |
|---|---|---|
| mean occupancy | station × hour of the week | the same weekday four times |
| entries | station × day | rounded to 5, "<8" |
| calendar hours | area × hour | three stations that reported |
| entries, published | district × day | three stations that reported |
| the same and mean occupancy, published | station × month | fourteen days |
| stay (Little's law) | station | seven days, eight entries |
| uptake | a released window of trends | 100 entries |
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from contract.disclosure import SMALLEST_COUNT, rounded
from ingest.usage import HOUR_SECONDS, OFFSET_SECONDS, Hour, Presence

LEAST_WEEKDAYS = 4
LEAST_DAYS_OF_STAY = 7
LEAST_DAYS_OF_MONTH = 14
"""Of fewer a month is not told: that of a station just opened would be a day."""
LEAST_ENTRIES_OF_UPTAKE = 100
LEAST_STATIONS = 3
"""An hour of the calendar is shown of an area only if so many stations reported: not of one."""

RESIDENTS = 10_000


class HourMean(NamedTuple):
    """Mean number of people present per station in an hour of the week; weekday 1 is Monday."""

    weekday: int
    hour: int
    mean: float


class DayEntries(NamedTuple):
    """People who came in on one day, exact; None if no sensor told. `windows` were seen."""

    day: date
    entries: int | None
    windows: int


class Month(NamedTuple):
    """A calendar month: its first day, days seen, entries, and people present per station."""

    first: date
    days: int
    entries: int | None
    mean: float | None


class Equity(NamedTuple):
    """How evenly a rate is spread over `districts`; None where it cannot be said.

    `ratio` is the largest rate over the smallest; `gini` is 0 if all are alike, every district
    counting alike; `below_half` is the share of residents in districts below half the city's rate.
    """

    districts: int
    ratio: float | None
    gini: float | None
    below_half: float | None


def typical_week(hours: Iterable[Hour | Presence]) -> list[HourMean]:
    """The mean of each hour of the week that was observed on so many same weekdays."""
    sums: defaultdict[tuple[int, int], list[Hour | Presence]] = defaultdict(list)
    for one in hours:
        if one.mean_windows:
            local = (one.start + OFFSET_SECONDS) // HOUR_SECONDS
            # 1 January 1970 was a Thursday, hence the 3.
            sums[(local // 24 + 3) % 7 + 1, local % 24].append(one)
    return [
        HourMean(
            weekday,
            hour,
            sum(one.mean_sum for one in found) / sum(one.mean_windows for one in found),
        )
        for (weekday, hour), found in sorted(sums.items())
        if len(found) >= LEAST_WEEKDAYS
    ]


def peak_hour(profile: Iterable[HourMean]) -> HourMean | None:
    """The hour of the week with the highest mean; the earliest of equals."""
    return max(profile, key=lambda one: (one.mean, -one.weekday, -one.hour), default=None)


def daily_entries(hours: Iterable[Hour]) -> list[DayEntries]:
    """The entries of each local day that anything was seen of, in order."""
    days: defaultdict[date, list[Hour]] = defaultdict(list)
    for one in hours:
        days[local_day(one.start)].append(one)
    return [
        DayEntries(day, entries(found), sum(one.windows for one in found))
        for day, found in sorted(days.items())
    ]


def months(hours: Iterable[Hour]) -> list[Month]:
    """Each local month of which enough days were seen, in order."""
    found: defaultdict[date, list[Hour]] = defaultdict(list)
    for one in hours:
        found[local_day(one.start).replace(day=1)].append(one)
    return [
        Month(first, days, entries(parts), mean(parts))
        for first, parts in sorted(found.items())
        if (days := len({local_day(one.start) for one in parts})) >= LEAST_DAYS_OF_MONTH
    ]


def mean(hours: Sequence[Hour]) -> float | None:
    """People present per station; None if no sensor told."""
    told = sum(one.mean_windows for one in hours)
    return sum(one.mean_sum for one in hours) / told if told else None


def local_day(moment: int) -> date:
    """The day of `moment`, seconds since 1970, in the programme's time zone."""
    return datetime.fromtimestamp(moment + OFFSET_SECONDS, UTC).date()


def entries(hours: Iterable[Hour]) -> int | None:
    """People who came in; None if no sensor told."""
    told = [one.entries for one in hours if one.entries is not None]
    return sum(told) if told else None


def mean_stay(hours: Sequence[Hour]) -> float | None:
    """Mean minutes of a stay: mean occupancy over arrivals per minute (Little's law).

    It needs no tracking of anybody. None with less than a week of data, or almost no entries.
    """
    told = [one for one in hours if one.stay_entries or one.stay]
    days = {local_day(one.start) for one in hours if one.mean_windows}
    came = sum(one.stay_entries for one in told)
    if len(days) < LEAST_DAYS_OF_STAY or came < SMALLEST_COUNT:
        return None
    return sum(one.stay for one in told) / came


def full_share(hours: Sequence[Hour]) -> float | None:
    """Share of open quarters in which every seat was taken at some moment; None if none told."""
    told = sum(one.levels for one in hours)
    return sum(one.full for one in hours) / told if told else None


def seat_utilisation(hours: Sequence[Hour]) -> float | None:
    """Share of the seats' open minutes that were taken, if whoever was there sat; None if unknown.

    Stations count people and not seats, so of those who stood it counts as many as had a seat left.
    """
    minutes = sum(one.seat_minutes for one in hours)
    return sum(one.seated for one in hours) / minutes if minutes else None


def availability(hours: Iterable[Hour], due: int) -> float | None:
    """Windows seen in opening hours over those `due`, at most 1; None if none was due."""
    return min(1.0, sum(one.in_hours for one in hours) / due) if due else None


def uptake(sessions: int, came: int | None) -> int | None:
    """Blood-pressure sessions per 100 entries, of rounded counts; None below 100 entries."""
    if came is None or came < LEAST_ENTRIES_OF_UPTAKE:
        return None
    whole = rounded(came)
    return (200 * rounded(sessions) + whole) // (2 * whole)


def reach(count: int, residents: int) -> float:
    """`count` for every 10,000 residents."""
    return count * RESIDENTS / residents


def equity(counts: Mapping[str, int], residents: Mapping[str, int]) -> Equity:
    """How evenly `counts`, by district, are spread over their `residents`."""
    rates = {area: reach(count, residents[area]) for area, count in counts.items()}
    population = sum(residents[area] for area in counts)
    if not sum(counts.values()):
        return Equity(len(counts), None, None, None)
    half = reach(sum(counts.values()), population) / 2
    poor = sum(residents[area] for area, rate in rates.items() if rate < half)
    least = min(rates.values())
    return Equity(
        len(counts),
        max(rates.values()) / least if least else None,
        gini(rates.values()),
        poor / population,
    )


def gini(values: Iterable[float]) -> float | None:
    """The Gini coefficient of `values`, each counting alike; None if they are all zero."""
    ordered = sorted(values)
    total = sum(ordered)
    if not total:
        return None
    n = len(ordered)
    weighted = sum(place * value for place, value in enumerate(ordered, start=1))
    return 2 * weighted / (n * total) - (n + 1) / n
