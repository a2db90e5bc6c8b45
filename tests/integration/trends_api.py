"""Hand-made released cells in a real store, and the real API over it."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient

from ingest.api import Service, create_app
from ingest.calendar import ZONE, Week
from ingest.disclosure import Cell, Rule, State
from ingest.operations import Station
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from ingest.trend_queries import extremes_of, names_of
from ingest.windows import Audience, Level, extremes_weeks, parse_block
from tests.integration.ingest import STATIONS

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=ZONE)
"""A Wednesday in 2026-W17."""
WEEKS = [Week(2026, number) for number in range(6, 17)]
"""The released weeks: so B02x4 to B04x4 are released, and B01x12."""
RETIRED = Station("BJ-CY-900", "旧站", "Old", "110105", "bank", 3)
HOMES = {one.id: one.district for one in (*STATIONS, RETIRED)}


@contextmanager
def opened(directory: Path) -> Iterator[Service]:
    """A service with three stations, of which nothing is released."""
    section = StoreSection(
        path=directory / "store.sqlite", operations_url=f"sqlite:///{directory}/operations.sqlite"
    )
    made = assemble(Settings(store=section), lambda: NOW)
    with closing(made.operations):
        made.operations.inventory.register([*STATIONS, RETIRED])
        made.operations.inventory.retire(RETIRED.id, NOW)
        yield made


@contextmanager
def released(directory: Path) -> Iterator[Service]:
    """The same when `WEEKS` are released, and everything in them is hidden."""
    with opened(directory) as made:
        for week in WEEKS:
            made.store.trends.mark_released(week)
        yield made


@asynccontextmanager
async def asking(service: Service) -> AsyncIterator[AsyncClient]:
    """A client that asks below /trends."""
    transport = ASGITransport(create_app(service))
    async with AsyncClient(transport=transport, base_url="http://ingest/api/v1/trends") as client:
        yield client


def population(
    level: Level,
    area: str,
    window: str,
    n: int | None,
    *,
    measure: str = "bp",
    audience: Audience = Audience.INTERNAL,
    epsilon: float | None = None,
    **shown: float,
) -> list[Cell]:
    """All cells of an area and window: those in `shown` have that count or value.

    The other parts are small, and the percentiles have too few sessions; without `n` all of it
    would tell a remainder.
    """
    block = parse_block(window)
    names = extremes_of(measure) if block.weeks == extremes_weeks(audience) else names_of(measure)
    plain = Cell(
        audience, level, area, block, measure, "", State.SHOWN, n=n, epsilon=epsilon,
        low_precision=n is not None and n < 100,
    )  # fmt: skip
    above = {Level.STATION: Level.DISTRICT, Level.CITY: None}.get(level, Level.CITY)
    cells = []
    for part in names.parts + names.percentiles:
        value = shown.get(part)
        if n is not None and value is not None:
            told: dict[str, Any] = {"value": value}
            if part in names.parts:
                count = int(value)
                told = {"count": count, "share": 100 * count // n, "low": 1, "high": 99}
            cells.append(replace(plain, part=part, **told))
            continue
        state, rule = State.SMALL, Rule.SMALL_PART
        if part in names.percentiles:
            state, rule = State.HIDDEN, Rule.FEW_FOR_PERCENTILE
        if n is None:
            state, rule = State.HIDDEN, Rule.REMAINDER
        cells.append(replace(plain, part=part, state=state, rule=rule, see=above))
    return cells


def publish(service: Service, *populations: Iterable[Cell]) -> None:
    """Keep the cells of populations for readers, marked or not."""
    for cells in populations:
        service.store.trends.publish(cells, HOMES)


async def get(client: AsyncClient, path: str, expected: int = 200) -> dict[str, Any]:
    """The JSON answer."""
    answer = await client.get(path)
    assert answer.status_code == expected, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def lines(client: AsyncClient, path: str) -> tuple[list[str], list[dict[str, str]]]:
    """The words above a table in CSV, and its lines."""
    answer = await client.get(path, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    text = answer.text.splitlines()
    assert [line[:2] for line in text[:3]] == ["# "] * 3
    return text[:3], list(csv.DictReader(text[3:]))


def window_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    """One window of an answer."""
    (found,) = [one for one in told["windows"] if one["window"] == name]
    return dict(found)


def part_of(window: dict[str, Any], name: str) -> dict[str, Any]:
    """One part of a window."""
    (found,) = [one for one in window["parts"] if one["part"] == name]
    return dict(found)
