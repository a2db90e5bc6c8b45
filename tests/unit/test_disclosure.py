"""What is released of one population: each rule on and around its threshold."""

import csv
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from contract.places import CITY_ADCODE
from contract.screening_batch import blood_pressure_row
from ingest.calendar import Week
from ingest.disclosure import (
    Cell,
    CityWeek,
    Rule,
    State,
    Weekly,
    explain,
    explain_name,
    release,
    release_extremes,
)
from ingest.windows import Audience, Block, Level, block_of
from tests.trends_city import Site, counted, of_category, weekly

GOLDEN = Path(__file__).parent.parent / "golden" / "disclosure.csv"
WEEK = Week(2026, 6)
SITE = Site("BJ-CY-001", "110105", "bank")
ONE = block_of(WEEK, 1)


def people(**categories: int) -> list[Weekly]:
    return [
        weekly(SITE, WEEK, of_category(category))._replace(sessions=count)
        for category, count in categories.items()
    ]


def glucose(measure: str, *sessions: tuple[str, float, int]) -> list[Weekly]:
    return [
        Weekly(WEEK, *SITE, measure, category, None, None, value, False, count)
        for category, value, count in sessions
    ]


def cells(
    counts: Iterable[Weekly], audience: Audience = Audience.INTERNAL, block: Block = ONE
) -> dict[tuple[Level, str], Cell]:
    made = release(counted(counts), audience, block, Random(0))
    return {(cell.level, cell.part): cell for cell in made}


def extremes(counts: Iterable[Weekly], audience: Audience, block: Block) -> list[Cell]:
    """A third of the block holds these counts, and so do the others."""
    piece = 4 if block.weeks == 12 else 12
    weeks = [
        CityWeek(Block(piece, 3 * block.ordinal + number).members()[0], one.measure, one.steps)
        for one in counted(counts)
        for number in range(3)
    ]
    return release_extremes(weeks, audience, block, Random(0))


def of_city(
    counts: Iterable[Weekly], part: str = "high", audience: Audience = Audience.INTERNAL
) -> Cell:
    return cells(counts, audience)[Level.CITY, part]


with GOLDEN.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "/".join(row.values()))
def test_a_cell_shows_what_the_table_allows(row: dict[str, str]) -> None:
    n, high = int(row["n"]), int(row["high"])
    counts = people(grade1=high, normal=n - high)
    if row["state"] == "absent":
        assert cells(counts, Audience(row["audience"])) == {}
        return
    cell = of_city(counts, audience=Audience(row["audience"]))
    found = (cell.state, cell.n, cell.count, cell.share)
    numbers = (int(row[key]) if row[key] else None for key in ("shown_n", "shown_count", "share"))
    assert found == (State(row["state"]), *numbers)
    assert cell.low_precision is (row["low_precision"] == "yes")


@pytest.mark.parametrize(
    ("n", "high", "rule"),
    [
        (34, 7, Rule.SMALL_PART),
        (34, 27, Rule.SMALL_COMPLEMENT),
        (34, 9, None),
    ],
)
def test_a_cell_knows_which_rule_hid_it_and_says_no_count(
    n: int, high: int, rule: Rule | None
) -> None:
    cell = of_city(people(grade1=high, normal=n - high))
    assert cell.rule is rule
    text = explain(cell)
    assert text.startswith("shown" if rule is None else f"{cell.state}: R")
    assert str(high) not in text.replace("R2", "")


def test_a_population_that_is_too_small_is_absent_and_is_explained_without_a_cell() -> None:
    assert cells(people(grade1=9, normal=10)) == {}
    assert cells(people(grade1=9, normal=10), block=block_of(WEEK, 4)) == {}
    text = explain_name("internal:station:BJ-CY-001:2026-B02x4:bp:high", None)
    assert text == (
        "hidden: R1: there are too few sessions in this area and window; see the district"
    )
    assert explain_name("public:city:110000:2026-W06:bp:single", None).endswith("window")


def test_a_failing_cell_sends_its_reader_one_level_up() -> None:
    few = people(grade1=5, normal=30)
    station = cells(few, block=block_of(WEEK, 4))[Level.STATION, "high"]
    found = cells(few)
    assert station.see is Level.DISTRICT
    assert "see the district" in explain(station)
    assert found[Level.DISTRICT, "high"].see is Level.CITY
    assert found[Level.VENUE, "high"].see is Level.CITY
    assert found[Level.CITY, "high"].see is None
    assert of_city(people(grade1=50, normal=50)).see is None


def test_extremes_are_told_for_the_city_in_long_windows_only() -> None:
    counts = people(grade3=30, grade2=30, grade1=200, normal=740)
    ordinary = [
        *release(counted(counts), Audience.INTERNAL, ONE, Random(0)),
        *release(counted(counts), Audience.INTERNAL, block_of(WEEK, 4), Random(0)),
        *release(counted(counts), Audience.PUBLIC, block_of(WEEK, 12), Random(0)),
        *release(counted(counts), Audience.INTERNAL, block_of(WEEK, 12), Random(0)),
    ]
    assert not {"grade2", "grade3"} & {cell.part for cell in ordinary}
    assert {cell.count for cell in ordinary if cell.part == "grade2_or_higher"} == {60}
    for audience, weeks in ((Audience.INTERNAL, 12), (Audience.PUBLIC, 48)):
        found = extremes(counts, audience, block_of(WEEK, weeks))
        assert [(c.part, c.count, c.n, c.per_thousand) for c in found] == [("grade3", 90, 3000, 30)]
        assert found[0].area == CITY_ADCODE


def test_grade_three_alone_changes_no_ordinary_cell() -> None:
    severe = people(grade3=40, grade1=200, normal=760)
    less = people(grade2=40, grade1=200, normal=760)
    parts = ("high", "high_home", "grade1", "grade2_or_higher", "normal", "high_normal")
    for part in parts:
        assert of_city(severe, part) == of_city(less, part)


def test_the_second_series_counts_from_135_over_85() -> None:
    counts = [
        weekly(SITE, WEEK, blood_pressure_row(systolic, diastolic, 70, single=False))._replace(
            sessions=50
        )
        for systolic, diastolic in (
            (134.9, 84.9),
            (135, 70),
            (120, 85),
            (139.9, 89.9),
            (140, 70),
            (110, 70),
        )
    ]
    assert of_city(counts, "high_home").count == 200
    assert of_city(counts, "high").count == 50
    assert of_city(counts, "high_normal").count == 200
    assert of_city(counts, "high_normal").n == 300


def test_glucose_is_told_by_the_lines_of_its_context() -> None:
    casual = glucose(
        "glu_casual", ("very_low", 0, 10), ("low", 3.0, 20), ("usual", 5.6, 300),
        ("raised_after_food", 7.8, 60), ("high", 11.1, 40), ("very_high", 16.7, 15),
    )  # fmt: skip
    found = {part: cell.count for (level, part), cell in cells(casual).items()
             if level is Level.CITY and cell.count}  # fmt: skip
    assert found == {
        "low_or_lower": 30, "usual": 300, "raised_after_food": 60, "high_or_higher": 55,
    }  # fmt: skip
    long = extremes(casual, Audience.INTERNAL, block_of(WEEK, 12))
    assert {cell.part: cell.count for cell in long} == {
        "very_high": 45,
        "very_low": 30,
    }
    fasting = glucose("glu_fasting", ("usual", 4.7, 50), ("raised", 6.1, 30), ("high", 7.0, 20))
    assert of_city(fasting, "raised").count == 30


def test_contexts_are_never_pooled() -> None:
    both = [
        *glucose("glu_casual", ("usual", 5.6, 30)),
        *glucose("glu_postprandial_2h", ("usual", 5.6, 60)),
    ]
    made = release(counted(both), Audience.INTERNAL, ONE, Random(0))
    assert {(cell.measure, cell.n) for cell in made} == {
        ("glu_casual", 30),
        ("glu_postprandial_2h", 60),
    }


def test_venue_types_are_of_the_whole_city() -> None:
    elsewhere = Site("BJ-HD-001", "110108", "bank")
    counts = [
        *people(grade1=20, normal=40),
        weekly(elsewhere, WEEK, of_category("normal"))._replace(sessions=40),
    ]
    made = release(counted(counts), Audience.INTERNAL, ONE, Random(0))
    assert {(cell.area, cell.n) for cell in made if cell.level is Level.VENUE} == {("bank", 100)}
    assert {cell.area for cell in made} == {"110105", "110108", CITY_ADCODE, "bank"}


def test_a_count_of_another_week_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-W07"):
        release(counted(people(normal=1)), Audience.INTERNAL, ONE.following, Random(0))


def test_a_cell_has_a_name_of_its_own() -> None:
    made = release(counted(people(grade1=20, normal=40)), Audience.INTERNAL, ONE, Random(0))
    assert len({cell.name for cell in made}) == len(made)
    assert "internal:district:110105:2026-W06:bp:high" in {cell.name for cell in made}


def test_a_small_remainder_of_the_city_is_not_told() -> None:
    # Shown would be 95, 35 and 65: together they say that the third district has one at most.
    sizes = {"110101": (33, 10), "110102": (63, 20), "110105": (1, 0)}
    counts = [
        weekly(Site(f"S{area}", area, "bank"), WEEK, of_category(category))._replace(sessions=count)
        for area, (n, high) in sizes.items()
        for category, count in (("normal", n - high), ("grade1", high))
        if count
    ]
    made = release(counted(counts), Audience.INTERNAL, ONE, Random(0))
    high = {(c.level, c.area): c for c in made if c.part == "high"}
    assert high[Level.CITY, CITY_ADCODE].n is None
    assert high[Level.CITY, CITY_ADCODE].rule is Rule.REMAINDER
    assert high[Level.DISTRICT, "110101"].n == 35
    assert high[Level.DISTRICT, "110102"].count == 20


def test_sessions_of_one_reading_and_late_ones_are_counted_by_the_rules_for_a_part() -> None:
    (tally,) = counted(people(normal=60))
    for single, late, shown in ((30, 9, (30, 10)), (7, 53, (None, None)), (0, 52, (None, 50))):
        mine = [tally._replace(single=single, late=late)]
        made = release(mine, Audience.INTERNAL, ONE, Random(0))
        found = {cell.part: cell for cell in made if cell.level is Level.CITY}
        assert (found["single"].count, found["late"].count) == shown
        assert found["single"].n == found["late"].n == 60
    assert found["single"].rule is Rule.SMALL_PART
    assert found["late"].share == 83
    assert not {"single", "late"} & {cell.part for cell in extremes(
        people(grade3=30, normal=970), Audience.INTERNAL, block_of(WEEK, 12)
    )}  # fmt: skip


def test_a_week_of_another_block_has_no_place_among_the_extremes() -> None:
    block = block_of(WEEK, 12)
    with pytest.raises(ValueError, match="2026-W13"):
        release_extremes([CityWeek(Week(2026, 13), "bp", (9,) * 6)], Audience.INTERNAL, block,
                         Random(0))  # fmt: skip
    assert release_extremes([], Audience.INTERNAL, ONE, Random(0)) == []


def test_extremes_need_the_minimum_of_sessions_in_three_shorter_blocks() -> None:
    """In fewer, the city less two windows would be a small group: here 19 sessions, told as 20."""
    block, first = block_of(WEEK, 12), block_of(WEEK, 12).members()[0]
    city = [CityWeek(first, "bp", (980, 0, 0, 0, 0, 20))]
    city += [CityWeek(Week(2026, 5), "bp", (500, 0, 0, 0, 0, 0))]
    for last, cells_told in ((19, 0), (20, 1)):
        weeks = [*city, CityWeek(Week(2026, 9), "bp", (last, 0, 0, 0, 0, 0))]
        assert len(release_extremes(weeks, Audience.INTERNAL, block, Random(0))) == cells_told
