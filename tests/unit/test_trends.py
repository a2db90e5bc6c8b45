"""Which numbers may be shown: the rules on and around their thresholds."""

from collections.abc import Iterator

import pytest

from contract.disclosure import band, rounded
from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.trends import HIGH, Cell, Counted, Rules, State, release

WEEK = Week(2026, 6)
CHAOYANG = "110105"


def sessions(n: int, high: int, district: str = CHAOYANG) -> Iterator[Counted]:
    for number in range(n):
        yield Counted(WEEK, district, "grade1" if number < high else "normal")


def cell(n: int, high: int, category: str = HIGH) -> Cell:
    (found,) = [
        cell
        for cell in release(sessions(n, high), Rules())
        if cell.area == CHAOYANG and cell.category == category
    ]
    return found


@pytest.mark.parametrize(
    ("n", "high", "expected"),
    [
        (19, 9, Cell(WEEK, CHAOYANG, HIGH, State.HIDDEN)),
        (20, 8, Cell(WEEK, CHAOYANG, HIGH, State.SHOWN, 20, 10, 50, True)),
        (34, 9, Cell(WEEK, CHAOYANG, HIGH, State.SHOWN, 35, 10, 29, True)),
        (34, 7, Cell(WEEK, CHAOYANG, HIGH, State.SMALL, 35, low_precision=True)),
        (34, 27, Cell(WEEK, CHAOYANG, HIGH, State.HIDDEN, 35, low_precision=True)),
        (34, 0, Cell(WEEK, CHAOYANG, HIGH, State.SMALL, 35, low_precision=True)),
        (84, 23, Cell(WEEK, CHAOYANG, HIGH, State.SHOWN, 85, 25, 29, True)),
        (806, 218, Cell(WEEK, CHAOYANG, HIGH, State.SHOWN, 805, 220, 27, False)),
    ],
)
def test_a_cell_shows_what_the_rules_allow(n: int, high: int, expected: Cell) -> None:
    assert cell(n, high) == expected


def test_a_hundred_per_cent_is_hidden() -> None:
    assert cell(22, 22).state is State.HIDDEN
    assert cell(22, 22, "normal").state is State.SMALL


def test_low_precision_is_told_from_the_rounded_number() -> None:
    assert cell(97, 40).low_precision
    assert not cell(98, 40).low_precision


def test_the_city_counts_every_district_and_a_district_only_its_own() -> None:
    both = [*sessions(30, 10), *sessions(30, 15, "110101")]
    shown = {
        found.area: (found.n, found.count)
        for found in release(both, Rules())
        if found.category == HIGH
    }
    assert shown == {CITY_ADCODE: (60, 25), CHAOYANG: (30, 10), "110101": (30, 15)}


def test_weeks_are_released_apart_and_order_does_not_matter() -> None:
    mixed = [*sessions(25, 10), *(Counted(WEEK.following, CHAOYANG, "normal") for _ in range(25))]
    cells = release(mixed, Rules())
    assert {found.window for found in cells} == {WEEK, WEEK.following}
    assert release(reversed(mixed), Rules()) == cells


def test_an_operator_may_ask_for_more_sessions() -> None:
    (found,) = [
        cell
        for cell in release(sessions(39, 15), Rules(minimum_sessions=40))
        if cell.area == CHAOYANG and cell.category == HIGH
    ]
    assert found.state is State.HIDDEN


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 0), (2, 0), (3, 5), (12, 10), (13, 15), (17, 15), (18, 20), (806, 805)],
)
def test_counts_are_rounded_to_the_nearest_five(count: int, expected: int) -> None:
    assert rounded(count) == expected


def test_zero_to_seven_are_one_band() -> None:
    assert {band(count) for count in range(8)} == {"<8"}
    assert band(8) == "10"
