"""What officers are told of usage: the real API over a real store."""

import csv
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from ingest.api import Service
from ingest.calendar import ZONE
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


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path) as made:
        yield made


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with talking(service) as client:
        yield client


async def test_a_typical_week_needs_the_same_weekday_four_times(
    client: AsyncClient, service: Service
) -> None:
    keep(service, mornings("S0", 27, mean=0.5))  # every weekday four times but Wednesday
    found = await rows(client, "/stations/S0/typical-week")
    assert found == [
        {"weekday": weekday, "hour": 10, "mean": 0.5} for weekday in (1, 2, 4, 5, 6, 7)
    ]
    keep(service, mornings("S0", 28, mean=0.5))
    assert len(await rows(client, "/areas/110105/typical-week")) == 7


async def test_today_is_not_told_before_it_is_over(client: AsyncClient, service: Service) -> None:
    keep(service, [window("S0", NOW.replace(hour=0)), window("S0", NOW.replace(hour=9))])
    assert await rows(client, "/stations/S0/days") == []
    assert await rows(client, "/areas/110000/hours") == []


async def test_entries_of_a_day_are_rounded_and_few_are_not_told_apart(
    client: AsyncClient, service: Service
) -> None:
    yesterday = NOW.replace(hour=10) - timedelta(days=1)
    keep(service, [window("S0", yesterday, entries=7)])
    keep(service, [window("S0", yesterday - timedelta(days=1), entries=0)])
    keep(service, [window("S0", yesterday - timedelta(days=2), entries=13)])
    keep(service, [window("S0", yesterday - timedelta(days=3), entries=None)])
    answer = await get(client, "/stations/S0/days?weeks=4")
    assert [(one["day"], one["entries"]) for one in answer["rows"]] == [
        ("2026-02-28", None), ("2026-03-01", "15"), ("2026-03-02", "<8"), ("2026-03-03", "<8"),
    ]  # fmt: skip
    assert (answer["first"], answer["last"]) == ("2026-02-04", "2026-03-03")
    assert "人次而非人数" in answer["wording"]["zh"]
    assert "not persons" in answer["wording"]["en"]


async def test_an_hour_of_the_calendar_is_never_that_of_one_or_two_stations(
    client: AsyncClient, service: Service
) -> None:
    yesterday = NOW.replace(hour=10) - timedelta(days=1)
    keep(service, [window(name, yesterday, entries=4) for name in ("S0", "S1", "H1")])
    (city,) = await rows(client, "/areas/110000/hours")
    assert city == {
        "start": "2026-03-03T10:00:00+08:00", "stations": 3, "windows": 3, "entries": "10",
        "mean": 1.0, "occupied_minutes": 9.0, "peak": 2, "full_percent": 0,
    }  # fmt: skip
    for area in ("110105", "bank"):
        assert await rows(client, f"/areas/{area}/hours") == []
    keep(service, [window("S2", yesterday, entries=4, full=True)])
    (bank,) = await rows(client, "/areas/bank/hours")
    assert (bank["stations"], bank["peak"], bank["full_percent"]) == (3, 3, 33)


async def test_the_summary_says_how_a_place_was_used(client: AsyncClient, service: Service) -> None:
    keep(service, mornings("S0", 14, entries=2, mean=1.0))  # 15 person-minutes for 2 entries
    (found,) = await rows(client, "/stations/S0/summary")
    assert found == {
        "days": 14, "entries": "110", "stay_minutes": 7.5, "full_percent": 0,
        "seat_percent": 33,  # one of three
        "availability_percent": 6,  # 56 of 28 × 32 quarters
        "peak_weekday": None, "peak_hour": None, "peak_mean": None,
    }  # fmt: skip
    keep(service, mornings("H1", 6, entries=2))
    (hub,) = await rows(client, "/areas/hub/summary")
    assert (hub["stay_minutes"], hub["full_percent"]) == (None, None)  # six days; no seats


async def test_uptake_is_of_released_weeks_and_of_a_hundred_entries_at_least(
    client: AsyncClient, service: Service
) -> None:
    first, second = date(2026, 2, 9), date(2026, 2, 16)
    for monday, entries in ((first, 25), (second, 24)):
        ten = datetime(monday.year, monday.month, monday.day, 10, tzinfo=ZONE)
        keep(service, [window("S0", ten + timedelta(days=n), entries=entries) for n in range(4)])
        service.store.write(sessions(23, monday))
    assert await rows(client, "/areas/110105/uptake") == []
    release(service)
    assert await rows(client, "/areas/110105/uptake") == [
        {"window": "2026-W07", "entries": "100", "sessions": 25, "percent": 25},
        {"window": "2026-W08", "entries": "95", "sessions": 25, "percent": None},
    ]
    assert [one["sessions"] for one in await rows(client, "/areas/110101/uptake")] == []
    (last, *_) = reversed(await rows(client, "/areas/bank/uptake"))
    assert await rows(client, "/venues") == [{"venue": "bank", **last}]


async def test_reach_and_equity_compare_all_sixteen_districts(
    client: AsyncClient, service: Service
) -> None:
    keep(service, mornings("S0", 14, entries=20))
    table = await get(client, "/reach")
    assert len(table["rows"]) == 16
    by_district = {one["district"]: one for one in table["rows"]}
    assert by_district["110105"] == {
        "district": "110105", "residents": 3_452_460, "stations": 3, "stations_per_10000": 0.009,
        "entries": "1120", "entries_per_10000": 3.24, "sessions": None,
        "sessions_per_10000": None,
    }  # fmt: skip
    assert by_district["110101"]["entries"] is None  # its station said nothing
    assert (by_district["110119"]["stations"], by_district["110119"]["entries"]) == (0, "<8")
    assert "age" in table["wording"]["en"]
    stations, entries, _ = await rows(client, "/equity")
    assert (stations["of"], stations["districts"], stations["ratio"]) == ("stations", 16, None)
    assert stations["gini"] == 0.89  # all in two districts of sixteen, and not alike there
    assert stations["below_half_percent"] == 81
    assert (entries["of"], entries["districts"], entries["gini"]) == ("entries", 15, 0.93)


@pytest.mark.parametrize("how", ["query", "header"])
async def test_a_table_comes_as_csv_with_its_words_above(
    client: AsyncClient, service: Service, how: str
) -> None:
    keep(service, mornings("S0", 1, entries=3))
    answer: Response = (
        await client.get("/stations/S0/days?format=csv")
        if how == "query"
        else await client.get("/stations/S0/days", headers={"Accept": "text/csv, */*"})
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.text.splitlines()
    assert [line[:2] for line in lines[:3]] == ["# "] * 3
    assert "not persons" in lines[1]
    assert list(csv.DictReader(lines[3:])) == [
        {"day": "2026-03-03", "entries": "10", "windows": "4"}
    ]
    empty = (await client.get("/stations/S1/days?format=csv")).text.splitlines()
    assert empty[3:] == ["day,entries,windows"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/stations/S9/days", 404),
        ("/areas/110103/days", 404),
        ("/areas/S0/days", 404),
        ("/stations/bank/days", 404),
        ("/areas/110105/days?weeks=5", 422),
        ("/areas/110105/hours?weeks=12", 422),
        ("/stations/S0/hours", 404),
        ("/stations/R1/days", 200),
    ],
)
async def test_only_what_is_on_the_lists_is_told(
    client: AsyncClient, path: str, status: int
) -> None:
    assert (await client.get(path)).status_code == status
