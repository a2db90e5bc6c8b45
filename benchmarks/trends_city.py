"""A simulated city for the trends benchmark: its stations, their sessions, their hours of usage."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from random import Random

from contract.glucose_batch import glucose_measure, glucose_row
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from contract.screening import Meal
from contract.screening_batch import blood_pressure_row
from contract.usage import WINDOW_SECONDS, level
from ingest.calendar import ZONE, Week
from ingest.operations import Station
from ingest.records import SessionRecord, UsageRecord
from ingest.usage import HOUR_SECONDS, Hour, Site, area_hours, days, station_hours
from simulators.city import CityStation, stations
from simulators.population import draw_person, draw_readings, session_value

SESSIONS_A_WEEK = 57.5
"""Of a mean station: 20,000 stations make 60 million sessions a year."""

AREAS = (CITY_ADCODE, *DISTRICTS, *VENUES)

_WITH_A_METER = 5  # one station in so many
_GLUCOSE_SHARE = 0.2  # of the sessions there
_MEALS = (Meal.CASUAL, Meal.FASTING, Meal.POSTPRANDIAL_2H)
_POOL = 1_000  # sessions drawn for each kind of venue
_AUTUMN = date(2025, 10, 15)
_WITHIN_A_DAY = 46  # bits of a nanosecond; 2**46 of them are less than a day
_WEEK_HOURS = 168
_VISITORS = 6
_TEMPLATE_STATIONS = 20

# The fields of a session after its day and before its venue, and the measure they belong to.
_Values = tuple[str, str | None, int | None, int | None, int | None, bool, float | None]
_Row = tuple[str, _Values]


@dataclass(frozen=True, slots=True)
class Place:
    """A station, and how many sessions it has in a mean week."""

    station: CityStation
    weekly: float
    pool: Sequence[_Row]


@dataclass(frozen=True, slots=True)
class City:
    """All stations of a city, of different size, and a pool of sessions for each kind of venue."""

    places: tuple[Place, ...]

    @property
    def ids(self) -> list[str]:
        """The stations' ids."""
        return [place.station.id for place in self.places]


def city(count: int, rng: Random) -> City:
    """`count` stations of the simulated city, `SESSIONS_A_WEEK` each in the mean.

    A station's share of all sessions follows its visits. One station in five has a glucose meter,
    with every fifth of its sessions: an assumption.
    """
    found = stations(count, rng)
    weights = [one.mean_visits * sum(one.weekdays) * one.uptake for one in found]
    each = SESSIONS_A_WEEK * count / sum(weights)
    pressures = {code: _pressures(rng, code) for code in VENUES}
    glucose = _glucose(rng)
    mixed = {
        code: pool + rng.choices(glucose, k=round(_POOL * _GLUCOSE_SHARE / (1 - _GLUCOSE_SHARE)))
        for code, pool in pressures.items()
    }
    return City(
        tuple(
            Place(one, weight * each, (pressures if number % _WITH_A_METER else mixed)[one.venue])
            for number, (one, weight) in enumerate(zip(found, weights, strict=True))
        )
    )


def inventory(found: City) -> list[Station]:
    """The stations as operators register them."""
    return [
        Station(
            one.id,
            one.name.zh,
            one.name.en,
            one.district,
            one.venue,
            one.seats,
            opening_hours=f"{_clock(one.hours[0].opens)}-{_clock(one.hours[-1].closes)}",
        )
        for one in (place.station for place in found.places)
    ]


def sessions(found: City, week: Week, rng: Random) -> Iterator[SessionRecord]:
    """Everything that is measured in a week, on the days that stations are open."""
    dates = [week.first + timedelta(days=offset) for offset in range(7)]
    midnights = {day: _midnight(day) for day in dates}
    for place in found.places:
        one = place.station
        count = max(0, round(rng.gauss(place.weekly, sqrt(place.weekly))))
        on = rng.choices(dates, one.weekdays, k=count)
        for day, (measure, values) in zip(on, rng.choices(place.pool, k=count), strict=True):
            at = midnights[day] + rng.getrandbits(_WITHIN_A_DAY)
            yield SessionRecord(one.id, one.district, measure, at, day, *values, one.venue)


def windows(found: Iterable[Place], since: int, until: int, rng: Random) -> Iterator[UsageRecord]:
    """A usage window of every station for each quarter of an hour of a span."""
    drawn = [_window("", "", 0, rng) for _ in range(_POOL)]
    for start in range(since, until, WINDOW_SECONDS):
        for place in found:
            one = rng.choice(drawn)
            yield one._replace(
                station=place.station.id, district=place.station.district, start=start
            )


def hours_of_stations(
    found: Iterable[Place], since: int, until: int, rng: Random
) -> Iterator[Hour]:
    """The hours of every station in a span, and their days, of numbers that real windows make."""
    drawn = _week_of_hours(rng)
    for place in found:
        one = place.station
        mine = [
            hour._replace(place=one.id, district=one.district, venue=one.venue) for hour in drawn
        ]
        yield from _over(since, until, mine)


def hours_of_areas(since: int, until: int, rng: Random) -> Iterator[Hour]:
    """The hours of every area in a span, and their days; each hour is that of a few stations."""
    drawn = [_week_of_hours(rng) for _ in range(_TEMPLATE_STATIONS)]
    sums = [
        area_hours(hour._replace(place=f"S{number}") for number, hour in enumerate(together))[0]
        for together in zip(*drawn, strict=True)
    ]
    for area in AREAS:
        yield from _over(since, until, [hour._replace(place=area) for hour in sums])


def _over(since: int, until: int, week: Sequence[Hour]) -> Iterator[Hour]:
    """A week's hours of a place, over and over, and the days that they make."""
    hours = [
        week[start // HOUR_SECONDS % _WEEK_HOURS]._replace(start=start)
        for start in range(since, until, HOUR_SECONDS)
    ]
    yield from hours
    yield from days(hours)


def _week_of_hours(rng: Random) -> list[Hour]:
    """The hours that the windows of one station make of a week."""
    starts = range(0, _WEEK_HOURS * HOUR_SECONDS, WINDOW_SECONDS)
    return station_hours([_window("S", "", start, rng) for start in starts], {"S": Site()})


def _window(station: str, district: str, start: int, rng: Random) -> UsageRecord:
    peak = rng.randrange(_VISITORS)
    return UsageRecord(
        station, start, district, rng.randrange(_VISITORS), float(rng.randrange(16)),
        round(rng.uniform(0, peak), 2), peak, level(peak, _VISITORS),
    )  # fmt: skip


def _pressures(rng: Random, venue: str) -> list[_Row]:
    rows: list[_Row] = []
    for _ in range(_POOL):
        readings = draw_readings(rng, draw_person(rng, venue), _AUTUMN, rng.randrange(8, 20))
        row = blood_pressure_row(*session_value(readings), single=len(readings) == 1)
        rows.append(("bp", (row.c, row.sub, row.s, row.d, row.p, row.single, None)))
    return rows


def _glucose(rng: Random) -> list[_Row]:
    """Casual values most of the time; log-normal around 6.2 mmol/L, an assumption."""
    rows: list[_Row] = []
    for _ in range(_POOL):
        meal = rng.choices(_MEALS, (6, 3, 1))[0]
        row = glucose_row(min(6.2 * rng.lognormvariate(0, 0.25), 33.0), meal, single=True)
        values = (row.c, None, None, None, None, row.single, row.g)
        rows.append((str(glucose_measure(meal)), values))
    return rows


def _midnight(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) * 10**9


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
