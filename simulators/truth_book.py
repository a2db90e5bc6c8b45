"""Counts what happens at every station of a city, week by week, while it happens."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from contract.batch import Measure
from simulators.city import BEIJING_TIME, CityStation
from simulators.history import iso_week
from simulators.station_days import Session
from simulators.truth import StationWeek

_WEEK = timedelta(days=7)
_STRAY_WEEKS = 1  # so far outside the run may a wrong clock put a day
_MOST_KINDS = 62  # columns of a row beyond entries and windows
_ROW = 2 + _MOST_KINDS
_ENTRIES, _WINDOWS = 0, 1

_CONTEXTS: dict[Measure, str] = {
    "glu_casual": "casual",
    "glu_fasting": "fasting",
    "glu_postprandial_2h": "postprandial_2h",
}

_Kind = tuple[str, str, str]


class TruthBook:
    """One row of plain numbers for each station and week: 256 bytes, whatever happens."""

    def __init__(self, stations: Sequence[CityStation], first: date, last: date) -> None:
        """For a run from `first` to `last`, both included."""
        self._stations = stations
        self._monday = first - timedelta(first.weekday()) - _STRAY_WEEKS * _WEEK
        self._weeks = (last - self._monday).days // 7 + 1 + _STRAY_WEEKS
        self._own_weeks = range(_STRAY_WEEKS, self._weeks - _STRAY_WEEKS)
        self._rows = array("I", bytes(len(stations) * self._weeks * _ROW * array("I").itemsize))
        self._columns: dict[_Kind, int] = {}

    def window(self, place: int, start: int, entries: int) -> None:
        """A window of the station at `place` that begins at `start`, seconds since 1970."""
        row = self._row(place, datetime.fromtimestamp(start, BEIJING_TIME).date())
        self._rows[row + _ENTRIES] += entries
        self._rows[row + _WINDOWS] += 1

    def session(self, place: int, day: date, session: Session) -> None:
        """A session of the station at `place` that it keeps, on the day it puts it on."""
        row = self._row(place, day)
        measure = "bp" if session.measure == "bp" else "glucose"
        category = str(session.row.c)
        if session.measure != "bp":
            category = f"{_CONTEXTS[session.measure]}/{category}"
        self._rows[row + self._column(("sessions", measure, category))] += 1
        self._rows[row + self._column(("truly", measure, session.truly))] += 1

    def weeks(self) -> Iterator[StationWeek]:
        """All that was counted, ordered by station and week.

        Weeks outside the run are told only if a wrong clock has put something there.
        """
        labels = [iso_week(self._monday + week * _WEEK) for week in range(self._weeks)]
        places = sorted(range(len(self._stations)), key=lambda place: self._stations[place].id)
        for place in places:
            for week, label in enumerate(labels):
                at = (place * self._weeks + week) * _ROW
                row = self._rows[at : at + _ROW]
                if week in self._own_weeks or any(row):
                    yield self._told(self._stations[place], label, row)

    def _told(self, station: CityStation, week: str, row: "array[int]") -> StationWeek:
        counts: dict[str, dict[str, dict[str, int]]] = {"sessions": {}, "truly": {}}
        for (part, measure, category), column in self._columns.items():
            if row[column]:
                counts[part].setdefault(measure, {})[category] = row[column]
        return StationWeek(
            station=station.id,
            district=station.district,
            venue=station.venue,
            week=week,
            entries=row[_ENTRIES],
            windows=row[_WINDOWS],
            sessions=counts["sessions"],
            truly=counts["truly"],
        )

    def _row(self, place: int, day: date) -> int:
        week = min(max((day - self._monday).days // 7, 0), self._weeks - 1)
        return (place * self._weeks + week) * _ROW

    def _column(self, kind: _Kind) -> int:
        column = self._columns.get(kind)
        if column is None:
            column = self._columns[kind] = len(self._columns) + 2
            if column >= _ROW:
                raise ValueError(f"more than {_MOST_KINDS} kinds of sessions: widen the truth book")
        return column
