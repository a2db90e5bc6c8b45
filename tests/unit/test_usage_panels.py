"""What the page says of use and of equity in words and rows."""

from typing import Any

import pytest

from dashboard.web import equity_panels, headline, usage_panels
from dashboard.web.answers import ComparedRow, Comparison, Overview, PartState
from dashboard.web.texts import EN, ZH
from dashboard.web.tiles import Tile
from dashboard.web.usage_answers import (
    Day,
    EquityRow,
    Reach,
    Summary,
    Table,
    TypicalHour,
    VenueUptake,
)
from tests.fake_city import example_overview
from tests.fake_trends import COMPARED, example_comparison
from tests.fake_usage import (
    ENTRIES,
    example_days,
    example_equity,
    example_reach,
    example_summary,
    example_uptake,
    example_week,
    table,
)

OVERVIEW = Overview.model_validate(example_overview())
WEEK = Table[TypicalHour].model_validate(table("110105", example_week()))
DAYS = Table[Day].model_validate(table("110105", example_days(4)))
SUMMARY = Table[Summary].model_validate(table("110105", [example_summary()]))
REACH = Table[Reach].model_validate(table("110000", example_reach(), 4, COMPARED))
EQUITY = Table[EquityRow].model_validate(table("110000", example_equity(), 4, COMPARED))
UPTAKE = Table[VenueUptake].model_validate(table("110000", example_uptake(), 52))
DISTRICTS = Comparison.model_validate(example_comparison(("110101", "110102", "110105")))
CITY = Comparison.model_validate(example_comparison(("110000",)))


def with_part(week: Comparison, name: str, **changes: Any) -> Comparison:
    """A comparison in which one part is changed everywhere."""
    rows = tuple(
        ComparedRow.model_validate(row.model_dump() | (changes if row.part == name else {}))
        for row in week.rows
    )
    return week.model_copy(update={"rows": rows})


def test_a_typical_week_names_the_busiest_hour_and_carries_its_wording() -> None:
    panel = usage_panels.typical_week(WEEK, DAYS, EN, "en")
    assert panel.lead == "Busiest: Fri 12:00–13:00, 1.9 people per station on average"
    assert panel.rows[12][5] == "1.94"
    assert panel.rows[20][-1] == "–"
    assert panel.wording == ENTRIES["en"].rstrip(".")
    assert panel.span == "10/25–11/21"


def test_before_four_weeks_the_typical_week_says_how_much_is_missing() -> None:
    none = WEEK.model_copy(update={"rows": ()})
    few = DAYS.model_copy(update={"rows": DAYS.rows[:9]})
    panel = usage_panels.typical_week(none, few, EN, "en")
    assert (panel.shape, panel.charts) == ("empty", {})
    assert panel.lead.endswith("about 4 weeks of history; there are 9 days so far")
    nothing = DAYS.model_copy(update={"rows": ()})
    assert usage_panels.typical_week(none, nothing, ZH, "zh").lead == ZH.no_usage_yet
    assert usage_panels.typical_week(None, DAYS, ZH, "zh").shape == "unavailable"


def test_days_are_told_newest_first_and_a_day_without_a_sensor_is_not_zero() -> None:
    panel = usage_panels.entries_by_day(DAYS, EN, "en")
    assert panel.lead == "11/21 (Sat): 3,900 entries"
    assert panel.rows[0] == ("2026-11-21", "Sat", "3,900")
    assert panel.rows[17] == ("2026-11-04", "Wed", "<8")
    assert panel.rows[18] == ("2026-11-03", "Tue", "no data")


def test_the_summary_is_six_tiles_and_a_dash_for_what_is_not_known() -> None:
    tiles = usage_panels.summary(SUMMARY, EN)
    assert [tile.value for tile in tiles] == [
        "184,305",
        "14.5 min",
        "6%",
        "38%",
        "97%",
        "Fri 12:00",
    ]
    empty = dict.fromkeys(Summary.model_fields) | {"days": 0}
    unknown = SUMMARY.model_copy(update={"rows": (Summary.model_validate(empty),)})
    assert {tile.value for tile in usage_panels.summary(unknown, EN)} == {"–"}
    assert usage_panels.summary(None, EN) == ()


def test_reach_hides_what_the_api_hides_and_shows_a_district_without_stations() -> None:
    panel = equity_panels.reach(REACH, EN, "en")
    rows = {row[0]: row for row in panel.rows}
    assert rows["Mentougou"][6:] == ("hidden", "hidden")
    assert rows["Yanqing"][2:6] == ("0", "0", "<8", "hidden")
    assert rows["Chaoyang"][1:4] == ("3,452,460", "38", "0.11")
    assert "No age or sex is collected" in panel.wording
    assert set(panel.charts) == {f"reach-{rate}" for rate in equity_panels.RATES}


def test_a_district_whose_sensors_told_nothing_is_not_said_to_be_hidden() -> None:
    silent = REACH.rows[0].model_copy(update={"entries": None, "entries_per_10000": None})
    table = REACH.model_copy(update={"rows": (silent, *REACH.rows[1:])})
    panel = equity_panels.reach(table, EN, "en")
    assert panel.rows[0][4:6] == ("–", "–")
    layout: Any = panel.charts["reach-entries"]["layout"]
    words = {mark["y"]: mark["text"] for mark in layout["annotations"]}
    assert words == {"Dongcheng": "no data", "Yanqing": "hidden"}


def test_evenness_is_a_row_for_each_thing_that_is_spread() -> None:
    panel = equity_panels.evenness(EQUITY, ZH, "zh")
    assert panel.rows[0] == ("站点数", "0.11", "–", "2%", "16")
    assert panel.rows[2] == ("血压测量次数", "0.09", "2.9", "0%", "15")


def test_a_kind_of_venue_whose_sessions_are_hidden_has_no_uptake() -> None:
    told = tuple(row for row in UPTAKE.rows if row.venue in ("bank", "pharmacy"))
    panel = equity_panels.venues(UPTAKE.model_copy(update={"rows": told}), EN, "en")
    rows = {row[0]: row for row in panel.rows}
    assert rows["Bank branch"] == ("Bank branch", "2026-W46", "1,200", "hidden", "hidden")
    assert rows["Pharmacy"] == ("Pharmacy", "2026-W46", "1,600", "150", "9")
    assert rows["Supermarket"][1:] == ("–",) * 4
    none = UPTAKE.model_copy(update={"rows": ()})
    assert equity_panels.venues(none, EN, "en").lead == EN.no_uptake_yet


def test_districts_are_compared_by_their_shares_and_a_hidden_one_says_where_to_look() -> None:
    panel = equity_panels.high_by_district(OVERVIEW, (DISTRICTS,), EN, "en")
    assert panel.lead == "Latest release 2026-W46 (11/9–11/15)"
    assert panel.rows == (
        ("Dongcheng", "1,255", "395", "31% (28–35%)"),
        ("Xicheng", "hidden (<8 or n<20) · see the whole city", "–", "–"),
        ("Chaoyang", "110", "35", "32% (21–44%)"),
    )
    assert "No age or sex is collected" in panel.wording
    assert equity_panels.high_by_district(OVERVIEW, (), ZH, "zh").lead.startswith("尚未发布")
    assert equity_panels.high_by_district(OVERVIEW, None, ZH, "zh").wording == ZH.caution


@pytest.mark.parametrize("state", [PartState.SMALL, PartState.HIDDEN])
def test_a_share_that_must_not_be_shown_is_not_written_even_if_it_was_sent(
    state: PartState,
) -> None:
    week = with_part(DISTRICTS, "high", state=state, count=33, share=33, low=33, high=33)
    panel = equity_panels.high_by_district(OVERVIEW, (week,), EN, "en")
    assert "33" not in str(panel)
    city = with_part(CITY, "high", state=state, count=33, share=33, low=33, high=33)
    told = headline.headline(OVERVIEW, (city,), EN, "en").tiles[1]
    assert told.value == ("<8" if state is PartState.SMALL else "hidden")
    assert "33" not in str(told)


def test_the_headline_is_the_last_week_in_three_numbers() -> None:
    told = headline.headline(OVERVIEW, (CITY,), EN, "en")
    assert told.tiles == (
        Tile("Sessions n", "1,255", ""),
        Tile("≥140/90", "31%", "95% interval 28–35%"),
        Tile("≥135/85 (self-measurement)", "39%", "95% interval 36–43%"),
    )
    assert told.wording.startswith("Voluntary self-measurement")
    hidden = with_part(CITY, "high").model_copy(
        update={"rows": tuple(row.model_copy(update={"n": None}) for row in CITY.rows)}
    )
    told = headline.headline(OVERVIEW, (hidden,), EN, "en")
    assert (told.shape, told.tiles) == ("empty", ())
    assert told.lead == "Latest week 2026-W46 (11/9–11/15): hidden (<8 or n<20)"
    assert headline.headline(OVERVIEW, (), EN, "en").lead.endswith("24 Nov")
    assert headline.headline(OVERVIEW, None, EN, "en").shape == "unavailable"
