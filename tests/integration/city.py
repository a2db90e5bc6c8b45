"""A small simulated city with a real ingest that knows its stations."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from ingest.api import Service
from ingest.calendar import parse_week
from ingest.stations import read
from simulators.city import CityStation, stations, write_stations_csv
from simulators.city_run import CityOptions, CityRun
from simulators.fleet import FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.population import seeded
from simulators.truth import StationWeek
from tests.integration.broker import Broker
from tests.integration.ingest import PATIENCE_SECONDS, running_ingest

MONDAY = date(2026, 3, 2)
CITY = stations(60, seeded(3))
QUICK = 100_000.0
"""A speed at which a day takes as long as the work of it."""


def options(
    broker: Broker,
    *,
    days: int = 1,
    speed: float = QUICK,
    rest: float | None = None,
    window: int = 4,
    receipt_timeout_seconds: float = 2.0,
    **changes: object,
) -> CityOptions:
    """A run of `days` days from a Monday."""
    station = StationOptions(
        rest=rest, window=window, receipt_timeout_seconds=receipt_timeout_seconds
    )
    fleet = FleetOptions(
        address=Address(broker.host, broker.port),
        seed=3,
        station=station,
        stalled_after_seconds=PATIENCE_SECONDS,
    )
    last = MONDAY + timedelta(days - 1)
    return CityOptions(fleet=fleet, first=MONDAY, last=last, speed=speed, **changes)  # type: ignore[arg-type]


@contextmanager
def city_ingest(
    broker: Broker, directory: Path, city: Sequence[CityStation] = CITY
) -> Iterator[Service]:
    """A worker whose inventory is the city."""
    inventory = directory / "stations.csv"
    write_stations_csv(inventory, city)
    with running_ingest(broker, directory) as service:
        service.operations.inventory.register(read(inventory))
        yield service


def lived(run: CityRun) -> list[StationWeek]:
    """Live all days, wait for every receipt; the truth."""
    run.connect()
    run.live()
    run.finish()
    return list(run.weeks())


def sessions(weeks: Sequence[StationWeek]) -> int:
    """All sessions of a truth."""
    return sum(sum(counts.values()) for week in weeks for counts in week.sessions.values())


def windows(weeks: Sequence[StationWeek]) -> Counter[str]:
    """The windows of a truth by station."""
    found: Counter[str] = Counter()
    for week in weeks:
        found[week.station] += week.windows
    return found


def stored_sessions(service: Service, weeks: Sequence[StationWeek]) -> int:
    """How many sessions ingest has of the weeks of a truth."""
    labels = {week.week for week in weeks}
    return sum(
        sum(service.store.trends.session_counts(parse_week(label)).values()) for label in labels
    )
