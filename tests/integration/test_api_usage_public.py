"""What may be published of usage, uptake in its windows, and the typical week of the page."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient

from ingest.api import Service
from ingest.calendar import ZONE
from ingest.usage_queries import Period
from ingest.usage_uptake import uptake
from ingest.windows import Audience, Level
from tests.integration.usage_city import (
    NOW,
    get,
    keep,
    mornings,
    release,
    rows,
    running,
    sessions,
    talking,
    window,
)

FIRST, SECOND = date(2026, 2, 9), date(2026, 2, 16)
"""Mondays of 2026-W07 and W08, the last two weeks of the block 2026-B02x4."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path) as made:
        yield made


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with talking(service) as client:
        yield client


def ten(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)


def two_weeks(service: Service) -> None:
    """23 sessions in each week; 100 entries in the first, 95 in the second."""
    for monday, entries in ((FIRST, 25), (SECOND, 24)):
        keep(
            service,
            [window("S0", ten(monday) + timedelta(days=n), entries=entries) for n in range(4)],
        )
        service.store.write(sessions(23, monday))
    release(service)


async def test_a_month_of_a_station_is_published_from_fourteen_days_on(
    client: AsyncClient, service: Service
) -> None:
    february = [ten(date(2026, 2, day)) for day in range(1, 15)]
    keep(service, [window("S0", when, entries=1, mean=0.25) for when in february[:13]])
    keep(service, [window("S0", NOW.replace(day=1, hour=9), entries=50)])  # March goes on
    assert await rows(client, "/public/stations/S0/months") == []
    keep(service, [window("S0", february[13], entries=0, mean=3.75)])
    table = await get(client, "/public/stations/S0/months")
    assert table["rows"] == [{"month": "2026-02", "days": 14, "entries": "15", "mean": 0.5}]
    assert (table["first"], table["last"]) == ("2025-03-01", "2026-02-28")
    assert "not persons" in table["wording"]["en"]
    lines = (await client.get("/public/stations/S0/months?format=csv")).text.splitlines()
    assert lines[3:] == ["month,days,entries,mean", "2026-02,14,15,0.5"]


async def test_a_day_of_an_area_is_published_from_three_stations_on(
    client: AsyncClient, service: Service
) -> None:
    yesterday = NOW.replace(hour=10) - timedelta(days=1)
    keep(service, [window(name, yesterday, entries=4) for name in ("S0", "S1", "H1")])
    assert await rows(client, "/public/areas/110000/days") == [
        {"day": "2026-03-03", "stations": 3, "entries": "10"}
    ]
    assert await rows(client, "/public/areas/110105/days") == []
    keep(service, [window("S2", yesterday, entries=0)])
    assert await rows(client, "/public/areas/110105/days?weeks=12") == [
        {"day": "2026-03-03", "stations": 3, "entries": "10"}
    ]
    # Officers see the same day of two stations as well.
    keep(service, [window(name, yesterday - timedelta(1), entries=4) for name in ("S0", "S1")])
    assert len(await rows(client, "/public/areas/110105/days")) == 1
    assert len(await rows(client, "/areas/110105/days")) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/public/areas/bank/days", "/public/areas/S0/days", "/public/areas/110103/days",
        "/public/areas/bank/uptake", "/public/stations/S9/months", "/public/stations/110105/months",
        "/public/stations/S0/days", "/public/stations/S0/uptake", "/public/areas/110105/hours",
    ],
)  # fmt: skip
async def test_nothing_finer_is_published(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_uptake_is_published_by_week_and_told_of_stations_by_four(
    client: AsyncClient, service: Service
) -> None:
    two_weeks(service)
    weeks = [
        {"window": "2026-W07", "entries": "100", "sessions": 25, "percent": 25},
        {"window": "2026-W08", "entries": "95", "sessions": 25, "percent": None},
    ]
    for area in ("110105", "110000"):
        assert await rows(client, f"/public/areas/{area}/uptake") == weeks
    hidden = [one | {"sessions": None, "percent": None} for one in weeks]
    assert await rows(client, "/areas/bank/uptake") == hidden  # no session was said to be there
    assert await rows(client, "/stations/S0/uptake") == [
        {"window": "2026-B02x4", "entries": "195", "sessions": 45, "percent": 23}
    ]
    assert await rows(client, "/stations/S1/uptake") == []  # nor did anybody come


async def test_uptake_is_published_with_the_noise_that_everything_published_has(
    tmp_path: Path,
) -> None:
    with running(tmp_path, public_epsilon=10) as service:
        two_weeks(service)
        async with talking(service) as client:
            district = await rows(client, "/public/areas/110105/uptake")
            assert [one["window"] for one in district] == ["2026-B02x4"]
            officers = await rows(client, "/areas/110105/uptake")
            assert [one["window"] for one in officers] == ["2026-W07", "2026-W08"]


def test_a_week_that_a_period_cuts_has_no_uptake(service: Service) -> None:
    two_weeks(service)

    def windows(since: date) -> list[str]:
        start, until = (int(ten(day).timestamp()) - 36_000 for day in (since, date(2026, 3, 2)))
        period = Period(start, until, (until - start) // 86_400)
        level = Level.DISTRICT
        return [
            one.window for one in uptake(service.store, Audience.INTERNAL, level, "110105", period)
        ]

    assert windows(FIRST) == ["2026-W07", "2026-W08"]
    assert windows(FIRST + timedelta(1)) == ["2026-W08"]


async def test_the_page_s_typical_week_is_of_four_same_weekdays(service: Service) -> None:
    async with talking(service, "") as client:
        keep(service, mornings("S0", 21, mean=0.5))
        few = await get(client, "/usage/week-profile?area=110105")
        assert (few["stations"], few["cells"]) == (1, [])
    keep(service, mornings("S0", 28, mean=0.5))
    keep(service, mornings("H1", 56, mean=1.5))
    async with talking(service, "") as client:
        found = await get(client, "/usage/week-profile?area=110105")
        assert found == {
            "area": "110105", "weeks": 8, "stations": 1,
            "cells": [{"weekday": day, "hour": 10, "mean": 0.5} for day in range(1, 8)],
        }  # fmt: skip
        city = await get(client, "/usage/week-profile")
        # Four weeks of one station, eight of the other.
        assert [one["mean"] for one in city["cells"]] == [pytest.approx(7 / 6, abs=1e-3)] * 7
        assert city["stations"] == 2
