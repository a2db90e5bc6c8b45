"""The kinds of store that the contract is asked of, and what is written into them."""

from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from ingest.calendar import ZONE, week_of
from ingest.records import SessionRecord, UsageRecord, identity
from ingest.store import Store
from ingest.store.opening import open_store
from ingest.store.sqlite import SqliteStore
from tests.integration.influx import Influx

CHAOYANG, DONGCHENG = "110105", "110101"
MONDAY = date(2026, 2, 2)
WEEK = week_of(MONDAY)
CLOSED = datetime(2026, 2, 10, 0, 0, tzinfo=ZONE)  # a day after the week's end


class Kind(Protocol):
    """A kind of store, empty when the test begins."""

    def open(self) -> Store:
        """One more store object on the same data."""

    def take_away(self) -> None:
        """Make the database unusable."""


class Sqlite:
    def __init__(self, directory: Path) -> None:
        self._path = directory / "store"

    def open(self) -> Store:
        return SqliteStore(self._path)

    def take_away(self) -> None:
        for file in self._path.parent.glob("store*"):
            file.unlink()
        self._path.mkdir()


class InInflux:
    def __init__(self, influx: Influx, directory: Path) -> None:
        self._influx = influx
        self._settings = influx.settings(directory)

    def open(self) -> Store:
        return open_store(self._settings, lambda: CLOSED)

    def take_away(self) -> None:
        self._influx.kill()


def sessions(
    n: int, high: int, day: date = MONDAY, district: str = CHAOYANG, seq: int = 1
) -> list[SessionRecord]:
    return [
        SessionRecord(
            station="BJ-CY-012",
            district=district,
            measure="bp",
            at=identity(day, "BJ-CY-012", 7, seq, row),
            day=day,
            category="grade1" if row < high else "normal",
            subtype=None,
            systolic=145 if row < high else 110,
            diastolic=80,
            pulse=None,
            single=True,
        )
        for row in range(n)
    ]


def glucose(n: int, day: date = MONDAY) -> list[SessionRecord]:
    """Sessions whose category is named like a released part of blood pressure."""
    return [
        SessionRecord(
            station="BJ-CY-012",
            district=CHAOYANG,
            measure="glu_casual",
            at=identity(day, "BJ-CY-012", 7, 99, row),
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
