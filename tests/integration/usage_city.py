"""A few stations with a real ingest, and what they tell of their use."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient

from ingest.api import Service, create_app
from ingest.calendar import ZONE
from ingest.operations import Station
from ingest.records import SessionRecord, UsageRecord, identity
from ingest.release import release_due, rules_of
from ingest.service import assemble
from ingest.settings import ReleaseSection, Settings, StoreSection
from ingest.usage import dirty_hours
from ingest.usage_upkeep import work_off

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=ZONE)
"""A Wednesday."""
BANKS = [
    Station(
        f"S{number}", "站", "station", "110105", "bank", 3, opening_hours="09:00-17:00",
        devices=("door",),
    )
    for number in range(3)
]  # fmt: skip
HUB = Station("H1", "站", "station", "110101", "hub", 0)
RETIRED = Station("R1", "站", "station", "110101", "hub", 3)


@contextmanager
def running(directory: Path, **release: Any) -> Iterator[Service]:
    """The parts of an ingest at `NOW` that knows the stations above; settings of [release]."""
    section = StoreSection(
        path=directory / "store.sqlite", operations_url=f"sqlite:///{directory}/operations.sqlite"
    )
    made = assemble(Settings(store=section, release=ReleaseSection(**release)), lambda: NOW)
    with closing(made.operations):
        made.operations.inventory.register([*BANKS, HUB, RETIRED])
        made.operations.inventory.retire("R1", NOW)
        yield made


@asynccontextmanager
async def talking(service: Service, below: str = "/usage") -> AsyncIterator[AsyncClient]:
    """A client of the service's API."""
    application = ASGITransport(create_app(service))
    base = f"http://ingest/api/v1{below}"
    async with AsyncClient(transport=application, base_url=base) as client:
        yield client


def window(
    station: str, when: datetime, *, entries: int | None = 1, mean: float = 1.0, full: bool = False
) -> UsageRecord:
    """A quarter of an hour."""
    district = next(one.district for one in (*BANKS, HUB, RETIRED) if one.id == station)
    start = int(when.timestamp())
    return UsageRecord(
        station, start, district, entries, 9.0, mean, 3 if full else 2, "full" if full else "some"
    )


def keep(service: Service, records: Iterable[UsageRecord]) -> None:
    """Store these windows and make their hours."""
    stored = list(records)
    service.store.write(stored)
    service.operations.record(dirty=dirty_hours(stored), now=NOW)
    while work_off(service.operations, service.store):
        continue


def mornings(station: str, days: int, **told: Any) -> list[UsageRecord]:
    """Four windows from ten o'clock on, on each of the last days."""
    today = NOW.replace(hour=10)
    return [
        window(station, today - timedelta(days=back, minutes=-15 * quarter), **told)
        for back in range(1, days + 1)
        for quarter in range(4)
    ]


async def get(client: AsyncClient, path: str) -> Any:
    """What is answered, in JSON."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    found: list[dict[str, Any]] = (await get(client, path))["rows"]
    return found


def sessions(n: int, day: date) -> list[SessionRecord]:
    """So many normal ones on a day at S0."""
    return [
        SessionRecord(
            "S0", "110105", "bp", identity(day, "S0", 7, 1, row), day, "normal",
            None, 110, 70, None, single=True,
        )
        for row in range(n)
    ]  # fmt: skip


def release(service: Service) -> None:
    """Release every week that is due at `NOW`."""
    rules = rules_of(service.settings.release)
    release_due(service.store, service.operations, rules, NOW, 24)
