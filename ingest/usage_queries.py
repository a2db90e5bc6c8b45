"""Answers about usage, put together from hours, inventory and released trends."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from contract.disclosure import SMALLEST_COUNT, band, rounded
from contract.places import CITY_ADCODE, DISTRICTS
from ingest import usage_answers as answers
from ingest import usage_measures as measures
from ingest.answers import Name
from ingest.calendar import ZONE, Week, week_of
from ingest.opening_hours import quarters_a_day
from ingest.operations import Station
from ingest.store import Store
from ingest.trends import HIGH
from ingest.usage import OFFSET_SECONDS, Hour, Kind

REACH_WEEKS = 4
"""How many weeks reach and equity cover."""
UPTAKE_WEEKS = 52
"""How far back uptake goes."""

_DAY_SECONDS = 86_400


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
    moment = int(now.timestamp())
    until = moment - (moment + OFFSET_SECONDS) % _DAY_SECONDS
    days = 7 * weeks
    return Period(until - days * _DAY_SECONDS, until, days)


def hours_of(store: Store, kind: Kind, place: str, period: Period) -> list[Hour]:
    """The hours of a place in a period."""
    return store.rollups.hours(kind, place, period.since, period.until)


def calendar_hours(hours: Iterable[Hour]) -> list[answers.CalendarHour]:
    """Each hour of an area in which enough stations reported."""
    return [
        answers.CalendarHour(
            start=datetime.fromtimestamp(one.start, ZONE),
            stations=one.stations,
            windows=one.windows,
            entries=_band(one.entries),
            mean=_digits(one.mean, 2),
            occupied_minutes=_digits(one.occupied and one.occupied / one.stations, 1),
            peak=one.peak,
            full_percent=_percent(measures.full_share([one])),
        )
        for one in hours
        if one.stations >= measures.LEAST_STATIONS
    ]


def typical_week(hours: Iterable[Hour]) -> list[answers.TypicalHour]:
    """The hours of the week that were observed often enough."""
    return [
        answers.TypicalHour(weekday=one.weekday, hour=one.hour, mean=round(one.mean, 2))
        for one in measures.typical_week(hours)
    ]


def days(hours: Iterable[Hour]) -> list[answers.Day]:
    """The entries of each day."""
    return [
        answers.Day(day=one.day, entries=_band(one.entries), windows=one.windows)
        for one in measures.daily_entries(hours)
    ]


def summary(hours: Sequence[Hour], stations: Iterable[Station], period: Period) -> answers.Summary:
    """How a place was used whose `stations` were to report in this period."""
    due = sum(quarters_a_day(one.opening_hours) for one in stations if _counts_people(one))
    peak = measures.peak_hour(measures.typical_week(hours))
    return answers.Summary(
        days=len(measures.daily_entries(hours)),
        entries=_band(measures.entries(hours)),
        stay_minutes=_digits(measures.mean_stay(hours), 1),
        full_percent=_percent(measures.full_share(hours)),
        availability_percent=_percent(measures.availability(hours, due * period.days)),
        peak_weekday=peak and peak.weekday,
        peak_hour=peak and peak.hour,
        peak_mean=peak and round(peak.mean, 2),
    )


def uptake(store: Store, area: str, period: Period) -> list[answers.Uptake]:
    """The uptake of every released week in a period, from released counts alone."""
    weeks: dict[Week, list[Hour]] = {}
    for one in hours_of(store, Kind.AREA, area, period):
        weeks.setdefault(week_of(measures.local_day(one.start)), []).append(one)
    released = released_sessions(store, area)
    rows = []
    for week in sorted(set(released) & set(weeks)):
        sessions, came = released[week], measures.entries(weeks[week])
        percent = None if sessions is None else measures.uptake(sessions, came)
        rows.append(
            answers.Uptake(
                window=str(week), entries=_band(came), sessions=sessions, percent=percent
            )
        )
    return rows


def reach(store: Store, stations: Sequence[Station], period: Period) -> list[answers.Reach]:
    """What each district has for its residents."""
    rows = []
    for adcode, district in DISTRICTS.items():
        here = sum(one.district == adcode for one in stations)
        came = measures.entries(hours_of(store, Kind.AREA, adcode, period)) if here else 0
        sessions = _recent_sessions(store, adcode) if here else 0
        rows.append(
            answers.Reach(
                district=adcode,
                residents=district.population,
                stations=here,
                stations_per_10000=round(measures.reach(here, district.population), 3),
                entries=_band(came),
                entries_per_10000=_rate(came, district.population),
                sessions=sessions,
                sessions_per_10000=_rate(sessions, district.population),
            )
        )
    return rows


def equity(rows: Iterable[answers.Reach]) -> list[answers.EquityRow]:
    """How even the reach of stations, entries and sessions is, of what `rows` show."""
    known = list(rows)
    residents = {one.district: one.residents for one in known}
    columns = {
        "stations": {one.district: one.stations for one in known},
        "entries": {
            one.district: _shown(one.entries) if one.stations else 0 for one in known if one.entries
        },
        "sessions": {one.district: one.sessions for one in known if one.sessions is not None},
    }
    return [
        _equity_row(name, measures.equity(counts, residents)) for name, counts in columns.items()
    ]


def released_sessions(store: Store, area: str) -> dict[Week, int | None]:
    """How many blood-pressure sessions each released week shows; None is hidden."""
    shown = {cell.window: cell.n for cell in store.cells(area) if cell.category == HIGH}
    return {week: shown.get(week) for week in store.released_weeks()}


def in_area(stations: Iterable[Station], area: str) -> list[Station]:
    """The stations of the city, of a district or of a venue type."""
    return [one for one in stations if area in (CITY_ADCODE, one.district, one.venue)]


def _recent_sessions(store: Store, area: str) -> int | None:
    """The sessions of the last released weeks together; None if one of them is hidden."""
    counts = list(released_sessions(store, area).values())[-REACH_WEEKS:]
    shown = [one for one in counts if one is not None]
    return sum(shown) if shown and len(shown) == len(counts) else None


def _counts_people(station: Station) -> bool:
    """Whether windows are expected of it: not if it says that it has other devices only."""
    return not station.devices or "door" in station.devices


def _equity_row(name: str, found: measures.Equity) -> answers.EquityRow:
    return answers.EquityRow(
        of=name,
        districts=found.districts,
        ratio=_digits(found.ratio, 1),
        gini=_digits(found.gini, 2),
        below_half_percent=_percent(found.below_half),
    )


def _shown(count: str) -> int:
    """A shown count as a number; "<8" counts as its middle."""
    return SMALLEST_COUNT // 2 if count.startswith("<") else int(count)


def _rate(count: int | None, residents: int) -> float | None:
    if count is None or count < SMALLEST_COUNT:
        return None  # nor is nothing told apart from a few
    return round(measures.reach(rounded(count), residents), 2)


def _band(count: int | None) -> str | None:
    return None if count is None else band(count)


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _digits(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
