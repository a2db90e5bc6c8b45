"""Every InfluxQL query of every board and alert, asked of an InfluxDB that ingest has filled."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from ingest.api import Service, create_app
from ingest.calendar import ZONE
from tests.integration.grafana_asking import answered, day_of, empty, refused, value
from tests.integration.grafana_city import BUSY, DISTRICT, NOW, STATION, filled
from tests.integration.grafana_questions import (
    LANGUAGES,
    METRICS,
    RENDERED,
    all_questions,
    of_board,
    ready,
)
from tests.integration.influx import Influx, running_influx
from tests.unit.grafana_browser import transformed

WRITTEN = {"station": STATION}
LOOKED_AT = (
    {"area": "110000", "district": DISTRICT, "station": STATION, "part": "high"},
    {"area": DISTRICT, "district": BUSY[1], "station": "BJ-DC-001", "part": "grade2_or_higher"},
    {"area": "110119", "district": "110119", "station": "BJ-YQ-001", "part": "grade2_or_higher"},
)
"""The city, two busy districts, and a quiet one where much is hidden."""

MAY_BE_EMPTY = {
    "kiosk-screening/16/A:rule": "the city's extremes are shown, so no rule hides them",
    "kiosk-screening-public/16/A:rule": "the same",
}
ASKED = {one.name: one for one in all_questions("en")}


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    with running_influx(tmp_path_factory.mktemp("influx"), auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def service(influx: Influx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with filled(influx, tmp_path_factory.mktemp("ingest")) as made:
        yield made


async def told(service: Service, path: str) -> Any:
    """What the API answers."""
    transport = ASGITransport(create_app(service))
    async with AsyncClient(transport=transport, base_url="http://ingest/api/v1") as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_both_languages_ask_the_same() -> None:
    chinese, english = (
        sorted(all_questions(language), key=lambda one: one.name) for language in LANGUAGES
    )
    assert chinese == english
    assert len(ASKED) == len(english) > 200, "no two have one name"


@pytest.mark.usefixtures("service")
def test_every_query_is_answered_whatever_is_chosen(influx: Influx) -> None:
    assert refused(influx, ASKED.values(), WRITTEN) == {}


@pytest.mark.usefixtures("service")
def test_every_query_and_every_column_finds_data(influx: Influx) -> None:
    assert empty(influx, ASKED.values(), LOOKED_AT) == set(MAY_BE_EMPTY)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("right", "wrong", "is_refused"),
    [
        ("stations > 0", "statoins > 0", False),
        ("100 * sum(seated)", "100 * sum(seatde)", False),
        ("FROM area_day", "FORM area_day", True),
        ("'$area'", "'$area", True),
    ],
)
def test_a_broken_query_is_found(
    influx: Influx, tmp_path: Path, right: str, wrong: str, is_refused: bool
) -> None:
    copy = tmp_path / "kiosk-usage-en.json"
    board = (RENDERED / "en" / copy.name).read_text("utf-8")
    assert right in board
    copy.write_text(board.replace(right, wrong), "utf-8")
    broken = list(of_board(json.loads(copy.read_text("utf-8"))))
    changed = {one.name for one in broken if one.text != ASKED[one.name].text}
    assert set(refused(influx, broken, WRITTEN)) == (changed if is_refused else set())
    if not is_refused:
        missing = empty(influx, broken, LOOKED_AT) - set(MAY_BE_EMPTY)
        assert {one.partition(":")[0] for one in missing} == changed


def test_a_variable_that_a_board_does_not_have_is_found() -> None:
    question = replace(ASKED["kiosk-usage/1/A"], text="SELECT $nothing")
    with pytest.raises(KeyError, match="nothing"):
        refused(None, [question], WRITTEN)  # type: ignore[arg-type]  # it does not come so far


@pytest.mark.parametrize(
    ("name", "path", "chosen"),
    [
        ("kiosk-screening/7/A", "areas/110000", {"area": "110000"}),
        ("kiosk-screening/7/A", f"areas/{DISTRICT}", {"area": DISTRICT}),
        ("kiosk-screening/7/A", "areas/110119", {"area": "110119"}),
        ("kiosk-screening-public/7/A", f"areas/{DISTRICT}?audience=public", {"area": DISTRICT}),
        ("kiosk-station/14/A", f"stations/{STATION}", {"station": STATION}),
    ],
)
@pytest.mark.parametrize("part", ["high", "grade2_or_higher"])
async def test_a_trend_is_that_of_the_api(
    influx: Influx, service: Service, name: str, path: str, chosen: dict[str, str], part: str
) -> None:
    windows = (await told(service, f"/trends/{path}"))["windows"]
    expected = {}
    for window in windows:
        if window["n"] is not None:
            (one,) = [each for each in window["parts"] if each["part"] == part]
            shown = tuple(one[key] for key in ("count", "share", "low", "high", "state", "rule"))
            expected[window["first"]] = (window["n"], window["low_precision"], *shown)
    rows = answered(influx, ASKED[name], part=part, **chosen)
    columns = ("n", "low_precision", "count", "share", "low", "high", "state", "rule")
    found = {day_of(row): tuple(row[key] for key in columns) for row in rows if row["n"]}
    assert found == expected
    assert any(row[2] for row in found.values()) or chosen == {"area": "110119"}


async def test_medians_and_extremes_are_those_of_the_api(influx: Influx, service: Service) -> None:
    windows = (await told(service, f"/trends/areas/{DISTRICT}"))["windows"]
    expected = {
        one["first"]: [
            each["value"] for each in one["percentiles"]
            if each["quantity"] == "systolic" and each["q"] in (25, 50, 75)
        ]
        for one in windows if one["n"] is not None
    }  # fmt: skip
    rows = answered(influx, ASKED["kiosk-screening/5/A"], area=DISTRICT)
    assert {day_of(row): [row["p25"], row["p50"], row["p75"]] for row in rows} == expected
    (block,) = [
        one for one in (await told(service, "/trends/extremes"))["windows"] if one["n"] is not None
    ]
    (part,) = [one for one in block["parts"] if one["part"] == "grade3"]
    (row,) = answered(influx, ASKED["kiosk-screening/16/A"])
    assert (row["n"], row["count"], row["per_thousand"]) == (
        block["n"], part["count"], part["per_thousand"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("board", "path", "chosen"),
    [
        ("kiosk-usage", "areas/110000", {"area": "110000"}),
        ("kiosk-usage", f"areas/{DISTRICT}", {"area": DISTRICT}),
        ("kiosk-usage", "areas/bank", {"area": "bank"}),
        ("kiosk-station", f"stations/{STATION}", {"station": STATION}),
    ],
)
async def test_usage_is_that_of_the_api(
    influx: Influx, service: Service, board: str, path: str, chosen: dict[str, str]
) -> None:
    def panel(number: int) -> Sequence[dict[str, Any]]:
        return answered(influx, ASKED[f"{board}/{number}/A"], **chosen)

    (row,) = (await told(service, f"/usage/{path}/summary?weeks=8"))["rows"]
    assert str(value(panel(1))) == row["entries"]
    assert round(value(panel(2)), 1) == row["stay_minutes"]
    assert round(value(panel(3))) == row["full_percent"]
    assert round(value(panel(4))) == row["seat_percent"]
    days = (await told(service, f"/usage/{path}/days?weeks=8"))["rows"]
    assert len(days) == row["days"] == 56
    shown = {one["day"]: one["entries"] for one in days if one["entries"] != "<8"}
    assert {day_of(one): str(one["entries"]) for one in panel(8)} == shown
    week = (await told(service, f"/usage/{path}/typical-week?weeks=8"))["rows"]
    assert len(week) == 14
    typical = {(one["weekday"], one["hour"]): one["mean"] for one in week}
    assert folded(board, panel(5)) == typical


def folded(board: str, rows: Sequence[dict[str, Any]]) -> dict[tuple[int, int], float]:
    """The heat map that the browser makes of hours: means by weekday and hour."""
    panels = json.loads((RENDERED / f"en/{board}-en.json").read_text("utf-8"))["panels"]
    (steps,) = [one["transformations"] for one in panels if one["id"] == 5]
    frame = {name: [row[name] for row in rows] for name in rows[0] if name != "time"}
    (made,) = transformed([{"Time": [row["time"] // 10**6 for row in rows], **frame}], steps)
    corner, *hours = made
    return {
        (int(weekday), int(hour)): round(made[hour][index], 2)
        for index, weekday in enumerate(made[corner])
        for hour in hours
        if made[hour][index] is not None
    }


@pytest.mark.parametrize("area", ["110000", DISTRICT, "bank", "110119"])
async def test_the_ranking_is_that_of_the_stations_own_figures(
    influx: Influx, service: Service, area: str
) -> None:
    expected = []
    for one in service.operations.inventory.all():
        if area in ("110000", one.district, one.venue):
            (row,) = (await told(service, f"/usage/stations/{one.id}/summary?weeks=4"))["rows"]
            if row["entries"] not in (None, "<8"):
                figures = (row["stay_minutes"], row["full_percent"])
                expected.append((-int(row["entries"]), one.id, *figures))
    found = answered(influx, ASKED["kiosk-usage/10/A"], area=area)
    assert [one["rank"] for one in found] == [f"{rank:02d}" for rank in range(1, len(found) + 1)]
    columns = ("station", "stay", "full_percent")
    assert [(-one["entries"], *(one[each] for each in columns)) for one in found] == sorted(
        expected
    )[:20]
    assert expected or area == "bank"


async def test_districts_are_reached_as_the_api_says(influx: Influx, service: Service) -> None:
    rows = {one["district"]: one for one in (await told(service, "/usage/reach"))["rows"]}
    asked = [one for one in ASKED.values() if one.board == "kiosk-equity"]
    for panel, field, tag, digits in (
        ("2", "stations_per_10000", "district", 3),
        ("3", "entries_per_10000", "place", 2),
        ("4", "sessions_per_10000", "area", 2),
    ):
        found = {
            row[tag]: round(row["rate"], digits)
            for one in asked if one.panel == panel
            for row in answered(influx, one) if row.get("weeks", 4) == 4
        }  # fmt: skip
        assert found == {
            code: round(row[field], digits) for code, row in rows.items() if row[field] is not None
        }


async def test_the_fleet_is_that_of_the_overview(influx: Influx, service: Service) -> None:
    stations = (await told(service, "/overview"))["stations"]
    assert (stations["online"], stations["registered"]) == (30, 32)
    for board, panel, chosen in (
        ("kiosk-fleet", "1", {"area": "110000"}),
        ("kiosk-overview", "2", {}),
    ):
        for ref, field in (("A", "online"), ("B", "registered")):
            rows = answered(influx, ASKED[f"{board}/{panel}/{ref}"], **chosen)
            assert value(rows) == stations[field]


def test_every_source_is_one_that_is_provisioned() -> None:
    assert {one.source for one in ASKED.values()} == {
        "kiosk-trends", "kiosk-usage", "kiosk-fleet", METRICS,
    }  # fmt: skip


def test_a_range_of_whole_days_ends_with_the_last_midnight() -> None:
    text = ready(ASKED["kiosk-usage/1/A"], {"area": "bank"}, NOW)
    midnight = NOW.astimezone(ZONE).replace(hour=0, minute=0, second=0)
    until = int(midnight.timestamp()) * 1_000
    assert f"time >= {until - 56 * 86_400_000}ms and time <= {until - 1}ms" in text
