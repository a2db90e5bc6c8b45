"""Stations by state, by name and in pages, and the fleet in numbers: the API for operators."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from contract.condition import Condition
from contract.errors import StoreUnavailable
from contract.status import Agent, Kind, LedgerCount, Release, Status
from ingest import whole_city
from ingest.api import Service, create_app
from ingest.calendar import ZONE
from ingest.operations import Station
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from ingest.whole_city import KEPT, WholeCity

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)
PLACES = ("110101", "110105", "110105", "110105", "110108", "110108")
STATIONS = [
    Station(f"S{number}", f"第{number}站", f"Stop 100%_{number}", district, "bank", 2)
    for number, district in enumerate(PLACES)
]
CALM = {
    "backlog": {"messages": 0, "windows": 0, "oldest_hours": 0},
    "clock": "synchronised",
    "storage": "sound",
    "radio": "hearing",
    "space": "ample",
    "devices": [],
}


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Api:
    """The API of a city whose stations a test lets speak."""

    client: AsyncClient
    service: Service
    clock: Clock

    async def get(self, path: str, **params: Any) -> Any:
        """The answer to a question that must be answered."""
        answer = await self.client.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, **params: Any) -> list[str]:
        """The stations of a page."""
        return [one["id"] for one in (await self.get("stations", **params))["stations"]]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    store = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    clock = Clock()
    service = assemble(Settings(store=store), clock)
    service.operations.inventory.register(STATIONS)
    transport = ASGITransport(create_app(service))
    async with AsyncClient(transport=transport, base_url="http://ingest") as client:
        yield Api(client, service, clock)


def speak(service: Service, station: str, when: datetime = NOW, **condition: Any) -> None:
    """Let a station say how it is, heartbeats a minute apart."""
    numbered = condition.pop("numbered", 0)
    status = Status(
        station=station,
        kind=Kind.HEARTBEAT,
        boot="a" * 16,
        ledger=LedgerCount(epoch=1, numbered=numbered, pending=0, dropped=0),
        agent=Agent(version="0.4", min_batch=5, release=Release.DAILY, heartbeat_seconds=60),
        condition=Condition.model_validate(CALM | condition),
    )
    service.operations.record(statuses=[status], now=when)


def troubled(service: Service) -> None:
    """S0 is well, S1 silent, S2 waits for the time with a backlog, S3 misses 4; S5 never spoke."""
    speak(service, "S0")
    speak(service, "S1", NOW - timedelta(hours=2))
    old = {"messages": 7, "windows": 1, "oldest_hours": 30}
    speak(service, "S2", clock="waiting", backlog=old)
    speak(service, "S3", numbered=4)
    speak(service, "S4", devices=[{"alias": "bp1", "heard": "week", "battery": "low"}])


async def test_the_fleet_is_counted_by_district_and_by_version(api: Api) -> None:
    troubled(api.service)
    found = await api.get("fleet")
    city = found["city"]
    assert (city["registered"], city["online"], city["silent"], city["never_heard"]) == (6, 4, 1, 1)
    assert (city["backlogged"], city["backlog_messages"], city["backlog_oldest_hours"]) == (
        1,
        7,
        30,
    )
    assert (city["clock_waiting"], city["unbalanced"], city["ledger_gap"]) == (1, 1, 4)
    assert city["devices_low_battery"] == 1
    districts = {one["district"]: (one["registered"], one["online"]) for one in found["districts"]}
    assert districts == {"110101": (1, 1), "110105": (3, 2), "110108": (2, 1)}
    assert found["versions"] == [{"version": "0.4", "stations": 5}]
    assert found["at"] == "2026-02-18T12:00:00+08:00"


async def test_the_fleet_is_a_table_for_a_spreadsheet_too(api: Api) -> None:
    troubled(api.service)
    answer = await api.client.get("/api/v1/fleet", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[2] == "# 110000, 2026-02-18 12:00"
    heads, whole, *districts = (line.split(",") for line in lines[3:])
    assert (heads[0], heads[-1]) == ("registered", "district")
    assert (whole[0], whole[-1]) == ("6", "110000")
    assert [one[-1] for one in districts] == ["110101", "110105", "110108"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("online", ["S0", "S2", "S3", "S4"]),
        ("offline", ["S1", "S5"]),
        ("silent", ["S1"]),
        ("never_heard", ["S5"]),
        ("backlog", ["S2"]),
        ("clock", ["S2"]),
        ("storage", []),
        ("radio", []),
        ("devices", ["S4"]),
        ("ledger", ["S3"]),
        ("attention", ["S1", "S2", "S3"]),
    ],
)
async def test_stations_are_chosen_by_their_state(
    api: Api, state: str, expected: list[str]
) -> None:
    troubled(api.service)
    assert await api.ids(state=state) == expected
    assert (await api.get("stations", state=state))["total"] == len(expected)


async def test_a_page_of_a_state_goes_on_after_the_one_before(api: Api) -> None:
    troubled(api.service)
    first = await api.get("stations", state="online", limit=3)
    assert (first["next"], first["total"]) == ("S3", 4)
    second = await api.get("stations", state="online", limit=3, after="S3")
    assert ([one["id"] for one in second["stations"]], second["next"]) == (["S4"], None)
    assert await api.ids(state="online", district="110105") == ["S2", "S3"]


async def test_stations_are_found_by_a_part_of_their_id_or_name(api: Api) -> None:
    assert await api.ids(search="s3") == ["S3"]
    assert await api.ids(search="第4") == ["S4"]
    assert await api.ids(search="stop") == [one.id for one in STATIONS]
    assert await api.ids(search="100%_2") == ["S2"]
    assert await api.ids(search="1_0") == []
    assert await api.ids(search="stop", district="110108") == ["S4", "S5"]
    assert (await api.get("stations", search="stop", limit=2))["total"] == 6
    nul = await api.client.get("/api/v1/stations", params={"search": "a\0"})
    assert nul.status_code == 422


async def test_a_page_of_stations_has_the_ledger_of_each_of_them(api: Api) -> None:
    troubled(api.service)
    page = (await api.get("stations", limit=4))["stations"]
    assert [one["ledger"]["balanced"] for one in page] == [True, True, True, False]
    assert page[3]["ledger"]["numbered"] == 4


async def test_in_a_large_city_a_look_is_kept_and_read_anew_after_a_minute(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_city, "MANY_STATIONS", len(STATIONS))
    assert (await api.get("overview"))["stations"] == {"registered": 6, "online": 0}
    speak(api.service, "S0")
    api.clock.now += KEPT - timedelta(seconds=1)
    api.service.city.keep_fresh()
    assert (await api.get("overview"))["stations"]["online"] == 0
    assert (await api.get("stations", limit=1))["stations"][0]["online"]
    api.clock.now += timedelta(seconds=1)
    speak(api.service, "S1", api.clock.now)
    api.service.city.keep_fresh()
    assert (await api.get("overview"))["stations"]["online"] == 2
    api.clock.now += 3 * KEPT
    assert (await api.get("overview"))["stations"]["online"] == 0


async def test_in_a_small_city_nothing_is_kept(api: Api) -> None:
    assert (await api.get("ledger"))["stations"] == 0
    speak(api.service, "S0")
    assert (await api.get("ledger"))["stations"] == 1
    api.service.city.keep_fresh()
    speak(api.service, "S1")
    assert (await api.get("overview"))["stations"]["online"] == 2


async def test_what_is_kept_outlives_a_database_that_is_away(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_city, "MANY_STATIONS", len(STATIONS))
    city = WholeCity(api.service.operations, api.clock)
    assert len(city.look().states) == 6

    def away(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(api.service.operations.sightings, "all", away)
    api.clock.now += KEPT
    city.keep_fresh()
    assert len(city.look().states) == 6
    api.clock.now += KEPT
    with pytest.raises(StoreUnavailable):
        city.look()
