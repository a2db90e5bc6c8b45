"""The benchmark of trends runs, at a scale of a few stations, and forgets no route."""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.trends_api import Answers
from benchmarks.trends_figures import Sizes, Turn, answer_figures, release_figures
from benchmarks.trends_release import Released
from benchmarks.trends_routes import Known, Route, questions
from ingest.windows import Block

_KNOWN = Known(["S1"], ["S1", "S2"], Block(1, -1), 48)


def _run(directory: Path, *options: str) -> list[dict[str, Any]]:
    """The figures of a run."""
    file = directory / "figures.json"
    room = directory / "room"
    room.mkdir()
    subprocess.run(
        (
            sys.executable, "-m", "benchmarks.trends", "--stations", "40",
            "--requests", "2", "--directory", str(room),
            "--json", str(file), *options,
        ),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=110,
    )  # fmt: skip
    assert not list(room.iterdir())  # what it wrote is gone again
    figures: list[dict[str, Any]] = json.loads(file.read_text())["figures"]
    return figures


@pytest.mark.parametrize("store", ["sqlite", "influx"])
def test_a_week_is_released_and_every_route_is_asked(tmp_path: Path, store: str) -> None:
    figures = _run(tmp_path, "--store", store)
    goals = {one["name"]: one["value"] for one in figures if one["goal"]}
    assert goals[f"{store}: release closing 1, 4, 12 and 48 weeks, 1 stored"] > 0
    assert goals["  memory at most"] > 1
    for path in (
        "trends/windows",
        "trends/areas/{area}",
        "trends/stations/{station}",
        "trends/extremes",
        "trends/compare/{level}",
        "trends/cells/{name}",
        "usage/areas/{area}/hours",
        "usage/stations/{station}/typical-week",
        "usage/equity",
    ):
        assert goals[f"{store}: GET /api/v1/{path}, p95"] > 0


def test_a_question_fits_its_route() -> None:
    station = Route(
        "/api/v1/trends/compare/{level}",
        (
            {"name": "level", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "window", "in": "query", "required": True, "schema": {"type": "string"}},
            {"name": "audience", "in": "query", "required": True, "schema": {"type": "string"}},
            {"name": "after", "in": "query", "schema": {"type": "string"}},
            {"name": "weeks", "in": "query", "schema": {"anyOf": [{"enum": ["4"]}]}},
        ),
    )
    asked = set(islice(questions(station, _KNOWN, Random(1)), 400))
    of_stations = {one for one in asked if "/station?" in one and "audience=public" in one}
    assert of_stations == {
        f"/api/v1/trends/compare/station?window=2025-B0{number}x12&audience=public&weeks=4"
        for number in (1, 2, 3, 4)
    }
    assert "/api/v1/trends/compare/city?window=2025-W52&audience=public&weeks=4" in asked


def test_a_route_that_wants_something_unheard_of_is_not_passed_over() -> None:
    wants = {"name": "moon", "in": "query", "required": True, "schema": {"type": "string"}}
    with pytest.raises(LookupError, match="'moon'"):
        next(questions(Route("/api/v1/usage/tides", (wants,)), _KNOWN, Random(1)))


def test_what_a_store_full_of_weeks_would_cost_is_reckoned_from_what_one_more_adds() -> None:
    seconds = (10.0, 11.0, 12.0, 30.0)
    turns = [
        Turn(
            Block(1, number - 4).members()[0],
            number + 1,
            1_000,
            2.0,
            Released((), took, 9.0, 80.0, 300.0, {"disclosure": 0.5}, 0.5),
        )
        for number, took in enumerate(seconds)
    ]
    figures = [(one.name, one.value) for one in release_figures("sqlite", turns)]
    assert ("sqlite: release closing 1 weeks, 1 stored", 10.0) in figures
    assert ("sqlite: release closing 1, 4, 12 and 48 weeks, 4 stored", 30.0) in figures
    assert ("  disclosure", 15.0) in figures
    reckoned = "  reckoned, with sessions of 13 weeks stored"
    assert [value for name, value in figures if name == reckoned] == [16.0, 17.0, 34.5]


def test_the_slowest_answers_decide_about_a_route() -> None:
    answers = Answers("/api/v1/usage/reach", tuple([1.0] * 94 + [200.0] * 6), 12.0, 3.0)
    fast = Answers("/healthz", (1.0,), 1.0, 0.1)
    before = Answers("/api/v1/usage/reach", (2.0,), 1.0, 3.0)
    sizes = Sizes(50, 500, 20_000)
    figures = {
        one.name: one for one in answer_figures("influx", [fast, before], [fast, answers], sizes)
    }
    told = figures["influx: GET /api/v1/usage/reach, p95"]
    assert (told.value, told.verdict) == (200.0, "NO")
    assert figures["  median"].value == 1.0
    assert figures["  beside 50 in place of 500 stations"].value == 12.0
    # 198 ms for 450 stations more, so 8,580 ms for the 19,500 that are left.
    reckoned = figures["  p95 reckoned, with usage of 20,000 stations"]
    assert reckoned.value == pytest.approx(8_780.0)
