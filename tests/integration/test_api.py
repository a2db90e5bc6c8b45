"""The HTTP API over real databases."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from contract.status import Status
from contract.usage import UsageWindow
from ingest.api import Service, create_app
from ingest.calendar import ZONE, Week
from ingest.pipeline import Delivery
from ingest.records import SessionRecord, UsageRecord, identity
from ingest.release import release_due, rules_of
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from ingest.usage import dirty_hours
from ingest.usage_upkeep import work_off
from tests.integration.ingest import CHAOYANG, DONGCHENG, STATIONS, screening, status

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)
"""A Wednesday; the week before last is 2026-W06."""


@dataclass
class Api:
    """A client, and the service behind it."""

    client: AsyncClient
    service: Service

    async def get(self, path: str, expected: int = 200) -> dict[str, Any]:
        """The JSON answer to a GET."""
        answer = await self.client.get(path)
        assert answer.status_code == expected, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def serving(directory: Path, clock: Callable[[], datetime]) -> AsyncIterator[Api]:
    store = StoreSection(
        path=directory / "store.sqlite",
        operations_url=f"sqlite:///{directory}/operations.sqlite",
    )
    service = assemble(Settings(store=store), clock)
    service.operations.inventory.register(STATIONS)
    application = ASGITransport(create_app(service))
    async with AsyncClient(transport=application, base_url="http://ingest") as client:
        yield Api(client, service)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with serving(tmp_path, lambda: NOW) as served:
        yield served


def release(service: Service) -> list[Week]:
    rules = rules_of(service.settings.release)
    return release_due(service.store, service.operations, rules, NOW, 24)


def write_week(service: Service, n: int, high: int, day: date) -> None:
    service.store.write(
        [
            SessionRecord(
                CHAOYANG, "110105", "bp", identity(day, CHAOYANG, 7, 1, row), day,
                "grade1" if row < high else "normal", None, 145, 85, None, single=True,
                venue="convenience",
            )
            for row in range(n)
        ]
    )  # fmt: skip


def make_unusable(database: Path) -> None:
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()
    database.mkdir()


async def test_the_overview_counts_stations_messages_and_the_open_week(api: Api) -> None:
    birth = Status.model_validate(status("birth", "0" * 16))
    api.service.operations.record(entries=[], refused=[], statuses=[birth], now=NOW)
    api.service.pipeline.settle([Delivery(f"kiosk/v1/{CHAOYANG}/screening", b"garbage", 1)])
    write_week(api.service, 41, 12, NOW.date())
    overview = await api.get("/api/v1/overview")
    assert overview["stations"] == {"registered": 2, "online": 1}
    assert overview["messages"] == {"stored": 0, "quarantined": 1, "last_stored_at": None}
    assert overview["open_window"] == {
        "window": "2026-W08", "first": "2026-02-16", "last": "2026-02-22", "sessions": 40,
        "released_from": "2026-02-24T00:00:00+08:00",
    }  # fmt: skip
    assert overview["privacy"] == {
        "minimum_sessions": 20, "smallest_count": 8, "round_to": 5, "min_batch": 5,
        "smallest_min_batch": 5,
    }  # fmt: skip


async def test_fewer_than_twenty_open_sessions_are_not_told(api: Api) -> None:
    write_week(api.service, 19, 12, NOW.date())
    window = (await api.get("/api/v1/overview"))["open_window"]
    assert window["sessions"] is None


async def test_a_silent_station_goes_offline_and_its_ledger_stays(api: Api) -> None:
    heartbeat = Status.model_validate(status("heartbeat", "0" * 16, numbered=2, pending=1))
    for age, online in ((150, True), (151, False)):
        heard = NOW - timedelta(seconds=age)
        api.service.operations.record(entries=[], refused=[], statuses=[heartbeat], now=heard)
        listed = (await api.get("/api/v1/stations"))["stations"]
        (station,) = [one for one in listed if one["id"] == CHAOYANG]
        assert station["online"] is online
        assert station["ledger"]["numbered"] == 2
        assert station["ledger"]["balanced"] is False  # one was let go and never arrived
    (other,) = [one for one in listed if one["id"] == DONGCHENG]
    assert (other["online"], other["last_seen"], other["ledger"]) == (False, None, None)


async def test_trends_are_the_released_ones_only(api: Api) -> None:
    monday = date(2026, 2, 2)
    write_week(api.service, 34, 9, monday)
    write_week(api.service, 15, 9, monday + timedelta(weeks=1))
    assert (await api.get("/api/v1/trends/areas/110105"))["windows"] == []
    assert release(api.service) == [Week(2026, 6), Week(2026, 7)]
    first, second = (await api.get("/api/v1/trends/areas/110105"))["windows"]
    assert (first["window"], first["state"], first["n"]) == ("2026-W06", "released", 35)
    parts = {one["part"]: (one["state"], one["count"]) for one in first["parts"]}
    assert parts["high"] == ("shown", 10)
    assert parts["grade2_or_higher"] == ("small", None)
    assert (second["window"], second["state"], second["n"]) == ("2026-W07", "hidden", None)
    assert {part["state"] for part in second["parts"]} == {"hidden"}
    elsewhere = (await api.get("/api/v1/trends/areas/110101"))["windows"]
    assert [window["state"] for window in elsewhere] == ["hidden", "hidden"]


async def test_the_open_week_tells_one_number_a_day(tmp_path: Path) -> None:
    moment = NOW
    async with serving(tmp_path, lambda: moment) as api:

        async def told() -> int | None:
            window = (await api.get("/api/v1/overview"))["open_window"]
            found: int | None = window["sessions"]
            return found

        write_week(api.service, 23, 12, NOW.date())
        assert await told() == 25
        write_week(api.service, 41, 12, NOW.date())
        moment = NOW.replace(hour=23, minute=59)
        assert await told() == 25
        moment = NOW.replace(hour=0) + timedelta(days=1)
        assert await told() == 40


async def test_the_typical_week_covers_the_last_eight(api: Api) -> None:
    def record(when: datetime, mean: float) -> UsageRecord:
        window = UsageWindow(start=int(when.timestamp()), mean=mean)
        return UsageRecord(CHAOYANG, window.start, "110105", None, None, mean, None, None)

    recent = NOW.replace(minute=0) - timedelta(hours=3)
    records = [record(recent - timedelta(weeks=back), 0.5) for back in (1, 2, 7, 8)]
    records.append(record(recent - timedelta(weeks=9), 9.0))
    api.service.store.write(records)
    api.service.operations.record(dirty=dirty_hours(records), now=NOW)
    while work_off(api.service.operations, api.service.store):
        continue
    profile = await api.get("/api/v1/usage/week-profile?area=110105")
    assert profile["cells"] == [{"weekday": 3, "hour": 9, "mean": 0.5}]
    assert (profile["weeks"], profile["stations"]) == (8, 1)


async def test_an_area_that_does_not_exist_is_told(api: Api) -> None:
    assert "110103" in str((await api.get("/api/v1/trends/areas/110103", 404))["detail"])
    await api.get("/api/v1/usage/week-profile?area=Beijing", 404)


async def test_probes_tell_life_from_readiness(api: Api, tmp_path: Path) -> None:
    assert (await api.get("/healthz")) == {"alive": True}
    assert (await api.get("/readyz", 503)) == {"ready": False, "broker": False, "store": True}
    make_unusable(tmp_path / "store.sqlite")
    assert (await api.get("/readyz", 503))["store"] is False
    assert "store.sqlite" in str((await api.get("/api/v1/trends/areas/110105", 503))["detail"])
    assert (await api.get("/healthz")) == {"alive": True}


async def test_metrics_count_refusals_by_reason(api: Api) -> None:
    api.service.pipeline.settle([Delivery("elsewhere", b"{}", 1)])
    assert (
        'ingest_quarantined_total{reason="unknown_topic"} 1.0'
        in (await api.client.get("/metrics")).text
    )


async def test_the_api_describes_itself(api: Api) -> None:
    document = await api.get("/openapi.json")
    paths = document["paths"]
    assert set(paths) == {
        "/healthz", "/readyz", "/metrics", "/api/v1/overview", "/api/v1/fleet", "/api/v1/stations",
        "/api/v1/stations/{station}", "/api/v1/ledger", "/api/v1/ledger/{station}",
        "/api/v1/quarantine", "/api/v1/quarantine/{digest}",
        "/api/v1/quarantine/{digest}/replay", "/api/v1/usage/week-profile",
        "/api/v1/trends/windows", "/api/v1/trends/areas/{area}",
        "/api/v1/trends/stations/{station}", "/api/v1/trends/extremes",
        "/api/v1/trends/compare/{level}", "/api/v1/trends/cells/{name}",
        "/api/v1/usage/areas/{area}/hours", "/api/v1/usage/areas/{area}/uptake",
        "/api/v1/usage/areas/{area}/typical-week", "/api/v1/usage/areas/{area}/days",
        "/api/v1/usage/areas/{area}/summary", "/api/v1/usage/stations/{station}/typical-week",
        "/api/v1/usage/stations/{station}/days", "/api/v1/usage/stations/{station}/summary",
        "/api/v1/usage/stations/{station}/uptake", "/api/v1/usage/reach", "/api/v1/usage/equity",
        "/api/v1/usage/venues",
        "/api/v1/usage/public/stations/{station}/months",
        "/api/v1/usage/public/areas/{area}/days", "/api/v1/usage/public/areas/{area}/uptake",
    }  # fmt: skip


async def test_receipts_go_to_the_topics_station_whatever_the_payload_says(api: Api) -> None:
    forged = json.dumps(screening(5, station=DONGCHENG)).encode()
    (answer,) = api.service.pipeline.settle([Delivery(f"kiosk/v1/{CHAOYANG}/screening", forged, 1)])
    assert answer.topic == f"kiosk/v1/{CHAOYANG}/receipts"
