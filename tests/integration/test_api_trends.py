"""What officers are told of trends of one place: the real API over released cells."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from contract.places import CITY_ADCODE
from ingest.api import Service
from ingest.calendar import Week
from ingest.windows import Audience, Level
from tests.integration.ingest import CHAOYANG
from tests.integration.trends_api import (
    RETIRED,
    WEEKS,
    asking,
    get,
    lines,
    opened,
    part_of,
    population,
    publish,
    released,
    window_of,
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with released(tmp_path) as made:
        yield made


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with asking(service) as asked:
        yield asked


@pytest.fixture
def chaoyang(service: Service) -> None:
    """One week shown, one withheld, the others below the minimum; and a block for the public."""
    shown: dict[str, Any] = {"high": 25, "normal": 40, "systolic_p50": 127.0}
    publish(
        service,
        population(Level.DISTRICT, "110105", "2026-W10", 85, **shown),
        population(Level.DISTRICT, "110105", "2026-W11", None),
        population(Level.DISTRICT, "110105", "2026-B03x4", 300, audience=Audience.PUBLIC, high=100),
    )


@pytest.mark.usefixtures("chaoyang")
async def test_a_district_has_every_released_week_with_the_words_that_belong_to_it(
    client: AsyncClient,
) -> None:
    told = await get(client, "/areas/110105")
    assert [one["window"] for one in told["windows"]] == [str(week) for week in WEEKS]
    assert {key: told[key] for key in ("place", "level", "audience", "measure", "unit")} == {
        "place": "110105", "level": "district", "audience": "internal", "measure": "bp",
        "unit": "mm[Hg]",
    }  # fmt: skip
    assert told["wording"]["zh"].startswith("自愿自测,非诊断;按次数而非人数;小数已隐藏或取整")
    assert "合计因取整不等于分项之和" in told["wording"]["zh"]
    assert "Sessions, not persons" in told["wording"]["en"]
    public = await get(client, "/areas/110105?audience=public")
    assert [one["window"] for one in public["windows"]] == [
        "2026-B02x4", "2026-B03x4", "2026-B04x4",
    ]  # fmt: skip
    assert part_of(window_of(public, "2026-B03x4"), "high")["count"] == 100


@pytest.mark.usefixtures("chaoyang")
async def test_a_week_has_all_its_parts_and_percentiles_shown_or_not(client: AsyncClient) -> None:
    week = window_of(await get(client, "/areas/110105"), "2026-W10")
    assert {key: week[key] for key in week if key not in ("parts", "percentiles")} == {
        "window": "2026-W10", "first": "2026-03-02", "last": "2026-03-08", "state": "released",
        "n": 85, "low_precision": True, "see": "city", "epsilon": None,
    }  # fmt: skip
    assert [one["part"] for one in week["parts"]] == [
        "high", "normal", "high_normal", "grade1", "high_home", "grade2_or_higher", "single",
        "late",
    ]  # fmt: skip
    assert part_of(week, "high") == {
        "part": "high", "state": "shown", "rule": None, "count": 25, "share": 29, "low": 1,
        "high": 99, "per_thousand": None,
    }  # fmt: skip
    assert part_of(week, "grade1") == {
        "part": "grade1", "state": "small", "rule": "small_part", "count": None, "share": None,
        "low": None, "high": None, "per_thousand": None,
    }  # fmt: skip
    told_of = {(one["quantity"], one["q"]): one for one in week["percentiles"]}
    assert sorted(told_of) == [
        (quantity, q) for quantity in ("diastolic", "systolic") for q in (5, 10, 25, 50, 75, 90, 95)
    ]
    assert told_of["systolic", 50] == {
        "quantity": "systolic", "q": 50, "value": 127.0, "rule": None,
    }  # fmt: skip
    assert told_of["diastolic", 5]["rule"] == "few_for_percentile"


@pytest.mark.usefixtures("chaoyang")
async def test_a_hidden_week_is_never_zero(client: AsyncClient) -> None:
    told = await get(client, "/areas/110105")
    withheld, absent = window_of(told, "2026-W11"), window_of(told, "2026-W12")
    for hidden, rule in ((withheld, "remainder"), (absent, "few_sessions")):
        assert (hidden["state"], hidden["n"], hidden["see"]) == ("hidden", None, "city")
        assert {(one["state"], one["rule"], one["count"]) for one in hidden["parts"]} == {
            ("hidden", rule, None)
        }
        assert {(one["value"], one["rule"]) for one in hidden["percentiles"]} == {(None, rule)}


async def test_a_table_has_a_line_for_every_window_and_number(
    client: AsyncClient, service: Service
) -> None:
    publish(service, population(Level.VENUE, "bank", "2026-W10", 85, high=25, systolic_p50=127.0))
    words, rows = await lines(client, "/areas/bank")
    assert words == [
        "# 自愿自测,非诊断;按次数而非人数;小数已隐藏或取整;合计因取整不等于分项之和",
        "# Voluntary self-measurement, not diagnosis. Sessions, not persons. Small numbers are"
        " hidden, others rounded. Every number is rounded on its own: parts do not add up to the"
        " total.",
        "# bank, venue, internal, bp, mm[Hg]",
    ]
    assert len(rows) == len(WEEKS) * (8 + 14)
    found = {(row["window"], row["part"]): row for row in rows}
    assert found["2026-W10", "high"] == {
        "window": "2026-W10", "first": "2026-03-02", "last": "2026-03-08", "n": "85",
        "low_precision": "True", "see": "city", "epsilon": "", "part": "high", "state": "shown",
        "rule": "", "count": "25", "share": "29", "low": "1", "high": "99", "per_thousand": "",
        "value": "",
    }  # fmt: skip
    assert found["2026-W10", "systolic_p50"]["value"] == "127.0"
    small = found["2026-W10", "normal"]
    assert (small["state"], small["rule"], small["count"]) == ("small", "small_part", "")
    assert found["2026-W11", "systolic_p05"] | {"first": "", "last": ""} == {
        "window": "2026-W11", "first": "", "last": "", "n": "", "low_precision": "False",
        "see": "city", "epsilon": "", "part": "systolic_p05", "state": "hidden",
        "rule": "few_sessions", "count": "", "share": "", "low": "", "high": "",
        "per_thousand": "", "value": "",
    }  # fmt: skip


async def test_a_station_is_told_in_blocks_of_weeks_and_sends_to_its_district(
    client: AsyncClient, service: Service
) -> None:
    noise: dict[str, Any] = {"audience": Audience.PUBLIC, "epsilon": 1.0}
    publish(
        service,
        population(Level.STATION, CHAOYANG, "2026-B03x4", 35, high=10),
        population(Level.STATION, CHAOYANG, "2026-B01x12", 90, **noise, high=25),
    )
    told = await get(client, f"/stations/{CHAOYANG}")
    assert [(one["window"], one["state"]) for one in told["windows"]] == [
        ("2026-B02x4", "hidden"), ("2026-B03x4", "released"), ("2026-B04x4", "hidden"),
    ]  # fmt: skip
    assert {one["see"] for one in told["windows"]} == {"district"}
    public = await get(client, f"/stations/{CHAOYANG}?audience=public")
    (block,) = public["windows"]
    assert (block["window"], block["n"], block["epsilon"]) == ("2026-B01x12", 90, 1.0)
    assert (block["first"], block["last"]) == ("2025-12-29", "2026-03-22")
    _, rows = await lines(client, f"/stations/{RETIRED.id}")
    assert {(row["state"], row["n"]) for row in rows} == {("hidden", "")}


async def test_glucose_has_its_own_parts_and_unit(client: AsyncClient, service: Service) -> None:
    casual: dict[str, Any] = {"measure": "glu_casual", "usual": 60, "glucose_p50": 6.2}
    publish(service, population(Level.CITY, CITY_ADCODE, "2026-W16", 95, **casual))
    told = await get(client, f"/areas/{CITY_ADCODE}?measure=glu_casual")
    assert (told["unit"], told["level"], told["measure"]) == ("mmol/L", "city", "glu_casual")
    week = window_of(told, "2026-W16")
    assert [one["part"] for one in week["parts"]] == [
        "high_or_higher", "usual", "raised_after_food", "low_or_lower", "single", "late",
    ]  # fmt: skip
    assert part_of(week, "usual")["count"] == 60
    assert [one["value"] for one in week["percentiles"] if one["q"] == 50] == [6.2]
    assert week["see"] is None  # nothing is above the city
    other = await get(client, f"/areas/{CITY_ADCODE}?measure=glu_fasting")
    assert {one["state"] for one in other["windows"]} == {"hidden"}


async def test_extremes_are_told_of_the_city_in_long_blocks(
    client: AsyncClient, service: Service
) -> None:
    block = population(Level.CITY, CITY_ADCODE, "2026-B01x12", 4000, grade3=40)
    publish(
        service,
        [replace(cell, per_thousand=10) for cell in block],
        population(Level.CITY, CITY_ADCODE, "2026-W10", 400, high=100),
    )
    told = await get(client, "/extremes")
    (window,) = told["windows"]
    assert (window["window"], window["n"], window["percentiles"]) == ("2026-B01x12", 4000, [])
    (part,) = window["parts"]
    assert (part["part"], part["count"], part["per_thousand"]) == ("grade3", 40, 10)
    assert (await get(client, "/extremes?audience=public"))["windows"] == []
    _, rows = await lines(client, "/extremes?measure=glu_casual")
    assert [(row["window"], row["part"], row["state"]) for row in rows] == [
        ("2026-B01x12", "very_high", "hidden"), ("2026-B01x12", "very_low", "hidden"),
    ]  # fmt: skip
    weekly = window_of(await get(client, f"/areas/{CITY_ADCODE}"), "2026-W10")
    assert "grade3" not in str(weekly)


async def test_a_window_is_seen_only_when_it_is_marked(
    client: AsyncClient, service: Service
) -> None:
    publish(
        service,
        population(Level.DISTRICT, "110105", "2026-W17", 85, high=25),
        population(Level.STATION, CHAOYANG, "2026-B05x4", 85, high=25),
    )
    told = await get(client, "/areas/110105")
    assert told["windows"][-1]["window"] == "2026-W16"
    await get(client, "/compare/district?window=2026-W17", 404)
    await get(client, "/cells/internal:district:110105:2026-W17:bp:high", 404)
    service.store.trends.mark_released(Week(2026, 17))
    assert window_of(await get(client, "/areas/110105"), "2026-W17")["n"] == 85
    assert "2026-B05x4" not in str(await get(client, f"/stations/{CHAOYANG}"))


async def test_before_the_first_release_there_is_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as fresh:
        async with asking(fresh) as client:
            assert (await get(client, "/areas/110105"))["windows"] == []
            detail = (await get(client, "/compare/district", 404))["detail"]
            assert "no window of 1 week is released yet" in str(detail)
            told = await get(client, "/windows")
            assert {len(one["windows"]) for one in told["released"]} == {0}
            coming = {one["weeks"]: one["coming"]["window"] for one in told["released"]}
            assert (coming[1], coming[4]) == ("2026-W17", "2026-B05x4")
