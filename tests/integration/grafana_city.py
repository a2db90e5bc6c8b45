"""A small city behind the dashboards: the real ingest code has filled every bucket of an InfluxDB.

Sessions go through the release job, usage windows through the rollups of the upkeep, heartbeats
through the pipeline and the fleet's rounds. All of it ends at `NOW`. The release works on SQLite,
where it is quick, and the store of InfluxDB publishes the same cells.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain, product
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from benchmarks.trends_city import City, city, inventory, sessions, windows
from contract.glucose_batch import glucose_measure, glucose_row
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from contract.screening import Meal
from ingest.api import Service
from ingest.calendar import ZONE, week_of
from ingest.disclosure import Cell
from ingest.disclosure.scales import SCALES
from ingest.fleet_upkeep import FleetRounds
from ingest.pipeline import Delivery
from ingest.ranking_upkeep import rank_due
from ingest.records import SessionRecord
from ingest.release import last_due, release_due, rules_of
from ingest.service import assemble
from ingest.settings import Settings
from ingest.store import Store
from ingest.store.sqlite import SqliteStore
from ingest.usage import dirty_hours
from ingest.usage_upkeep import work_off
from ingest.windows import Audience, Level
from simulators.population import seeded
from tests.integration.influx import Influx

NOW = datetime(2026, 1, 14, 12, 0, 30, tzinfo=ZONE)
"""A Wednesday, soon after blocks of 4, 12 and 48 weeks have ended: each has been released once."""
FIRST_DAY = date(2025, 10, 6)
WEEKS = 14
BEFORE = (date(2025, 7, 7), date(2025, 7, 14))
"""Two weeks more, without which a year is not enough of one to be released."""
DISTRICT, STATION = "110105", "BJ-CY-001"
_STATIONS = 32  # two in each district
_USAGE_DAYS = 57
_HOURS = (10, 12)  # every station is open then
BUSY = (DISTRICT, "110101")
_MANY, _SOME = 400, 60  # sessions a week


class Clock:
    """The time that ingest is told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def busy_city() -> City:
    """All stations measure pressure and glucose; those of two districts do it all day."""
    rng = seeded(7)
    found = city(_STATIONS, rng)
    plain = min((one.pool for one in found.places), key=len)
    pool = [*plain, *(_glucose(rng) for _ in plain)]
    return City(
        tuple(
            replace(
                one,
                weekly=_MANY if one.station.district in BUSY else max(_SOME, one.weekly),
                pool=pool,
            )
            for one in found.places
        )
    )


def _glucose(rng: Random) -> Any:
    """A value after a drawn meal: spread widely, so that every part and every extreme is there."""
    meal = rng.choice(tuple(Meal))
    row = glucose_row(min(6.2 * rng.lognormvariate(0, 0.6), 33.0), meal, single=True)
    return str(glucose_measure(meal)), (row.c, None, None, None, None, row.single, row.g)


@contextmanager
def filled(influx: Influx, directory: Path) -> Iterator[Service]:
    """An ingest at `NOW` over this InfluxDB, where everything has happened already."""
    clock, found = Clock(), busy_city()
    made = assemble(Settings(store=influx.settings(directory)), clock)
    with closing(made.operations):
        made.operations.inventory.register(inventory(found))
        _measure(made, found, directory)
        _visit(made, found)
        _live(made, found, clock)
        yield made


def _measure(service: Service, found: City, directory: Path) -> None:
    rng, rules = seeded(8), rules_of(service.settings.release)
    quick = SqliteStore(directory / "release.sqlite")
    late: list[SessionRecord] = []
    for first in (*BEFORE, *(FIRST_DAY + timedelta(weeks=number) for number in range(WEEKS))):
        week = week_of(first)
        told = list(sessions(found, week, rng))
        assert not quick.write([*late, *told[::2], *told[1::4]])
        late = told[3::4]
        now = week.closes() + timedelta(hours=24)
        assert release_due(quick, service.operations, rules, now, 24)[-1] == week
    assert week == last_due(NOW, 24)
    homes = {one.station.id: one.station.district for one in found.places}
    service.store.trends.publish(chain.from_iterable(_released(quick, homes)), homes)
    for week in quick.trends.released_weeks():
        service.store.trends.mark_released(week)


def _released(store: Store, homes: Mapping[str, str]) -> Iterator[Iterable[Cell]]:
    """Every cell that was released."""
    places = {
        Level.CITY: [CITY_ADCODE], Level.DISTRICT: DISTRICTS, Level.VENUE: VENUES,
        Level.STATION: homes,
    }  # fmt: skip
    for audience, (level, areas) in product(Audience, places.items()):
        for area, measure in product(areas, SCALES):
            yield store.trends.cells(audience, level, area, measure)


def _visit(service: Service, found: City) -> None:
    rng, midnight = seeded(9), NOW.replace(hour=0, minute=0, second=0)
    for back in range(_USAGE_DAYS, -1, -1):
        day = midnight - timedelta(days=back)
        since, until = (int((day + timedelta(hours=hour)).timestamp()) for hour in _HOURS)
        told = list(windows(found.places[::2], since, until, rng))
        assert not service.store.write(told)
        service.operations.record(dirty=dirty_hours(told), now=NOW)
    while work_off(service.operations, service.store):
        continue
    assert rank_due(service.operations, service.store, NOW, Event())


def _live(service: Service, found: City, clock: Clock) -> None:
    """Yesterday and an hour ago all spoke; now one is silent and one has never been heard."""
    rounds = FleetRounds(service.operations, service.store.fleet, service.telemetry)
    ids = found.ids[:-1]
    for ago, speaking in (
        (timedelta(days=1), ids),
        (timedelta(hours=1), ids),
        (timedelta(), ids[1:]),
    ):
        clock.now = NOW - ago
        service.pipeline.settle([_heartbeat(one, number) for number, one in enumerate(speaking)])
        assert rounds.go(clock.now)
    assert clock.now == NOW


def _heartbeat(station: str, number: int) -> Delivery:
    """What a station says of itself; of four one has everything that can be wrong."""
    ill = number % 4 == 1
    said: dict[str, Any] = {
        "v": 1,
        "station": station,
        "kind": "heartbeat",
        "boot": "0" * 16,
        "ledger": {"epoch": 7, "numbered": 3 * ill, "pending": int(ill), "dropped": 0},
        "agent": {
            "version": f"1.{number % 3}.0", "min_batch": 5, "release": "daily",
            "heartbeat_seconds": 60,
        },
        "condition": {
            "backlog": {"messages": int(ill), "windows": 0, "oldest_hours": 30 * ill},
            "clock": "waiting" if ill else "synchronised",
            "storage": "full" if ill else "sound",
            "radio": "deaf" if ill else "hearing",
            "space": "critical" if ill else "ample",
            "devices": [{"alias": "bp1", "heard": "never", "battery": "low"}] if ill else [],
        },
    }  # fmt: skip
    return Delivery(f"kiosk/v1/{station}/status", json.dumps(said).encode(), packet=number)
