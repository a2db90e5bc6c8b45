"""Comparisons, the list of windows, explanations, and what is on no list: the real API."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest.api import Service
from ingest.windows import Level
from tests.integration.ingest import CHAOYANG, DONGCHENG
from tests.integration.trends_api import (
    RETIRED,
    asking,
    get,
    lines,
    population,
    publish,
    released,
)

REFUSED = [
    ("/areas/110103", 404, "no area '110103'"),
    (f"/areas/{CHAOYANG}", 404, "no area"),
    ("/areas/110105?measure=pulse", 422, ""),
    ("/areas/110105?audience=everybody", 422, ""),
    ("/stations/BJ-XX-1", 404, "no station 'BJ-XX-1' is known"),
    ("/stations/110105", 404, "no station"),
    ("/compare/street", 422, ""),
    ("/compare/district?window=2026-B03x4", 422,
        "2026-B03x4 is of 4 weeks, but internal trends of a district are released for"
        " 1 week at a time: 2026-W16 is such a window",
    ),
    (
        "/compare/station?district=110105&window=2026-W16", 422,
        "for 4 weeks at a time: 2026-B04x4",
    ),
    (
        "/compare/station?district=110105&audience=public&window=2026-B03x4", 422,
        "for 12 weeks at a time: 2026-B01x12",
    ),
    ("/compare/district?window=2026-W17", 404, "2026-W06 to 2026-W16"),
    ("/compare/district?window=2026-W05", 404, "2026-W06 to 2026-W16"),
    ("/compare/district?window=yesterday", 422, "no window 'yesterday'"),
    ("/compare/district?window=9999-B99x4", 422, "no window '9999-B99x4'"),
    ("/compare/district?window=2026-W60", 422, "no window '2026-W60'"),
    ("/compare/district?part=grade3", 422, "use one of high, normal"),
    ("/compare/district?district=110105", 422, "stations only"),
    ("/compare/station", 422, "say which `district`"),
    ("/compare/station?district=110103", 404, "no district '110103'"),
    ("/cells/high", 404, "audience:level:area:window:measure:part"),
    ("/cells/internal:city:110105:2026-W10:bp:high", 404, "no city '110105'"),
    ("/cells/internal:station:BJ-XX-1:2026-B03x4:bp:high", 404, "no station 'BJ-XX-1'"),
    ("/cells/internal:city:110000:2026-B03x4:bp:high", 404, "1 weeks, 2026-B03x4 has 4"),
    ("/cells/internal:city:110000:2026-W17:bp:high", 404, "2026-W17 is not released"),
    ("/cells/internal:station:BJ-CY-012:9999-B99x4:bp:high", 404, "9999-B99x4"),
    ("/cells/internal:city:110000:2026-W10:bp:hight", 404, "no part 'hight'"),
    ("/bp", 404, "Not Found"),
]  # fmt: skip


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with released(tmp_path) as made:
        yield made


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with asking(service) as asked:
        yield asked


async def test_a_comparison_has_every_district_and_says_that_no_age_is_collected(
    client: AsyncClient, service: Service
) -> None:
    publish(
        service,
        population(Level.DISTRICT, "110105", "2026-W10", 85, high=25, systolic_p50=127.0),
        population(Level.DISTRICT, "110101", "2026-W11", 120, high=30),
    )
    told = await get(client, "/compare/district?window=2026-W10")
    assert (told["window"], told["first"], told["last"], told["place"]) == (
        "2026-W10", "2026-03-02", "2026-03-08", CITY_ADCODE,
    )  # fmt: skip
    assert "未采集年龄与性别" in told["wording"]["zh"]
    assert "No age or sex is collected" in told["wording"]["en"]
    assert len(told["rows"]) == 16 * 8
    high = [row for row in told["rows"] if row["part"] == "high"]
    assert [row["area"] for row in high] == sorted(DISTRICTS)
    (shown,) = [row for row in high if row["state"] == "shown"]
    assert shown == {
        "area": "110105", "n": 85, "low_precision": True, "see": "city", "epsilon": None,
        "part": "high", "state": "shown", "rule": None, "count": 25, "share": 29, "low": 1,
        "high": 99, "per_thousand": None, "value": None,
    }  # fmt: skip
    assert {(row["n"], row["rule"], row["see"]) for row in high if row is not shown} == {
        (None, "few_sessions", "city")
    }
    last = await get(client, "/compare/district?part=high")
    assert last["window"] == "2026-W16"
    assert {row["state"] for row in last["rows"]} == {"hidden"}
    words, rows = await lines(client, "/compare/district?window=2026-W10&part=systolic_p50")
    assert words[2] == "# 110000, district, internal, bp, mm[Hg], 2026-W10, 2026-03-02 – 2026-03-08"
    assert [(row["area"], row["value"]) for row in rows if row["value"]] == [("110105", "127.0")]
    assert len(rows) == 16
    venues = await get(client, "/compare/venue?part=high")
    assert {row["area"] for row in venues["rows"]} == set(VENUES)
    city = await get(client, "/compare/city?part=high")
    assert [(row["area"], row["see"]) for row in city["rows"]] == [(CITY_ADCODE, None)]


async def test_stations_are_compared_within_their_district(
    client: AsyncClient, service: Service
) -> None:
    publish(
        service,
        population(Level.STATION, RETIRED.id, "2026-B03x4", 35, high=10),
        population(Level.STATION, DONGCHENG, "2026-B03x4", 55, high=20),
    )
    path = "/compare/station?window=2026-B03x4&district="
    told = await get(client, f"{path}110105")
    assert [(row["area"], row["count"]) for row in told["rows"]] == [
        (CHAOYANG, None), (RETIRED.id, 10),
    ]  # fmt: skip
    assert told["place"] == "110105"
    _, rows = await lines(client, f"{path}110101")
    assert [(row["area"], row["count"]) for row in rows] == [(DONGCHENG, "20")]
    _, rows = await lines(client, f"{path}110101&part=late")
    assert [(row["part"], row["state"]) for row in rows] == [("late", "small")]
    assert (await get(client, f"{path}110119"))["rows"] == []


async def test_the_list_of_windows_is_all_there_is(client: AsyncClient) -> None:
    told = await get(client, "/windows")
    assert told["open"] == {
        "window": "2026-W17", "first": "2026-04-20", "last": "2026-04-26",
        "released_from": "2026-04-28T00:00:00+08:00",
    }  # fmt: skip
    found = {(one["audience"], one["level"], one["of"]): one for one in told["released"]}
    assert {key: (one["weeks"], len(one["windows"])) for key, one in found.items()} == {
        ("internal", "station", "categories"): (4, 3),
        ("internal", "district", "categories"): (1, 11),
        ("internal", "city", "categories"): (1, 11),
        ("internal", "venue", "categories"): (1, 11),
        ("public", "station", "categories"): (12, 1),
        ("public", "district", "categories"): (4, 3),
        ("public", "city", "categories"): (1, 11),
        ("public", "venue", "categories"): (1, 11),
        ("internal", "city", "extremes"): (12, 1),
        ("public", "city", "extremes"): (48, 0),
    }
    assert found["internal", "station", "categories"]["coming"] == {
        "window": "2026-B05x4", "first": "2026-04-20", "last": "2026-05-17",
        "released_from": "2026-05-19T00:00:00+08:00",
    }  # fmt: skip
    assert found["public", "city", "extremes"]["coming"]["window"] == "2026-B01x48"


async def test_a_cell_says_which_rule_withholds_it_and_never_the_count(
    client: AsyncClient, service: Service
) -> None:
    publish(service, population(Level.STATION, CHAOYANG, "2026-B03x4", 35, high=10))
    few = "hidden: R1: there are too few sessions in this area and window"
    for cell, why in {
        f"station:{CHAOYANG}:2026-B03x4:bp:high": "shown: no rule hides it",
        f"station:{CHAOYANG}:2026-B03x4:bp:normal": "small: R2: the part is in the smallest band,"
        " which is never told apart, not from 0; see the district",
        f"station:{CHAOYANG}:2026-B03x4:bp:systolic_p05": "hidden: R10: there are too few sessions"
        " for this percentile; see the district",
        f"station:{CHAOYANG}:2026-B02x4:bp:high": f"{few}; see the district",
        "district:110105:2026-W10:bp:high": f"{few}; see the city",
        "city:110000:2026-B01x12:bp:grade3": few,
        "district:110105:2026-W10:bp:grade3": "hidden: R9: extremes are released for the whole"
        " city in long windows only; see the city in blocks of 12 weeks",
    }.items():
        told = await get(client, f"/cells/internal:{cell}")
        assert (told["name"], told["why"]) == (f"internal:{cell}", why)
        assert "Sessions, not persons" in told["wording"]["en"]


async def test_what_is_not_on_a_list_is_refused_with_a_reason(client: AsyncClient) -> None:
    for path, status, words in REFUSED:
        assert words in str((await get(client, path, status))["detail"])
