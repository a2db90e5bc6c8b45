"""Every PromQL expression of every board and alert, asked of a real Prometheus that watches ingest.

The time is that of the machine: Prometheus knows no other.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from contract.topics import Stream
from ingest.api import Service, create_app
from ingest.calendar import ZONE
from tests.integration.broker import running_broker
from tests.integration.grafana_questions import METRICS, Question, all_questions, ready
from tests.integration.ingest import CHAOYANG, running_ingest, screening, talking, until
from tests.integration.prometheus import Prometheus, running_prometheus, serving

ASKED = {one.name: one for one in all_questions("en") if one.source == METRICS}
MAY_BE_EMPTY: dict[str, str] = {}
_METRIC = re.compile(r"\bingest_\w+")
_STEPS, _STEP_SECONDS = 20, 30
_SENT = 5


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Prometheus, str]]:
    """A Prometheus, and the address of the ingest that it has watched at work."""
    directory = tmp_path_factory.mktemp("metrics")
    with (
        running_broker(directory) as broker,
        running_ingest(broker, directory) as service,
        serving(create_app(service)) as address,
        running_prometheus(directory, address) as prometheus,
    ):
        with talking(broker) as station:
            for seq in range(1, _SENT + 1):
                station.send(Stream.SCREENING, screening(seq, rejects={"out_of_range": "<8"}))
            station.send(Stream.SCREENING, screening(_SENT + 1, rejects={"out_of_range": "30"}))
            station.send(Stream.SCREENING, screening(_SENT + 2, CHAOYANG) | {"v": 99})
            station.receipted(_SENT + 2)
        _upkeep(service)
        until(lambda: prometheus.number("count_over_time(ingest_quarantined_total[1m])") >= 3)
        yield prometheus, address


def _upkeep(service: Service) -> None:
    """What the other threads of ingest tell when they have worked."""
    now = service.clock()
    service.watch.look()
    service.telemetry.fleet_written(now)
    service.telemetry.released_until(now - timedelta(days=3))
    service.telemetry.broker_certificate(now + timedelta(days=90))


def asked(prometheus: Prometheus, question: Question) -> dict[str, Any]:
    """The answer: of a panel over time up to now, of an alert now."""
    now = datetime.now(ZONE)
    text = ready(question, {}, now)
    if question.panel == "alert":
        return prometheus.ask("query", query=text)
    end = now.timestamp()
    start = end - _STEPS * _STEP_SECONDS
    span = {"start": str(start), "end": str(end), "step": str(_STEP_SECONDS)}
    return prometheus.ask("query_range", query=text, **span)


def test_every_expression_is_accepted_and_answered(watched: tuple[Prometheus, str]) -> None:
    prometheus, _ = watched
    wrong, empty = {}, set()
    for name, question in ASKED.items():
        told = asked(prometheus, question)
        if told["status"] != "success":
            wrong[name] = told["error"]
        elif not told["data"]["result"]:
            empty.add(name)
    assert (wrong, empty) == ({}, set(MAY_BE_EMPTY))


def test_every_metric_that_is_asked_for_is_one_of_ingest(watched: tuple[Prometheus, str]) -> None:
    _, address = watched
    lines = httpx.get(f"http://{address}/metrics", trust_env=False).text.splitlines()
    known = {re.split(r"[{ ]", line, maxsplit=1)[0] for line in lines if not line.startswith("#")}
    named = {one for question in ASKED.values() for one in _METRIC.findall(question.text)}
    assert len(named) > 10
    assert named - known == set()


def test_a_broken_expression_is_found(watched: tuple[Prometheus, str]) -> None:
    prometheus, _ = watched
    question = ASKED["kiosk-ingest/1/A"]
    assert question.text == "sum(ingest_broker_connected)"
    for text, expected in (
        ("sum(ingest_broker_conected)", ("success", [])),
        ("sum(ingest_broker_connected", ("error", None)),
    ):
        broken = Question(
            question.board, question.panel, question.ref, METRICS, text, {}, "now-6h", "now"
        )
        told = asked(prometheus, broken)
        assert (told["status"], told.get("data", {}).get("result")) == expected


def test_what_is_asked_is_what_ingest_counted(watched: tuple[Prometheus, str]) -> None:
    prometheus, _ = watched
    assert prometheus.number("sum(ingest_messages_total)") == _SENT + 2, (
        "also what is refused is kept"
    )
    (connected,) = asked(prometheus, ASKED["kiosk-ingest/1/A"])["data"]["result"]
    assert float(connected["values"][-1][1]) == 1
    problems = asked(prometheus, ASKED["kiosk-ingest-problem/alert/A"])["data"]["result"]
    assert {one["metric"]["code"]: float(one["value"][1]) for one in problems} == dict.fromkeys(
        ("broker_away", "store_away", "operations_away", "not_storing"), 0
    )
    for uid, days in (("kiosk-release-overdue", 3), ("kiosk-certificate-expiring", 90)):
        (found,) = asked(prometheus, ASKED[f"{uid}/alert/A"])["data"]["result"]
        assert float(found["value"][1]) == pytest.approx(days * 86_400, abs=300)
