"""The kinds of store that the contract is asked of, and what is written into them."""

from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from ingest.calendar import ZONE, week_of
from ingest.records import SessionRecord, UsageRecord, identity
from ingest.settings import RetentionSection
from ingest.store import Store
from ingest.store.expiry import Expiry
from ingest.store.opening import open_store
from ingest.store.sqlite import SqliteStore, sessions_path
from ingest.usage import Kind as Of
from ingest.usage import StationHour, hour_of
from tests.integration.influx import Influx

STATION = "BJ-CY-012"
CHAOYANG, DONGCHENG = "110105", "110101"
MONDAY = date(2026, 2, 2)
WEEK = week_of(MONDAY)
CLOSED = datetime(2026, 2, 10, 0, 0, tzinfo=ZONE)  # a day after the week's end


class Kind(Protocol):
    """A kind of store, empty when the test begins."""

    def open(self, *, raw_days: int = 0, usage_days: int = 0) -> Store:
        """One more store object on the same data; it is just after `CLOSED`, 0 is for ever."""

    def take_away(self) -> None:
        """Make the database unusable."""


class Sqlite:
    def __init__(self, directory: Path) -> None:
        self._path = directory / "store"

    def open(self, *, raw_days: int = 0, usage_days: int = 0) -> Store:
        kept = RetentionSection(raw_days=raw_days, usage_days=usage_days, trends_days=0)
        return SqliteStore(self._path, Expiry(kept, lambda: CLOSED))

    def take_away(self) -> None:
        for path in (self._path, sessions_path(self._path)):
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()
            path.mkdir()


class InInflux:
    def __init__(self, influx: Influx, directory: Path) -> None:
        self._influx = influx
        self._directory = directory

    def open(self, *, raw_days: int = 0, usage_days: int = 0) -> Store:
        settings = self._influx.settings(self._directory, raw_days=raw_days, usage_days=usage_days)
        return open_store(settings, lambda: CLOSED)

    def take_away(self) -> None:
        self._influx.kill()


def sessions(
    n: int,
    high: int,
    day: date = MONDAY,
    district: str = CHAOYANG,
    seq: int = 1,
    station: str = STATION,
) -> list[SessionRecord]:
    return [
        SessionRecord(
            station=station,
            district=district,
            measure="bp",
            at=identity(day, station, 7, seq, row),
            day=day,
            category="grade1" if row < high else "normal",
            subtype=None,
            systolic=145 if row < high else 110,
            diastolic=80,
            pulse=None,
            single=True,
            venue="hub",
        )
        for row in range(n)
    ]


def glucose(n: int, day: date = MONDAY) -> list[SessionRecord]:
    """Sessions whose category is named like a released part of blood pressure."""
    return [
        SessionRecord(
            station=STATION,
            district=CHAOYANG,
            measure="glu_casual",
            at=identity(day, STATION, 7, 99, row),
            day=day,
            category="high",
            subtype=None,
            systolic=None,
            diastolic=None,
            pulse=None,
            single=True,
            glucose=11.1,
        )
        for row in range(n)
    ]


def usage(hour: int, mean: float | None, station: str = "S1", day: date = MONDAY) -> UsageRecord:
    start = int(datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).timestamp())
    return UsageRecord(station, start, CHAOYANG, 3, 10.0, mean, 2, "some")


def in_hours_of(store: Store, *windows: UsageRecord) -> list[tuple[int, float | None]]:
    """How many windows the store has in the hour of each of these, if any, and their mean."""
    hours = [StationHour(one.station, hour_of(one.start)) for one in windows]
    store.rollups.roll_up(hours, {})
    found = (store.rollups.hours(Of.STATION, *one, one.start + 1) for one in hours)
    return [(hour.windows, hour.mean) for of_one in found for hour in of_one]
