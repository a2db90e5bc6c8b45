"""Grafana's boards: what is committed, what Grafana can read, and what officers must be told."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dashboard.grafana.languages import DISCLAIMER, Language
from dashboard.grafana.render import RENDERED, rendered
from dashboard.grafana.wording import NO_AGE_OR_SEX
from ingest.store.influx_buckets import READABLE
from tests.unit.grafana_schema import dashboard_schema, settable

Board = dict[str, Any]

GOLDEN = Path(__file__).parent.parent / "golden"
NAMES = sorted(str(path.relative_to(RENDERED)) for path in RENDERED.glob("*/*.json"))
BOARDS: dict[str, Board] = {
    name: json.loads((RENDERED / name).read_text(encoding="utf-8")) for name in NAMES
}
WIDTH = 24
SOURCES = {
    "kiosk-fleet": "influxdb",
    "kiosk-metrics": "prometheus",
    "kiosk-trends": "influxdb",
    "kiosk-usage": "influxdb",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,]+[A-Za-z]{2,}){3,}")
VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")
GRAFANAS_OWN = re.compile(r"__.*|timeFilter|col|tag_.*|measurement")
OF_STATIONS = re.compile(r"FROM (?:trend_station|station_hour|station_day) WHERE ([^()]*)")
COMPARED = re.compile(r"(\w+) (?:=~|[=<>]+) ")
TAGS = {"place", "area", "audience", "measure"}
WORDS_OF_LINKS = re.compile(r"/d/([a-z-]+)")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(dashboard_schema())


@pytest.fixture(scope="module")
def published() -> jsonschema.Draft7Validator:
    """What Grafana publishes of its boards, see the file; queries in it may be anything."""
    schema = json.loads((GOLDEN / "grafana-dashboard.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema)


@pytest.fixture(params=NAMES)
def board(request: pytest.FixtureRequest) -> Board:
    return BOARDS[request.param]


def panels(board: Board) -> Iterator[dict[str, Any]]:
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(panel: dict[str, Any]) -> Iterator[str]:
    for target in panel.get("targets", []):
        yield target.get("query") or target["expr"]


def language_of(board: Board) -> Language:
    return Language(board["uid"].rpartition("-")[2])


def texts(of: Any) -> Iterator[str]:
    """Everything in a board that its readers see."""
    if isinstance(of, list):
        for one in of:
            yield from texts(one)
        return
    if not isinstance(of, dict):
        return
    for key, value in of.items():
        if key in ("title", "description", "label", "text", "noValue", "content", "legendFormat"):
            yield from [value] if isinstance(value, str) else texts(value)
        elif key == "value" and of.get("id") == "displayName":
            yield value
        else:
            yield from texts(value)


def test_what_is_committed_is_what_the_code_makes() -> None:
    assert rendered() == {name: (RENDERED / name).read_text(encoding="utf-8") for name in NAMES}, (
        "run: python -m dashboard.grafana.render"
    )


def test_a_board_is_what_grafana_reads(
    board: Board, validator: jsonschema.Draft202012Validator
) -> None:
    errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(board)]
    assert errors == []


def test_a_board_is_what_grafana_publishes(
    board: Board, published: jsonschema.Draft7Validator
) -> None:
    errors = [f"{list(one.absolute_path)}: {one.message}" for one in published.iter_errors(board)]
    assert errors == []


@pytest.mark.parametrize(
    "panel",
    [
        {"titel": "Entries"},
        {"options": {"legend": {"showLegend": True}, "tooltip": {}, "legnd": {}}},
        {"fieldConfig": {"defaults": {"custom": {"drawStyle": "barz"}}, "overrides": []}},
        {"gridPos": {"h": "9", "w": 12, "x": 0, "y": 0}},
    ],
)
def test_what_grafana_publishes_refuses_a_broken_panel(
    panel: Board, published: jsonschema.Draft7Validator
) -> None:
    board = json.loads(json.dumps(BOARDS["en/kiosk-overview-en.json"]))
    entries = next(one for one in board["panels"] if one["type"] == "timeseries")
    entries.update(panel)
    assert not published.is_valid(board)


@pytest.mark.parametrize(
    ("panel", "broken"),
    [
        ({"type": "pie"}, "a plugin that Grafana has not"),
        ({"titel": "Entries"}, "a name that Grafana does not know"),
        ({"options": {"legnd": {}}}, "an option that the plugin does not know"),
        (
            {"fieldConfig": {"defaults": {"custom": {"drawStyle": "barz"}}, "overrides": []}},
            "style",
        ),
        ({"gridPos": {"h": "9", "w": 12, "x": 0, "y": 0}}, "a text instead of a number"),
        ({"targets": [{"refId": "A", "query": "SELECT n FROM trend"}]}, "a query of no source"),
    ],
)
def test_the_schema_refuses_what_grafana_would_not_read(
    panel: Board, broken: str, validator: jsonschema.Draft202012Validator
) -> None:
    board = json.loads(json.dumps(BOARDS["en/kiosk-overview-en.json"]))
    entries = next(one for one in board["panels"] if one["type"] == "timeseries")
    entries.update(panel)
    assert not validator.is_valid(board), broken


def test_what_an_override_sets_can_be_set(board: Board) -> None:
    for panel in panels(board):
        for override in panel.get("fieldConfig", {}).get("overrides", []):
            names = {one["id"] for one in override["properties"]}
            assert names <= settable(panel["type"]), panel["title"]


def test_no_panel_covers_another_or_leaves_the_grid(board: Board) -> None:
    places = [(panel["id"], panel["gridPos"]) for panel in board["panels"]]
    for number, place in places:
        assert place["x"] + place["w"] <= WIDTH, number
        assert min(place["w"], place["h"]) > 0, number
    for (first, a), (second, b) in combinations(places, 2):
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, f"panels {first} and {second} overlap"


def test_panels_and_their_queries_have_names_of_their_own(board: Board) -> None:
    numbers = [panel["id"] for panel in panels(board)]
    assert len(set(numbers)) == len(numbers)
    assert all(number > 0 for number in numbers)
    for panel in panels(board):
        references = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(references)) == len(references), panel["title"]


def test_both_languages_have_the_same_panels_and_ask_the_same() -> None:
    assert {name[3:-8] for name in NAMES if name.startswith("zh")} == {
        name[3:-8] for name in NAMES if name.startswith("en")
    }
    for name in NAMES:
        if name.startswith("en"):
            other = BOARDS[f"zh{name[2:-7]}zh.json"]
            for here, there in zip(panels(BOARDS[name]), panels(other), strict=True):
                assert here["id"] == there["id"]
                assert here["gridPos"] == there["gridPos"]
                assert list(queries(here)) == list(queries(there))


def test_a_board_speaks_one_language(board: Board) -> None:
    pattern = CHINESE if language_of(board) is Language.EN else LATIN_SENTENCE
    assert [text for text in texts(board) if pattern.search(text)] == []


def test_a_chinese_panel_has_a_chinese_name_and_says_what_it_shows(board: Board) -> None:
    for panel in panels(board):
        told = (
            [panel["title"], panel["description"]] if panel["type"] != "row" else [panel["title"]]
        )
        assert all(told), panel["id"]
        if language_of(board) is Language.ZH:
            assert all(CHINESE.search(text) or text.startswith("≥") for text in told), told


def test_a_panel_without_data_says_so(board: Board) -> None:
    for panel in panels(board):
        if panel.get("targets"):
            assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]


def test_every_panel_about_screening_carries_the_disclaimer(board: Board) -> None:
    said = language_of(board).of(DISCLAIMER)
    for panel in panels(board):
        if any(" FROM trend" in query for query in queries(panel)):
            assert said in panel["description"], panel["title"]


def test_some_boards_are_about_screening() -> None:
    asked = [query for one in BOARDS.values() for panel in panels(one) for query in queries(panel)]
    assert sum(" FROM trend" in query for query in asked) > 50


def test_a_comparison_of_districts_says_that_age_is_not_known(board: Board) -> None:
    said = language_of(board).of(NO_AGE_OR_SEX).rstrip(".")
    for panel in panels(board):
        if any(" FROM trend" in query and "'district'" in query for query in queries(panel)):
            assert said in panel["description"], panel["title"]


def test_boards_about_screening_have_no_time_picker(board: Board) -> None:
    if any(" FROM trend" in query for panel in panels(board) for query in queries(panel)):
        assert board["timepicker"]["hidden"]


def test_every_variable_that_is_used_exists_and_none_is_asked_of_a_database(board: Board) -> None:
    known = {variable["name"]: variable for variable in board["templating"].get("list", [])}
    used = {
        name
        for panel in panels(board)
        for text in (panel["title"], *queries(panel))
        for name in (one or other for one, other in VARIABLE.findall(text))
        if not GRAFANAS_OWN.fullmatch(name)
    }
    assert used == known.keys()
    for variable in known.values():
        assert variable["type"] in ("custom", "textbox")
        if variable["type"] == "custom":
            values = [f"{one['text']} : {one['value']}" for one in variable["options"]]
            assert variable["query"].split(", ") == values
            assert variable["current"] == variable["options"][0]


def test_data_come_from_fixed_sources(board: Board) -> None:
    for panel in panels(board):
        for target in panel.get("targets", []):
            assert target["datasource"]["type"] == SOURCES[target["datasource"]["uid"]]


def test_a_source_is_called_as_the_bucket_that_it_reads() -> None:
    assert {uid.replace("-", "_") for uid, kind in SOURCES.items() if kind == "influxdb"} == {
        *READABLE
    }


def test_no_query_reads_single_sessions(board: Board) -> None:
    asked = [query for panel in panels(board) for query in queries(panel)]
    assert not [query for query in asked if "kiosk_raw" in query or " FROM session" in query]


def test_what_is_asked_of_one_station_of_thousands_is_chosen_by_tags_alone(board: Board) -> None:
    """For a condition on a field InfluxDB looks at every series of the measurement."""
    for panel in panels(board):
        for query in queries(panel):
            for condition in OF_STATIONS.findall(query):
                assert set(COMPARED.findall(condition)) <= TAGS | {"time"}, query


def test_links_lead_to_boards_of_the_same_language(board: Board) -> None:
    linked = set(WORDS_OF_LINKS.findall(json.dumps(board, ensure_ascii=False)))
    known = {one["uid"] for one in BOARDS.values() if language_of(one) is language_of(board)}
    assert linked <= known
