"""The dashboards' credentials show what is released, and not by any trick a session."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ingest.store.influx_buckets import RAW, READABLE, TRENDS
from ingest.store.line_protocol import neighbours
from tests.integration.influx import (
    DASHBOARDS,
    DASHBOARDS_TOKEN,
    INGEST,
    Influx,
    running_influx,
)
from tests.privacy.attacks.dashboards import (
    DEBUG,
    READING,
    Answer,
    Door,
    changes,
    oracles,
    readings,
    said,
)
from tests.privacy.servers import (
    HIGH,
    METRICS,
    NORMAL,
    STATION,
    Apart,
    asked,
    doors,
    fill_readable,
    fill_sessions,
    past_proxy,
)

# What only sessions hold: their station, their kinds, what they are, and the times that they have.
MARKS = (STATION, "grade2", "normal", "165", "105", "110118", "2026-02-06", "17703")
FIELDS = {
    "category", "diastolic", "district", "measure", "pulse", "single", "station", "systolic",
    "venue",
}  # fmt: skip
TYPES = {"string", "integer", "float", "boolean"}
SERIES = f"session,stations={neighbours(STATION)}"


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """One server for everything."""
    with running_influx(tmp_path_factory.mktemp("influx"), auth=True) as running:
        fill_readable(running)
        fill_sessions(running.settings(running.directory))
        yield running


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    directory = tmp_path_factory.mktemp("apart")
    for name in ("first", "sessions"):
        (directory / name).mkdir()
    with ExitStack() as servers:
        yield Apart(directory, servers)


def holds_a_session(answer: Answer) -> bool:
    """Whether it holds anything that only a session does."""
    marks = MARKS[:3] if answer.tried == METRICS else MARKS  # which has numbers of all kinds
    return any(mark in said(answer) for mark in marks)


def words(answer: Answer) -> set[Any]:
    """All that an answer about the sessions' bucket has in its rows."""
    if RAW not in answer.tried or "SHOW DATABASES" in answer.tried or answer.text[:1] != "{":
        return set()
    series = [
        one
        for result in json.loads(answer.text).get("results", ())
        for one in result.get("series", ())
        if one.get("name") != "trend"
    ]
    return {value for one in series for row in one["values"] for value in row}


def state(influx: Influx) -> str:
    """Everything of the databases that an attacker might have changed."""
    return json.dumps(
        [
            influx.ask("SHOW DATABASES"), influx.ask("SHOW USERS"),
            influx.ask("SHOW CONTINUOUS QUERIES"), influx.ask("SHOW SUBSCRIPTIONS"),
            *(grants(influx, user) for user in (DASHBOARDS, INGEST)),
            *(influx.ask(f'SHOW RETENTION POLICIES ON "{one}"') for one in (RAW, *READABLE)),
            *(influx.ask("SELECT * FROM /.*/", one) for one in (RAW, *READABLE)),
        ],
        sort_keys=True,
    )  # fmt: skip


def grants(influx: Influx, user: str) -> list[Any]:
    """What a user may do where, in a fixed order."""
    return sorted(influx.ask(f"SHOW GRANTS FOR {user}")["series"][0]["values"])


def test_one_server_of_1_x_tells_names_of_series_and_fields_and_nothing_of_a_session(
    influx: Influx,
) -> None:
    """Grants of 1.x leave open, and a server of their own for sessions closes:

    - which tens of neighbouring stations have sessions, by weeks of InfluxDB's own (7 days);
    - the names and types of fields, and how many series, fields and measurements there are.

    No value, category, station, or time within the week, and no count of sessions.
    """
    known = {SERIES, *FIELDS, *TYPES, 0, 1, len(FIELDS)}
    for door in doors(influx):
        answers = list(readings(door))
        assert len(answers) > 300
        assert [one for one in answers if holds_a_session(one)] == []
        assert len([one for one in answers if one.status in (401, 403)]) > 100
        assert [one for one in answers if not words(one) <= known] == []
        assert {SERIES, len(FIELDS)} < {word for one in answers for word in words(one)}


def test_no_condition_on_sessions_changes_any_answer(influx: Influx) -> None:
    for door in doors(influx):
        pairs = list(oracles(door))
        assert [(one, two) for one, two in pairs if said(one) != said(two)] == []
        assert not any(holds_a_session(one) for pair in pairs for one in pair)


def test_with_a_server_of_their_own_nothing_at_all_is_told_of_sessions(apart: Apart) -> None:
    stored = apart.sessions.ask("SELECT count(single) FROM session", RAW)
    assert stored["series"][0]["values"][0][1] == HIGH + NORMAL
    for before, door in zip(apart.before, doors(apart.first), strict=True):
        answers = list(readings(door))
        assert [one for one in answers if holds_a_session(one) or words(one) - {0}] == []
        after = asked(door)
        assert len(after) > 300
        assert {one for one in after if after[one] != before[one]} == set()
    for door in doors(apart.sessions):
        with door.client() as client:
            for statement in READING[:3]:
                found = client.get("/query", params={"db": RAW, "q": statement})
                assert found.status_code == 401


def test_preparing_two_servers_makes_nothing_for_dashboards_where_sessions_are(
    apart: Apart,
) -> None:
    kept = apart.sessions.ask("SHOW DATABASES")["series"][0]["values"]
    assert kept == [[RAW]]
    users = apart.sessions.ask("SHOW USERS")["series"][0]["values"]
    assert [name for name, _ in users] == ["admin", INGEST]
    assert [RAW] not in apart.first.ask("SHOW DATABASES")["series"][0]["values"]


def test_influxd_tells_anybody_at_debug_how_much_is_written_of_sessions(
    influx: Influx, apart: Apart
) -> None:
    """Why `ingest init` says that dashboards must not reach /debug; with two servers, no more."""
    for server, told in ((influx, True), (apart.first, False)):
        with Door(past_proxy(server)).client() as client:
            text = client.get(DEBUG).text
        assert (f"/{RAW}/" in text) is told
        assert not any(mark in text for mark in (STATION, "grade2", "110118"))


def test_nothing_that_a_dashboard_does_changes_anything(influx: Influx) -> None:
    before = state(influx)
    assert STATION in before
    for door in doors(influx):
        answers = list(changes(door))
        assert len(answers) > 60
        assert all(one.status >= 400 or "error" in one.text for one in answers), answers
        assert not any(holds_a_session(one) for one in answers)
        assert state(influx) == before


def test_nobody_comes_in_with_less_than_the_dashboards_have(influx: Influx) -> None:
    inside = past_proxy(influx)
    strangers = [
        Door(inside),
        Door(inside, user=DASHBOARDS),
        Door(inside, user=INGEST, password=DASHBOARDS_TOKEN),
        Door(influx.url),
        Door(influx.url, token=DASHBOARDS_TOKEN[:-1]),
    ]
    for door in strangers:
        for one in readings(door, READING[:2], [RAW]):
            assert not holds_a_session(one)
            assert not words(one)


def test_dashboards_read_what_is_released(influx: Influx) -> None:
    for bucket in READABLE:
        found = influx.ask_as(DASHBOARDS, "SELECT * FROM /.*/", bucket)
        assert found.json()["results"][0]["series"], bucket
        for door in doors(influx):
            with door.client() as client:
                again = client.get("/query", params={"db": bucket, "q": "SELECT * FROM /.*/"})
                assert "series" in again.json()["results"][0], bucket


def test_with_one_grant_too_many_the_same_questions_show_every_session(influx: Influx) -> None:
    influx.ask(f'GRANT READ ON "{RAW}" TO {DASHBOARDS}')
    try:
        for door in doors(influx):
            answers = [one for one in readings(door) if holds_a_session(one)]
            assert len({one.tried for one in answers}) > 50
            assert any(STATION in one.text and "165" in one.text for one in answers)
            counts = {f'"values": [[0, {HIGH}]]', f'"values": [["1970-01-01T00:00:00Z", {HIGH}]]'}
            assert any(
                said(one) != said(two) and any(count in said(one) for count in counts)
                for one, two in oracles(door)
            )
    finally:
        influx.ask(f'REVOKE READ ON "{RAW}" FROM {DASHBOARDS}')


def test_with_the_right_to_write_a_session_would_be_copied_out(influx: Influx) -> None:
    influx.ask(f'GRANT READ ON "{RAW}" TO {DASHBOARDS}')
    influx.ask(f'GRANT ALL ON "{TRENDS}" TO {DASHBOARDS}')
    before = state(influx)
    try:
        list(changes(doors(influx)[0]))
        assert state(influx) != before
        assert STATION in json.dumps(influx.ask("SELECT * FROM copied", TRENDS))
    finally:
        influx.ask(f'REVOKE READ ON "{RAW}" FROM {DASHBOARDS}')
        influx.ask(f'REVOKE WRITE ON "{TRENDS}" FROM {DASHBOARDS}')
