"""A service with released weeks and some use, served on a port, for reports and exports."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from contract.disclosure import rounded
from contract.places import CITY_ADCODE, DISTRICTS
from ingest.api import Service, create_app
from ingest.disclosure import Cell
from ingest.disclosure.intervals import percent, widened
from ingest.operations import Station
from ingest.records import UsageRecord
from ingest.usage import dirty_hours
from ingest.usage_upkeep import work_off
from ingest.windows import Audience, Level
from tests.integration.trends_api import NOW, WEEKS, population, publish, released

WEEK, BLOCK = "2026-W16", "2026-B04x4"
"""The last released week, and the last released block of four."""
HIDDEN_DISTRICT, SMALL_DISTRICT, DISTRICT = "110119", "110118", "110105"
EVE = [
    Station(name, "站", "station", DISTRICT, "bank", 3, opening_hours="08:00-20:00")
    for name in ("BJ-CY-101", "BJ-CY-102", "BJ-CY-103")
]  # fmt: skip


@contextmanager
def filled(directory: Path) -> Iterator[Service]:
    """Weeks of blood pressure and glucose of city and districts, and four weeks of use."""
    with released(directory) as service:
        service.operations.inventory.register(EVE)
        for number, week in enumerate(WEEKS):
            _publish_week(service, str(week), number)
        _publish_block(service)
        _use(service)
        yield service


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service's API on a port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(service), log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def pressure(level: Level, area: str, window: str, n: int, **asked: Any) -> list[Cell]:
    """A population in which a fifth to a third is high, with intervals as a release has them."""
    shares = {
        "normal": 0.38, "high_normal": 0.35, "grade1": 0.2, "grade2_or_higher": 0.07,
        "high": 0.27, "high_home": 0.39, "single": 0.25,
    }  # fmt: skip
    counts: dict[str, Any] = {name: rounded(round(n * share)) for name, share in shares.items()}
    shown = {name: count for name, count in counts.items() if count >= 10}
    return bounded(population(level, area, window, n, **asked, **shown), n)


def bounded(cells: list[Cell], n: int) -> list[Cell]:
    """The cells with the interval of each share."""
    return [cell if cell.count is None else _bounded(cell, cell.count, n) for cell in cells]


def _bounded(cell: Cell, count: int, n: int) -> Cell:
    low, high = widened((max(0, count - 2), count + 2), (n - 2, n + 2), 1.3)
    return replace(cell, share=percent(count, n), low=low, high=high)


def _publish_week(service: Service, week: str, number: int) -> None:
    if number != 4:  # a holiday, of which all is hidden
        publish(service, pressure(Level.CITY, CITY_ADCODE, week, 700 + 45 * number))
    glucose = population(
        Level.CITY, CITY_ADCODE, week, 95, measure="glu_casual", high_or_higher=10, usual=60
    )
    publish(service, bounded(glucose, 95))
    for place, code in enumerate(DISTRICTS):
        n = 20 if code == SMALL_DISTRICT else 25 + 5 * ((7 * place + 3 * number) % 30)
        if code != HIDDEN_DISTRICT and number != 4:
            publish(service, pressure(Level.DISTRICT, code, week, n))


def _publish_block(service: Service) -> None:
    """What may be published: districts in four weeks, the city in one."""
    public: dict[str, Any] = {"audience": Audience.PUBLIC}
    publish(service, pressure(Level.CITY, CITY_ADCODE, WEEK, 1150, **public))
    for place, code in enumerate(DISTRICTS):
        if code != HIDDEN_DISTRICT:
            n = 20 if code == SMALL_DISTRICT else 120 + 10 * place
            publish(service, pressure(Level.DISTRICT, code, BLOCK, n, **public))
    glucose = population(
        Level.DISTRICT, DISTRICT, BLOCK, 105, measure="glu_casual", high_or_higher=15, **public
    )
    publish(service, bounded(glucose, 105))


def _use(service: Service) -> None:
    """Quarters of an hour from eight to eight on every day of five weeks at three stations."""
    midnight = NOW.replace(hour=0)
    records = [
        _quarter(station.id, midnight - timedelta(days=back) + timedelta(minutes=minute))
        for station in EVE
        for back in range(1, 36)
        for minute in range(8 * 60, 20 * 60, 15)
    ]
    service.store.write(records)
    service.operations.record(dirty=dirty_hours(records), now=NOW)
    while work_off(service.operations, service.store):
        continue


def _quarter(station: str, when: datetime) -> UsageRecord:
    """One comes in at every full hour, and more people are there at noon."""
    entries = 1 if when.minute == 0 else 0
    mean = 1.7 if when.hour in (12, 13) else 0.4
    return UsageRecord(station, int(when.timestamp()), DISTRICT, entries, 9.0, mean, 2, "some")
