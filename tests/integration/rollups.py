"""Usage that stations send, and the hours that it must come to."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

from contract.places import CITY_ADCODE
from contract.usage import UsageBatch, UsageWindow, level
from ingest.operations import Operations, Station
from ingest.pipeline import Delivery, Pipeline
from ingest.records import UsageRecord, usage_records
from ingest.store import Store
from ingest.usage import Hour, Kind, area_hours, days, station_hours
from ingest.usage_upkeep import known_sites

QUARTER, HOUR = 900, 3600
MONDAY = 1_769_961_600  # 2026-02-02 00:00 in Beijing
VENUES = ("bank", "hub", "gas")


def stations(count: int) -> list[Station]:
    """So many, in two districts and three kinds of venue; the first bank has no seats."""
    return [
        Station(
            f"S{number:03}",
            "站",
            "station",
            ("110101", "110105")[number % 2],
            VENUES[number % 3],
            number % 7,
            opening_hours="08:00-20:00",
        )
        for number in range(count)
    ]


def windows(rng: Random, starts: Iterable[int]) -> tuple[UsageWindow, ...]:
    """Windows at these starts, with anything in them; some sensors are silent."""
    return tuple(_window(rng, start) for start in starts)


def delivery(station: str, seq: int, sent: tuple[UsageWindow, ...]) -> Delivery:
    """A station's message with these windows."""
    batch = UsageBatch(station=station, epoch=7, seq=seq, windows=sent)
    payload = batch.model_dump_json(exclude_none=True).encode()
    return Delivery(f"kiosk/v1/{station}/usage", payload, packet=1)


class Sent:
    """What was sent so far, last windows counting: the truth to compare with."""

    def __init__(self, known: Iterable[Station]) -> None:
        self._districts = {one.id: one.district for one in known}
        self._windows: dict[tuple[str, int], UsageRecord] = {}
        self._numbered = 0

    def settle(self, pipeline: Pipeline, station: str, sent: tuple[UsageWindow, ...]) -> None:
        """Give a message of these windows to `pipeline`, and remember it."""
        self._numbered += 1
        batch = UsageBatch(station=station, epoch=7, seq=self._numbered, windows=sent)
        pipeline.settle([delivery(station, self._numbered, sent)])
        for record in usage_records(batch, self._districts[station]):
            self._windows[station, record.start] = record

    def hours(self, operations: Operations) -> list[Hour]:
        """The hours and days that all of it comes to, made from scratch."""
        made = station_hours(self._windows.values(), known_sites(operations))
        hours = [*made, *area_hours(made)]
        return sorted([*hours, *days(hours)])


def stored_hours(store: Store, known: Iterable[Station]) -> list[Hour]:
    """All hours and days of two weeks from `MONDAY` on that the store has."""
    places = [(Kind.STATION, one.id) for one in known]
    places += [(Kind.AREA, one) for one in (CITY_ADCODE, "110101", "110105", *VENUES)]
    return sorted(
        hour
        for kind, place in places
        for either in (kind, kind.day)
        for hour in store.rollups.hours(either, place, MONDAY, MONDAY + 14 * 24 * HOUR)
    )


def database_urls(directory: Path) -> tuple[Path, str]:
    """Where a store and an operational database may be."""
    return directory / "store.sqlite", f"sqlite:///{directory}/operations.sqlite"


def _window(rng: Random, start: int) -> UsageWindow:
    # What is silent stays silent in a correction: InfluxDB keeps a field that is absent later.
    silent = start // QUARTER % 10
    if not silent:
        return UsageWindow(start=start)
    peak = rng.randrange(6)
    return UsageWindow(
        start=start,
        entries=None if silent == 1 else rng.choice((0, 1, 4)),
        occupied=rng.randrange(16),
        mean=round(rng.uniform(0, peak), 2),
        peak=peak,
        level=level(peak, 4),
    )
