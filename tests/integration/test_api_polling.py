"""Attack by polling: who asks for everything all day long learns nothing of what comes in."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import count, product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import ASGITransport, AsyncClient

from contract.topics import Stream, topic
from contract.usage import UsageWindow
from ingest.api import Service, create_app
from ingest.calendar import ZONE, Week
from ingest.pipeline import Delivery
from ingest.release import release_due, rules_of
from ingest.service import assemble
from ingest.settings import HttpSection, Settings, StoreSection
from ingest.usage_upkeep import work_off
from tests.integration.ingest import CHAOYANG, DONGCHENG, STATIONS, screening
from tests.integration.rollups import delivery

WEDNESDAY = date(2026, 2, 18)
"""A day in 2026-W08 on which no week is released."""
ABOUT_HEALTH = ("/trends/", "uptake", "venues", "reach", "equity", "overview")
LISTS = {
    "area": ("110000", "110105", "convenience"),
    "station": (CHAOYANG,),
    "level": ("city", "district", "venue"),
    "name": (
        "internal:district:110105:2026-W07:bp:high",
        f"internal:station:{CHAOYANG}:2026-B01x4:bp:systolic_p50",
    ),
    "measure": ("bp", "glu_casual"),
    "audience": ("internal", "public"),
}
STATIONS_COMPARED = "/api/v1/trends/compare/station?district=110105"
STATE_OF_MACHINES = ("now", "problems", "stations", "messages")
"""What the overview tells of stations and messages, whatever they are about; it may move."""

Told = Mapping[str, Any]


class City:
    """Two stations that send to a real pipeline, and a clock that goes when it is told to."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._numbers = count(1)

    def measure(self, station: str, day: date, high: int, normal: int, **glucose: int) -> None:
        """A batch of blood pressure, and one of glucose if there is any."""
        rows = [{"c": "grade1", "s": 150, "d": 95, "p": 80}] * high
        self._send(station, day, "bp", rows + [{"c": "normal", "s": 110, "d": 70}] * normal)
        for measure, sessions in glucose.items():
            self._send(station, day, measure, [{"c": "usual", "g": 4.7}] * sessions)

    def visit(self, station: str, day: date, entries: int) -> None:
        """Usage of the hour from ten o'clock on, made into hours at once."""
        ten = int(datetime(day.year, day.month, day.day, 10, tzinfo=ZONE).timestamp())
        windows = tuple(
            UsageWindow(start=ten + 900 * quarter, entries=entries, occupied=9, mean=1.0, peak=2)
            for quarter in range(4)
        )
        self.service.pipeline.settle([delivery(station, next(self._numbers), windows)])
        while work_off(self.service.operations, self.service.store):
            continue

    def release(self) -> list[Week]:
        """What the release job does when it looks."""
        settings = self.service.settings.release
        return release_due(
            self.service.store,
            self.service.operations,
            rules_of(settings),
            self.service.clock(),
            settings.delay_hours,
        )

    def _send(self, station: str, day: date, measure: str, rows: list[dict[str, Any]]) -> None:
        days = {"from": day.isoformat(), "to": day.isoformat()}
        message = screening(
            next(self._numbers),
            station,
            measure=measure,
            rows=rows,
            **days,
        )
        payload = json.dumps(message).encode()
        (answer,) = self.service.pipeline.settle(
            [Delivery(topic(station, Stream.SCREENING), payload, 1)]
        )
        assert "stored" in answer.payload


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 17, 12, 0, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def city(tmp_path: Path, clock: Clock) -> Iterator[City]:
    """Four weeks that are released, and the first days of the fifth."""
    section = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    settings = Settings(store=section, http=HttpSection(requests_per_minute=10**9))
    service = assemble(settings, clock)
    with closing(service.operations):
        service.operations.inventory.register(STATIONS)
        city = City(service)
        for week in range(4):
            monday = date(2026, 1, 19) + timedelta(weeks=week)
            for station in (CHAOYANG, DONGCHENG):
                city.measure(station, monday, 12, 30 + week, glu_casual=25)
                city.visit(station, monday + timedelta(days=1), 40)
        assert [week.number for week in city.release()] == [4, 5, 6, 7]
        city.measure(CHAOYANG, WEDNESDAY - timedelta(days=1), 11, 12)
        yield city


def addresses(document: Told) -> list[str]:
    """Every question about health that the API takes, with all that its lists allow."""
    found = [STATIONS_COMPARED]
    for path, methods in sorted(document["paths"].items()):
        if not any(word in path for word in ABOUT_HEALTH):
            continue
        parameters = [
            one for one in methods["get"].get("parameters", ())
            if one["name"] in LISTS or one.get("required")
        ]  # fmt: skip
        # A parameter that is on no list here raises KeyError: give it one.
        for values in product(*(LISTS[one["name"]] for one in parameters)):
            address, asked = path, {}
            for one, value in zip(parameters, values, strict=True):
                address = address.replace(f"{{{one['name']}}}", value)
                if one["in"] == "query":
                    asked[one["name"]] = value
            found.append(f"{address}?{urlencode(asked)}" if asked else address)
    return found


async def poll(client: AsyncClient, questions: list[str]) -> dict[str, Any]:
    """Every answer now, less what is not of health."""
    answers = {}
    for question in questions:
        answer = await client.get(question)
        # Some windows are not released yet, and that must not change either.
        assert answer.status_code in (200, 404), answer.text
        told = answer.json()
        if question.endswith("/overview"):
            told = {key: value for key, value in told.items() if key not in STATE_OF_MACHINES}
        answers[question] = told
    return answers


def differing(one: Told, other: Told) -> set[str]:
    return {question for question in one if one[question] != other[question]}


async def test_a_day_of_polling_shows_no_change_while_batches_arrive(
    city: City, clock: Clock
) -> None:
    transport = ASGITransport(create_app(city.service))
    async with AsyncClient(transport=transport, base_url="http://ingest") as client:
        questions = addresses((await client.get("/openapi.json")).json())
        midnight = datetime(2026, 2, 18, tzinfo=ZONE)
        clock.now = midnight
        at_first = await poll(client, questions)
        assert_not_empty(at_first)
        for hour in (1, 7, 9, 12, 15, 18, 21, 24):
            for station in (CHAOYANG, DONGCHENG):
                city.measure(station, WEDNESDAY, 30, 8, glu_casual=10)
                city.measure(station, WEDNESDAY - timedelta(days=7), 20, 5)  # comes late
                city.visit(station, WEDNESDAY, 30 + hour)
            clock.now = midnight + timedelta(hours=hour) - timedelta(seconds=1)
            assert city.release() == []
            assert differing(at_first, await poll(client, questions)) == set()

        clock.now = midnight + timedelta(hours=24)
        assert differing(at_first, await poll(client, questions)) >= {"/api/v1/overview"}
        clock.now = datetime(2026, 2, 24, tzinfo=ZONE)
        assert city.release() == [Week(2026, 8)]
        assert_all_is_told(at_first, await poll(client, questions))


def assert_not_empty(told: Told) -> None:
    """The attack must have something to see."""
    assert told["/api/v1/overview"]["open_window"]["sessions"] == 25
    last = told["/api/v1/trends/areas/110105?measure=bp&audience=internal"]["windows"][-1]
    assert (last["window"], last["state"], last["n"]) == ("2026-W07", "released", 45)
    uptake = told["/api/v1/usage/areas/110105/uptake"]["rows"]
    assert [row["sessions"] for row in uptake][-1] == 45
    assert [row["percent"] for row in uptake][-1] is not None
    by_district = {row["district"]: row for row in told["/api/v1/usage/reach"]["rows"]}
    assert by_district["110105"]["sessions"] is not None


def assert_all_is_told(before: Told, after: Told) -> None:
    """When the week is released, with the late sessions of the one before."""
    assert differing(before, after) >= {
        f"/api/v1/trends/areas/{area}?measure={measure}&audience={audience}"
        for area in ("110000", "convenience")
        for measure in LISTS["measure"]
        for audience in LISTS["audience"]
    }
    windows = after["/api/v1/trends/areas/110105?measure=bp&audience=internal"]["windows"]
    assert windows[:-1] == before[
        "/api/v1/trends/areas/110105?measure=bp&audience=internal"
    ]["windows"]  # fmt: skip
    assert windows[-1]["n"] == 525  # 23 + 8 · (38 + 25), rounded
    late = next(one for one in windows[-1]["parts"] if one["part"] == "late")
    assert late["count"] == 8 * 25
