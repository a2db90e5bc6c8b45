"""Released cells and shares of an audit, with numbers made by hand."""

from dataclasses import replace
from random import Random

import pytest

from health_kiosk.audit.areas import AreaSums, Window, windows_of
from health_kiosk.audit.cells import Cells
from health_kiosk.audit.counting import Counting
from health_kiosk.audit.kinds import kind_of, steps_of
from health_kiosk.audit.shares import Shares
from health_kiosk.failure import Failure
from ingest.calendar import Week
from ingest.disclosure import RULES, Cell, Tally, release
from ingest.windows import Audience, Level, block_of

WEEK = Week(2026, 8)
CITY = Window(Audience.INTERNAL, Level.CITY, block_of(WEEK, 1))
STEPS = (120, 60, 20, 40, 30, 10)
RULES_HERE = RULES[Audience.INTERNAL]


def released(steps: tuple[int, ...] = STEPS, late: int = 0) -> list[Cell]:
    """The city's cells of a week in which one station has these sessions."""
    tally = Tally(
        WEEK, "A", "110105", "hub", "bp", steps, {"systolic": {}, "diastolic": {}}, 0, late
    )
    cells = release([tally], Audience.INTERNAL, block_of(WEEK, 1), Random(1))
    return [cell for cell in cells if cell.level is Level.CITY]


def sums(steps: tuple[int, ...] = STEPS, late: int = 0) -> dict[str, tuple[int, ...]]:
    return {"110000": (*steps, 0, late)}


def cells(found: list[Cell], counted: dict[str, tuple[int, ...]]) -> list[str]:
    checked = Cells()
    checked.window(CITY, "bp", found, counted, RULES_HERE)
    return [str(one) for one in checked.done(1).differences]


def shares(
    found: list[Cell], truth: dict[str, tuple[int, ...]], counted: dict[str, tuple[int, ...]]
) -> Shares:
    checked = Shares()
    checked.window(CITY, "bp", found, truth, counted)
    return checked


def test_cells_say_what_was_counted() -> None:
    assert len([cell for cell in released() if cell.share is not None]) > 5
    assert cells(released(), sums()) == []


def test_a_cell_of_one_session_more_across_a_rounding_is_named() -> None:
    more = (*STEPS[:3], 43, *STEPS[4:])
    told = cells(released(), sums(more))
    assert any("bp:grade1, 2026-W08: released: expected 45 of 285, 16 %" in one for one in told)
    assert any("found 40 of 280, 14 %" in one for one in told)


def test_a_share_an_interval_and_a_sum_that_were_changed_are_each_named() -> None:
    for change in ({"share": 21}, {"low": 1}, {"high": 99}, {"n": 300}, {"count": 85}):
        found = released()
        place = next(i for i, cell in enumerate(found) if cell.part == "high")
        found[place] = replace(found[place], **change)  # type: ignore[arg-type]
        (told,) = cells(found, sums())
        assert told.startswith("internal:city:110000:2026-W08:bp:high, 2026-W08: released:")


def test_a_population_that_is_not_there_is_named_and_a_small_one_need_not_be() -> None:
    assert cells([], sums()) == [
        "internal:city:110000:2026-W08:bp, 2026-W08: cells: expected of 280 sessions, found none"
    ]
    assert cells([], sums((5, 5, 0, 4, 5, 0))) == []


def test_a_cell_of_too_few_sessions_may_not_be_shown() -> None:
    told = cells(released(), sums((5, 5, 0, 4, 5, 0)))
    assert told
    assert all("sessions too few to be shown" in one for one in told)


def test_hidden_cells_are_counted_by_their_rule() -> None:
    checked = Cells()
    checked.window(CITY, "bp", released((60, 10, 5, 12, 3, 2)), sums(), RULES_HERE)
    figures = checked.done(1).figures
    assert figures["small_part"] >= 1


def test_an_interval_that_holds_the_truth_is_counted_by_level() -> None:
    check = shares(released(), sums((110, 55, 25, 45, 30, 12)), sums()).done()
    assert check.balances
    assert check.figures["internal city shares"] == check.figures["internal city held"] == 5
    assert check.says == "5 released shares, 100.0 % hold the truth (internal city 5 of 5)"


def test_misses_are_named_where_there_are_more_than_an_interval_allows() -> None:
    check = shares(released(), sums((20, 60, 20, 120, 50, 10)), sums()).done()
    assert not check.balances
    first = str(check.differences[0])
    assert first.startswith("internal:city:110000:2026-W08:bp:high, 2026-W08: share:")
    assert "expected 180 of 280, 64.3 %, found 29 % (" in first


def test_a_miss_among_many_is_a_note() -> None:
    checked = Shares()
    for _ in range(5):
        checked.window(CITY, "bp", released(), sums(), sums())
    wrong = [replace(cell, low=0, high=1) for cell in released() if cell.part == "high"]
    checked.window(CITY, "bp", wrong, sums(), sums())
    check = checked.done()
    assert check.balances
    assert check.notes[0].startswith("misses, as few may: internal:city:110000:2026-W08:bp:high:")


def test_a_miss_that_late_sessions_explain_is_forgiven_and_counted() -> None:
    truth = (120, 60, 20, 5, 2, 1)
    check = shares(released(late=72), sums(truth), sums(late=72)).done()
    assert check.balances
    assert check.figures["forgiven"] >= 2
    assert not shares(released(), sums(truth), sums(truth)).done().balances


def test_a_share_of_nobody_is_an_error_unless_all_of_them_came_late() -> None:
    check = shares(released(), {}, sums()).done()
    assert str(check.differences[0]) == (
        "internal:city:110000:2026-W08:bp:high, 2026-W08: sessions, by truth: expected 0, found 280"
    )
    assert shares(released(late=280), {}, sums(late=280)).done().balances


def test_every_area_of_a_released_window_has_its_sums() -> None:
    windows = list(windows_of([Week(2026, 8)]))
    areas = AreaSums(windows)
    for week in (Week(2026, 5), Week(2026, 8), Week(2026, 9)):
        areas.add("A", "110105", "hub", week, "bp", [1, 2])
        areas.add("B", "110105", "bank", week, "bp", [10, 20])
    told = {str(one.level): areas.of(one, "bp") for one in windows if one.audience == "internal"}
    assert told == {
        "district": {"110105": [11, 22]},
        "city": {"110000": [11, 22]},
        "venue": {"hub": [1, 2], "bank": [10, 20]},
        "station": {"A": [2, 4], "B": [20, 40]},
    }
    assert areas.of(Window(Audience.INTERNAL, Level.CITY, block_of(Week(2026, 9), 1)), "bp") == {}


def test_sessions_that_counted_and_are_not_stored_are_named_and_late_ones_counted() -> None:
    checked = Counting()
    checked.week(WEEK, {"A": 5, "B": 7}, {"A": 6, "B": 4})
    checked.marks([WEEK], [WEEK])
    check = checked.done(1)
    assert [str(one) for one in check.differences] == [
        "A, 2026-W08: sessions counted by releases: expected 5, found 6"
    ]
    assert check.figures["waiting"] == 3


def test_categories_of_the_truth_are_steps_of_the_centres_scales() -> None:
    kinds = {kind_of("bp", "high_normal"): 2, kind_of("glucose", "fasting/raised"): 3}
    assert steps_of("bp", kinds) == [0, 2, 0, 0, 0, 0]
    assert steps_of("glu_fasting", kinds) == [0, 0, 0, 3, 0, 0]
    for unknown in (("bp", "purple"), ("glucose", "usual"), ("mood", "good")):
        with pytest.raises(Failure, match="which no centre knows"):
            kind_of(*unknown)
