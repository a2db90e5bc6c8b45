"""The names of cells: what they name, and what is said of one that is not there or cannot be."""

import re
from random import Random

import pytest

from ingest.calendar import Week
from ingest.disclosure import CityWeek, explain_name, parse_name, release, release_extremes
from ingest.windows import Audience, Block, Level, block_of
from tests.trends_city import Site, counted, of_category, weekly


def test_an_extreme_that_is_asked_for_elsewhere_is_explained() -> None:
    for name in ("internal:station:BJ-CY-001:2026-B02x4:bp:grade3",
                 "internal:city:110000:2026-W06:bp:grade3",
                 "internal:venue:bank:2026-B01x12:bp:grade3"):  # fmt: skip
        assert explain_name(name, None) == (
            "hidden: R9: extremes are released for the whole city in long windows only;"
            " see the city in blocks of 12 weeks"
        )
    city = [CityWeek(Week(2026, number), "bp", (970, 0, 0, 0, 0, 30)) for number in range(1, 13)]
    extreme = release_extremes(city, Audience.INTERNAL, Block(12, 0), Random(0))[0]
    assert explain_name(extreme.name, extreme) == "shown: no rule hides it"


def test_a_name_says_what_it_names() -> None:
    assert parse_name("public:station:BJ-CY-012:2026-B01x12:glu_casual:glucose_p50") == (
        Audience.PUBLIC, Level.STATION, "BJ-CY-012", Block(12, 0), "glu_casual", "glucose_p50",
    )  # fmt: skip
    one = weekly(Site("S", "110105", "bank"), Week(2026, 6), of_category("normal"))
    made = release(counted([one] * 60), Audience.INTERNAL, block_of(one.week, 1), Random(0))
    assert made
    for cell in made:
        assert parse_name(cell.name) == (
            cell.audience, cell.level, cell.area, cell.window, cell.measure, cell.part,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "instruction"),
    [
        ("bp:high", "a cell is named audience:level:area:window:measure:part"),
        ("mayor:city:110000:2026-W06:bp:high", "take one of internal, public"),
        ("public:street:110000:2026-W06:bp:high", "take one of station, district, city, venue"),
        ("public:city:110105:2026-W06:bp:high", "take one of 110000"),
        ("public:district:110104:2026-B02x4:bp:high", "take one of 110101, "),
        ("public:venue:tavern:2026-W06:bp:high", "take one of convenience, "),
        ("internal:station:station 1:2026-B02x4:bp:high", "such as BJ-CY-012"),
        ("public:city:110000:last week:bp:high", "weeks are written 2026-W07"),
        ("public:city:110000:2026-W54:bp:high", "weeks are written 2026-W07"),
        ("internal:station:BJ-CY-012:2026-W06:bp:high", "have 4 weeks, 2026-W06 has 1"),
        ("public:city:110000:2026-W06:pulse:high", "take one of bp, "),
        ("public:city:110000:2026-W06:bp:usual", "take one of high, "),
    ],
)
def test_a_name_that_cannot_exist_is_refused_with_what_would_be_right(
    name: str, instruction: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(instruction)):
        explain_name(name, None)
