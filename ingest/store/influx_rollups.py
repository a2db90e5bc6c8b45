"""Hours and days of usage in InfluxDB: a measurement for each kind, in the bucket of usage.

The place is their only tag. District and venue are fields: a station that moves would otherwise
have two hours at the same time. Nothing is ever deleted: an area that its last station left has an
hour of no stations, which is never read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from contract.errors import Reason
from ingest.records import UsageRecord
from ingest.store.influx_connection import RefusedLine
from ingest.store.influxql import NANOSECONDS, Series, text
from ingest.store.line_protocol import HOURS, USAGE, hour_line
from ingest.turns import TakeTurn
from ingest.usage import (
    DAY_SECONDS,
    HOUR_SECONDS,
    Hour,
    Kind,
    Presence,
    Site,
    StationHour,
    area_hours,
    day_of,
    days,
    emptied,
    hour_of,
    station_hours,
)

Query = Callable[..., list[list[Series]]]
Write = Callable[[Sequence[str]], list[RefusedLine]]

_STATIONS_AT_A_TIME = 50  # they stand in the address of a request
_FIELDS = ", ".join(f'"{name}"' for name in Hour._fields[3:])


class InfluxRollups:
    """Fulfils `ingest.store.rollups.Rollups`; one worker at a time makes hours."""

    def __init__(self, query: Query, write: Write, take_turn: TakeTurn) -> None:
        """`query` and `write`, by seconds, are those of the bucket of usage."""
        self._query = query
        self._write = write
        self._take_turn = take_turn

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """See `Rollups.roll_up`."""
        wanted = set(hours)
        with self._take_turn():
            windows = (
                window
                for where in _pieces(wanted, "station", HOUR_SECONDS)
                for window in self._windows(where)
                if StationHour(window.station, hour_of(window.start)) in wanted
            )
            self._keep(station_hours(windows, sites))
            self._keep(
                days(self._hours_of_days({(one.station, day_of(one.start)) for one in hours}))
            )

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """See `Rollups.roll_up_areas`."""
        with self._take_turn():
            for start in starts:
                made = area_hours(self._hours(Kind.STATION, f"time = {start}s"))
                self._replace(Kind.AREA, start, made)
            for day in {day_of(start) for start in starts}:
                found = self._hours(Kind.AREA, _span(day, day + DAY_SECONDS))
                self._replace(Kind.AREA_DAY, day, days(found))

    def hours(self, kind: Kind, place: str, since: int, until: int) -> list[Hour]:
        """See `Rollups.hours`."""
        return list(self._hours(kind, f"place = {text(place)} AND {_span(since, until)}"))

    def station_days(self, stations: Collection[str], since: int, until: int) -> Iterator[Hour]:
        """See `Rollups.station_days`."""
        spans = [(station, since) for station in stations]
        for where in _pieces(spans, "place", until - since):
            yield from self._hours(Kind.STATION_DAY, where)

    def presence(self, kind: Kind, place: str, since: int, until: int) -> list[Presence]:
        """See `Rollups.presence`."""
        (found,) = self._query(
            f"SELECT stations, mean_sum, mean_windows FROM {HOURS[kind]}"  # noqa: S608
            f" WHERE place = {text(place)} AND {_span(since, until)}"
        )
        return [
            Presence(
                row["time"] // NANOSECONDS, row["stations"], row["mean_sum"], row["mean_windows"]
            )
            for series in found
            for row in series.rows
            if row["stations"]
        ]

    def _replace(self, kind: Kind, start: int, made: Sequence[Hour]) -> None:
        """Keep these hours, or days, of areas; those that were there before are empty now."""
        places = {one.place for one in made}
        former = self._hours(kind, f"time = {start}s")
        self._keep([*made, *(emptied(one) for one in former if one.place not in places)])

    def _hours_of_days(self, wanted: Collection[tuple[str, int]]) -> Iterator[Hour]:
        """All hours of these days of stations."""
        for where in _pieces(wanted, "place", DAY_SECONDS):
            for hour in self._hours(Kind.STATION, where):
                if (hour.place, day_of(hour.start)) in wanted:
                    yield hour

    def _hours(self, kind: Kind, where: str) -> Iterator[Hour]:
        (found,) = self._query(f"SELECT place, {_FIELDS} FROM {HOURS[kind]} WHERE {where}")  # noqa: S608
        return (_hour(kind, row) for series in found for row in series.rows if row["stations"])

    def _windows(self, where: str) -> Iterator[UsageRecord]:
        (found,) = self._query(
            "SELECT station, district, windows, entries, occupied, mean, peak, level"  # noqa: S608
            f" FROM {USAGE} WHERE {where}"
        )
        return (_window(row) for series in found for row in series.rows)

    def _keep(self, hours: Sequence[Hour]) -> None:
        for refused in self._write([hour_line(hour) for hour in hours]):
            if refused.reason is not Reason.EXPIRED:  # its windows go as well
                raise RuntimeError(f"InfluxDB refused an hour of usage: {refused.detail}")


def _pieces(spans: Iterable[tuple[str, int]], column: str, seconds: int) -> Iterator[str]:
    """Conditions that together select `spans` of stations, so many seconds long, in few pieces.

    What is live is one hour of many stations, what was held back many hours of a few.
    """
    by_start: dict[int, list[str]] = {}
    by_station: dict[str, list[int]] = {}
    for station, start in spans:
        by_start.setdefault(start, []).append(station)
        by_station.setdefault(station, []).append(start)
    if len(by_station) <= len(by_start):
        for station, starts in by_station.items():
            span = _span(min(starts), max(starts) + seconds)
            yield f"{column} = {text(station)} AND {span}"
        return
    for start, stations in by_start.items():
        names = iter(stations)
        while some := list(islice(names, _STATIONS_AT_A_TIME)):
            either = " OR ".join(f"{column} = {text(one)}" for one in some)
            yield f"({either}) AND {_span(start, start + seconds)}"


def _span(since: int, until: int) -> str:
    return f"time >= {since}s AND time < {until}s"


def _window(row: dict[str, Any]) -> UsageRecord:
    return UsageRecord(
        row["station"],
        row["time"] // NANOSECONDS,
        row["district"],
        row["entries"],
        row["occupied"],
        row["mean"],
        row["peak"],
        row["level"],
    )


_told = itemgetter(*Hour._fields[3:])


def _hour(kind: Kind, row: dict[str, Any]) -> Hour:
    return Hour(kind, row["place"], row["time"] // NANOSECONDS, *_told(row))
