"""Percentiles, intervals and noise, by numbers reckoned by hand."""

from collections import Counter
from fractions import Fraction
from math import exp
from random import Random

import pytest

from contract.quantities import GLUCOSE, SYSTOLIC
from ingest.calendar import Week
from ingest.disclosure import RULES, Rule, Rules, State, release
from ingest.disclosure.intervals import percent, widened, wilson
from ingest.disclosure.noise import noisy, two_sided_geometric
from ingest.disclosure.percentiles import percentile, printed
from ingest.windows import Audience, Level, block_of
from tests.trends_city import Site, counted, drawn, of_category, weekly

WEEK = Week(2026, 6)
SITE = Site("BJ-CY-001", "110105", "bank")


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(5, 20, 11, 47), (9, 34, 15, 43), (25, 100, 18, 34), (40, 160, 19, 32), (250, 1000, 22, 28)],
)
def test_the_interval_is_wilsons(count: int, n: int, low: int, high: int) -> None:
    found = wilson(count / n, n)
    assert (round(100 * found[0]), round(100 * found[1])) == (low, high)


def test_the_interval_is_widened_by_what_rounding_hides() -> None:
    assert widened((8, 12), (18, 22)) == (19, 84)
    low, high = wilson(8 / 22, 22)[0], wilson(12 / 18, 18)[1]
    assert (19 / 100 <= low < 20 / 100, 83 / 100 < high <= 84 / 100) == (True, True)
    assert widened((0, 2), (18, 22))[0] == 0
    assert widened((18, 22), (18, 22))[1] == 100


def test_the_interval_is_widened_for_people_who_come_often() -> None:
    # 25 of 100 as if they were 25 % of 76.9: 16.7 to 35.7 %.
    assert widened((25, 25), (100, 100)) == (17, 35)
    assert widened((25, 25), (100, 100), 1.3) == (16, 36)
    assert {rules.design_effect for rules in RULES.values()} == {1.3}


@pytest.mark.parametrize(
    ("count", "n", "share"), [(10, 35, 29), (1, 8, 13), (25, 85, 29), (1, 200, 1)]
)
def test_a_share_is_a_whole_percentage(count: int, n: int, share: int) -> None:
    assert percent(count, n) == share


def test_a_percentile_lies_inside_its_bin() -> None:
    bins: dict[float, int] = {120: 10, 125: 20, 130: 10}
    assert percentile(bins, 50, SYSTOLIC) == 127.5
    assert percentile(bins, 25, SYSTOLIC) == 125
    assert percentile(bins, 10, SYSTOLIC) == 122
    assert percentile({3.9: 1, 4.7: 1}, 75, GLUCOSE) == pytest.approx(5.15)
    assert printed(5.15, "glucose") == 5.2
    assert printed(122.5, "systolic") == 123


def test_a_tail_has_no_percentile() -> None:
    assert percentile({0: 10, 90: 10}, 25, SYSTOLIC) is None
    assert percentile({175: 10, 180: 10}, 75, SYSTOLIC) is None
    assert percentile({}, 50, SYSTOLIC) is None


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (19, set()),
        (20, {25, 50, 75}),
        (99, {25, 50, 75}),
        (100, {10, 25, 50, 75, 90}),
        (199, {10, 25, 50, 75, 90}),
        (200, {5, 10, 25, 50, 75, 90, 95}),
    ],
)
def test_a_percentile_needs_its_number_of_sessions(n: int, shown: set[int]) -> None:
    counts = [
        weekly(SITE, WEEK, of_category("normal"))._replace(sessions=n // 2),
        weekly(SITE, WEEK, of_category("high_normal"))._replace(sessions=n - n // 2),
    ]
    made = release(counted(counts), Audience.INTERNAL, block_of(WEEK, 1), Random(0))
    found = {
        int(cell.part.removeprefix("systolic_p"))
        for cell in made
        if cell.level is Level.CITY and cell.part.startswith("systolic") and cell.value
    }
    assert found == shown


def test_a_percentile_does_not_bound_a_hidden_part() -> None:
    # 7 of 24 are at or above 140: P75 above that line would say that there are six at least.
    counts = [
        weekly(SITE, WEEK, of_category(category))._replace(sessions=count)
        for category, count in (("normal", 17), ("grade1", 7))
    ]
    made = release(counted(counts), Audience.INTERNAL, block_of(WEEK, 1), Random(0))
    found = {cell.part: cell for cell in made if cell.level is Level.CITY}
    assert found["high"].state is State.SMALL
    assert found["systolic_p75"].rule is Rule.TELLS_A_SMALL_PART
    assert found["systolic_p25"].value is not None


@pytest.mark.parametrize("epsilon", [Fraction(1, 2), Fraction(1), Fraction(3)])
def test_noise_has_its_distribution(epsilon: Fraction) -> None:
    rng, draws = Random(20260206), 20_000
    found = Counter(two_sided_geometric(epsilon, rng) for _ in range(draws))
    alpha = exp(-epsilon)
    middle = range(-6, 7)
    expected = {x: draws * (1 - alpha) / (1 + alpha) * alpha ** abs(x) for x in middle}
    kept = [x for x in middle if expected[x] >= 5]
    rest = draws - sum(expected[x] for x in kept)
    square = sum((found[x] - expected[x]) ** 2 / expected[x] for x in kept)
    seen = draws - sum(found[x] for x in kept)
    if rest >= 5:
        square += (seen - rest) ** 2 / rest
    assert square < 36.2  # chi-square with at most 13 degrees of freedom: 0.9995
    assert len(kept) >= 5


def test_noise_never_makes_a_count_negative_and_needs_an_epsilon() -> None:
    rng = Random(1)
    assert min(noisy(0, Fraction(1, 10), rng) for _ in range(200)) == 0
    with pytest.raises(ValueError, match="epsilon"):
        two_sided_geometric(Fraction(0), rng)


def test_a_cell_with_noise_says_so_and_has_no_percentiles() -> None:
    rules = RULES | {Audience.PUBLIC: Rules(smallest_count=11, epsilon=Fraction(1))}
    counts = drawn(Random(3), [SITE], [WEEK], 300, 300)
    made = release(counted(counts), Audience.PUBLIC, block_of(WEEK, 1), Random(5), rules=rules)
    assert {cell.epsilon for cell in made} == {1.0}
    percentiles = [cell for cell in made if "_p" in cell.part]
    assert {cell.rule for cell in percentiles} == {Rule.NOISE}
    again = release(counted(counts), Audience.PUBLIC, block_of(WEEK, 1), Random(5), rules=rules)
    assert again == made
    plain = release(counted(counts), Audience.PUBLIC, block_of(WEEK, 1), Random(5))
    others = [
        release(counted(counts), Audience.PUBLIC, block_of(WEEK, 1), Random(seed), rules=rules)
        for seed in range(20)
    ]
    shown = {next(c.n for c in made if c.part == "high") for made in (*others, plain)}
    assert shown >= {300}
    assert len(shown) > 1
