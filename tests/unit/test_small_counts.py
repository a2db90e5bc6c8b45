"""How a count is written that must not tell anything about one person."""

import pytest

from contract.disclosure import band, rounded


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 0), (2, 0), (3, 5), (12, 10), (13, 15), (17, 15), (18, 20), (806, 805)],
)
def test_counts_are_rounded_to_the_nearest_five(count: int, expected: int) -> None:
    assert rounded(count) == expected


def test_zero_to_seven_are_one_band() -> None:
    assert {band(count) for count in range(8)} == {"<8"}
    assert band(8) == "10"
