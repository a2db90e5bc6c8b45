"""The API for operators: keys, problems, pages, inventory, quarantine and ledgers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from contract.status import Status
from contract.topics import Stream, topic
from ingest.api import Service, create_app
from ingest.calendar import ZONE
from ingest.operations.keys import Key, Scope
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import Anonymous, HttpSection, Settings, StoreSection
from tests.integration.ingest import CHAOYANG, DONGCHENG, STATIONS, screening, status

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)
PROBLEM = "application/problem+json"
ENTRY = {"name_zh": "新站", "name_en": "New", "district": "110101", "venue": "bank", "seats": 2}


@asynccontextmanager
async def serving(directory: Path, **http: Any) -> AsyncIterator[tuple[AsyncClient, Service]]:
    store = StoreSection(
        path=directory / "store.sqlite",
        operations_url=f"sqlite:///{directory}/operations.sqlite",
    )
    service = assemble(Settings(store=store, http=HttpSection(**http)), lambda: NOW)
    service.operations.inventory.register(STATIONS)
    transport = ASGITransport(create_app(service))
    async with AsyncClient(transport=transport, base_url="http://ingest") as client:
        yield client, service


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[AsyncClient, Service]]:
    async with serving(tmp_path) as (client, service):
        client.headers = operator(service)
        yield client, service


def operator(service: Service, scope: Scope = Scope.OPERATOR) -> Any:
    presented = service.operations.keys.add(Key(scope, "a test", scope, NOW), "secret")
    return {"Authorization": f"Bearer {presented}"}


def receive(service: Service, *messages: dict[str, Any] | bytes) -> None:
    service.pipeline.settle(
        [
            Delivery(
                topic(CHAOYANG, Stream.SCREENING),
                message if isinstance(message, bytes) else json.dumps(message).encode(),
                number,
            )
            for number, message in enumerate(messages)
        ]
    )


def assert_problem(answer: Response, expected: int, words: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (expected, PROBLEM)
    assert words in answer.json()["detail"]


async def test_what_a_key_opens_depends_on_its_scope(tmp_path: Path) -> None:
    async with serving(tmp_path, anonymous=Anonymous.NOBODY) as (client, service):
        assert_problem(await client.get("/api/v1/stations"), 401, "send an API key")
        officer = operator(service, Scope.OFFICER)
        assert (await client.get("/api/v1/stations", headers=officer)).status_code == 200
        assert_problem(await client.get("/api/v1/quarantine", headers=officer), 403, "operator's")
        both = operator(service)
        assert (await client.get("/api/v1/quarantine", headers=both)).status_code == 200
        forged = {"Authorization": "Bearer operator.other"}
        assert_problem(await client.get("/api/v1/stations", headers=forged), 401, "not valid")
        service.operations.keys.revoke("operator", NOW)
        assert_problem(await client.get("/api/v1/quarantine", headers=both), 401, "revoked")
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", 200), ("::1", 200), ("0.0.0.0", 401), ("kiosk", 401)]
)
async def test_without_a_key_only_the_loopback_interface_is_answered(
    tmp_path: Path, host: str, expected: int
) -> None:
    async with serving(tmp_path, host=host) as (client, _):
        assert (await client.get("/api/v1/overview")).status_code == expected
        assert (await client.get("/api/v1/quarantine")).status_code == 401


async def test_who_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    async with serving(tmp_path, requests_per_minute=3) as (client, _):
        answers = [await client.get("/api/v1/stations") for _ in range(8)]
        # A minute may end in the middle, but not twice.
        assert answers[-1].status_code == 429 or answers[3].status_code == 429
        late = next(one for one in answers if one.status_code == 429)
        assert_problem(late, 429, "3 requests a minute")
        assert late.headers["retry-after"] == "60"


async def test_a_request_that_does_not_fit_says_where(
    served: tuple[AsyncClient, Service],
) -> None:
    client, _ = served
    answer = await client.put("/api/v1/stations/BJ-1", json=ENTRY | {"district": "999999"})
    assert_problem(answer, 422, "does not fit")
    assert answer.json()["errors"] == [
        "body.district: Value error, no district of Beijing has the code '999999';"
        " 110101 is Dongcheng"
    ]


async def test_stations_are_added_changed_retired_and_listed_in_pages(
    served: tuple[AsyncClient, Service],
) -> None:
    client, service = served
    put = await client.put("/api/v1/stations/BJ-XC-7", json=ENTRY | {"devices": "bp,door"})
    assert put.json()["devices"] == ["bp", "door"]
    changed = await client.put("/api/v1/stations/BJ-XC-7", json=ENTRY | {"seats": 9})
    assert (changed.json()["seats"], changed.json()["devices"]) == (9, [])
    first = (await client.get("/api/v1/stations", params={"limit": 2})).json()
    assert ([one["id"] for one in first["stations"]], first["next"]) == (
        [CHAOYANG, DONGCHENG],
        DONGCHENG,
    )
    second = (await client.get("/api/v1/stations", params={"limit": 2, "after": DONGCHENG})).json()
    assert ([one["id"] for one in second["stations"]], second["next"]) == (["BJ-XC-7"], None)
    assert (await client.delete("/api/v1/stations/BJ-XC-7")).status_code == 204
    assert_problem(await client.delete("/api/v1/stations/BJ-XC-7"), 404, "in service")
    retired = (await client.get("/api/v1/stations/BJ-XC-7")).json()
    assert retired["retired_at"] == "2026-02-18T12:00:00+08:00"
    assert len(service.operations.inventory.all()) == 2


async def test_a_refused_message_is_shown_mended_and_stored(
    served: tuple[AsyncClient, Service],
) -> None:
    client, service = served
    receive(service, screening(1, colour="red"), b"\xff no json")
    listed = (await client.get("/api/v1/quarantine", params={"reason": "schema"})).json()
    (item,) = listed["items"]
    assert (listed["messages"], item["station"], item["detail"]) == (
        2,
        CHAOYANG,
        "colour: Extra inputs are not permitted",
    )
    place = f"/api/v1/quarantine/{item['digest']}"
    shown = (await client.get(place)).json()
    assert json.loads(shown["payload"])["colour"] == "red"
    assert_problem(await client.post(f"{place}/replay", json={}), 409, "refused again (schema)")
    other = {"payload": json.dumps(screening(2))}
    assert_problem(await client.post(f"{place}/replay", json=other), 409, "keeps its")
    mended = {"payload": json.dumps(screening(1))}
    assert (await client.post(f"{place}/replay", json=mended)).status_code == 200
    assert_problem(await client.get(place), 404, "quarantine")
    ledger = (await client.get(f"/api/v1/ledger/{CHAOYANG}")).json()["epochs"]
    assert [(one["stored"], one["quarantined"]) for one in ledger] == [(1, 0)]


async def test_the_quarantine_is_listed_in_pages_and_emptied_by_hand(
    served: tuple[AsyncClient, Service],
) -> None:
    client, service = served
    receive(service, *(b"garbage %d" % number for number in range(5)))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await client.get("/api/v1/quarantine", params={"limit": 2, "after": after})).json()
        seen += [one["digest"] for one in page["items"]]
        after = page["next"]
    assert len(set(seen)) == len(seen) == 5
    assert (await client.delete(f"/api/v1/quarantine/{seen[0]}")).status_code == 204
    assert_problem(await client.delete(f"/api/v1/quarantine/{seen[0]}"), 404, "quarantine")
    left = (await client.get("/api/v1/quarantine")).json()
    assert (left["messages"], left["discarded"]) == (4, 1)


async def test_a_ledger_names_the_numbers_that_are_missing(
    served: tuple[AsyncClient, Service],
) -> None:
    client, service = served
    receive(service, screening(1), screening(2), screening(5), screening(6, v=9))
    claim = Status.model_validate(status("heartbeat", "a" * 16, numbered=8, pending=2, dropped=1))
    service.operations.record(statuses=[claim], now=NOW)
    (epoch,) = (await client.get(f"/api/v1/ledger/{CHAOYANG}")).json()["epochs"]
    assert (epoch["stored"], epoch["quarantined"], epoch["unaccounted"]) == (3, 1, 1)
    assert epoch["missing"] == [{"first": 3, "last": 4}, {"first": 7, "last": 8}]
    summary = (await client.get("/api/v1/ledger")).json()
    assert not summary["balanced"]
    assert summary["unbalanced"] == [{"station": CHAOYANG, "epoch": 7, "unaccounted": 1}]
    receive(service, screening(3), screening(4))
    summary = (await client.get("/api/v1/ledger")).json()
    assert (summary["balanced"], summary["numbered"], summary["pending"]) == (True, 8, 1)
    assert_problem(await client.get("/api/v1/ledger/nobody"), 404, "nothing was ever heard")
