"""What released cells tell together: nothing fine about a small group, whatever the city holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import reduce
from itertools import combinations, pairwise, permutations
from operator import or_
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.calendar import Week, week_of
from ingest.disclosure import (
    RULES,
    Cell,
    CityWeek,
    Rules,
    State,
    Weekly,
    release,
    release_extremes,
)
from ingest.disclosure.closure import Answer, answer, protected, reckon
from ingest.disclosure.scales import EXTREMES, SCALES
from ingest.windows import Audience, Level, closing_with
from tests.trends_city import Site, counted, drawn, summed

WEEKS = tuple(Week(2026, number) for number in (1, 2, 3, 4))
BP = SCALES["bp"]
Span = tuple[int, int]

SITES = (
    Site("A1", "110101", "bank"), Site("A2", "110101", "gas"), Site("A3", "110101", "bank"),
    Site("B1", "110102", "bank"), Site("B2", "110102", "hub"), Site("C1", "110105", "gas"),
)  # fmt: skip


def released(
    counts: Sequence[Weekly],
    rules: dict[Audience, Rules] = RULES,
    weeks: Sequence[Week] = WEEKS,
) -> list[Cell]:
    """Everything that is released while these weeks go by."""
    cells: list[Cell] = []
    tallies = counted(counts)
    for week in weeks:
        for audience, block in closing_with(week):
            mine = [one for one in tallies if block.holds(one.week)]
            before = [cell for cell in cells if block.covers(cell.window)]
            cells += release(mine, audience, block, Random(0), before, rules)
            of_city = [CityWeek(one.week, one.measure, one.steps) for one in mine]
            cells += release_extremes(of_city, audience, block, Random(0), rules)
    return cells


class Shown(NamedTuple):
    """A population that somebody sees: its pairs (station, week) as bits, and what is known."""

    name: str
    members: int
    size: Span
    parts: dict[str, Span]


def known(cell: Cell, n: int) -> Span:
    """What a reader knows of one count, by the published rounding alone."""
    smallest = 11 if cell.audience is Audience.PUBLIC else 8
    if cell.count is not None:
        return max(cell.count - 2, smallest), cell.count + 2
    return (0, smallest - 1) if cell.state is State.SMALL else (0, n + 2)


def seen(cells: Sequence[Cell], counts: Sequence[Weekly]) -> list[Shown]:
    pairs = sorted({(one.station, one.week) for one in counts})
    where = {one.station: one for one in counts}

    def inside(cell: Cell) -> int:
        areas = (
            {cell.area: cell.level is Level.CITY, where[s].station: cell.level is Level.STATION,
             where[s].district: cell.level is Level.DISTRICT,
             where[s].venue: cell.level is Level.VENUE}
            for s, _ in pairs
        )  # fmt: skip
        return sum(
            1 << bit
            for bit, ((_, week), area) in enumerate(zip(pairs, areas, strict=True))
            if cell.window.holds(week) and area.get(cell.area, False)
        )

    names = {part.name for scale in (BP, EXTREMES["bp"]) for part in scale.parts}
    grouped: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.n is not None and cell.part in names:
            grouped.setdefault(cell.name.rsplit(":", 1)[0], []).append(cell)
    return [
        Shown(
            name,
            inside(group[0]),
            (max((group[0].n or 0) - 2, 20), (group[0].n or 0) + 2),
            {cell.part: known(cell, cell.n or 0) for cell in group},
        )
        for name, group in grouped.items()
    ]


class Sum(NamedTuple):
    """Populations to add and to subtract."""

    plus: tuple[Shown, ...]
    minus: tuple[Shown, ...]


def sums(populations: Sequence[Shown], sizes: Sequence[int]) -> Iterator[Sum]:
    """Every two or three populations that describe a group of 1 to 19 sessions, by trying all.

    A sum of two or three without a difference has 20 sessions at least.
    """
    for whole, one in permutations(range(len(populations)), 2):
        if 0 < sizes[whole] - sizes[one] < 20:
            yield Sum((populations[whole],), (populations[one],))
        for other in range(one):
            if other != whole:
                three = populations[whole], populations[one], populations[other]
                if 0 < sizes[whole] - sizes[one] - sizes[other] < 20:
                    yield Sum(three[:1], three[1:])
                if 0 < sizes[one] + sizes[other] - sizes[whole] < 20:
                    yield Sum(three[1:], three[:1])


def told(cells: Sequence[Cell], counts: Sequence[Weekly]) -> Iterator[str]:
    """Every pair or triple that pins a group of fewer than 20 down to fewer than eight values."""
    truth: Counter[tuple[str, Week]] = Counter()
    for one in counts:
        truth[one.station, one.week] += one.sessions
    by_bit = [truth[pair] for pair in sorted(truth)]
    populations = seen(cells, counts)
    sizes = [
        sum(n for bit, n in enumerate(by_bit) if one.members >> bit & 1) for one in populations
    ]
    for plus, minus in sums(populations, sizes):
        if not remaining([one.members for one in (*plus, *minus)], len(plus)):
            continue
        n = reckoned([one.size for one in plus], [one.size for one in minus])
        common = [
            part for part in plus[0].parts if all(part in one.parts for one in (*plus, *minus))
        ]
        spans = {
            part: reckoned([one.parts[part] for one in plus], [one.parts[part] for one in minus])
            for part in common
        }
        for part, (low, high) in {"n": n, **spans}.items():
            if min(high, n[1]) - low + 1 < 8:
                names = [one.name for one in plus], [one.name for one in minus]
                yield f"{part} of {names}: {low}..{high}"


def reckoned(plus: Sequence[Span], minus: Sequence[Span]) -> Span:
    low = sum(span[0] for span in plus) - sum(span[1] for span in minus)
    return max(0, low), sum(span[1] for span in plus) - sum(span[0] for span in minus)


def remaining(members: Sequence[int], plus: int) -> bool:
    """Whether a combination counts every pair of station and week once or not at all."""
    for bit in range(reduce(or_, members).bit_length()):
        held = [one >> bit & 1 for one in members]
        if sum(held[:plus]) - sum(held[plus:]) not in (0, 1):
            return False
    return True


# Few sessions at most places, many at some: where remainders are small.
CITIES = [
    summed(drawn(Random(seed), SITES[: 3 + seed % 4], WEEKS, seed % 3, (4, 9, 15)[seed % 3]))
    + summed(drawn(Random(seed + 99), SITES[seed % 2 :: 3], WEEKS, 12, 25))
    for seed in range(12)
]


@pytest.mark.parametrize("counts", CITIES, ids=range(len(CITIES)))
def test_no_two_or_three_cells_tell_of_a_small_group(counts: list[Weekly]) -> None:
    assert list(told(released(counts), counts)) == []


SEASON = [week_of(WEEKS[0].first + timedelta(weeks=number)) for number in range(12)]
# Twelve weeks of four stations: some begin late, some weeks are quiet.
SMALL_CITIES = [
    summed(
        one
        for number, site in enumerate(SITES[seed % 3 : seed % 3 + 4])
        for one in drawn(
            Random(100 * seed + number),
            [site],
            SEASON[(0, 0, 3, 10, 11)[(seed + number) % 5] :],
            0,
            (2, 6, 25)[(seed + number) % 3],
        )
    )
    for seed in range(10)
]


@pytest.mark.parametrize("counts", SMALL_CITIES, ids=range(len(SMALL_CITIES)))
def test_in_twelve_weeks_no_two_or_three_cells_of_both_audiences_tell_of_a_small_group(
    counts: list[Weekly],
) -> None:
    cells = released(counts, weeks=SEASON)
    assert list(told(cells, counts)) == []


def test_without_the_rule_for_remainders_two_or_three_cells_do_tell() -> None:
    loose = {
        audience: Rules(smallest_count=rules.smallest_count, narrowest=0)
        for audience, rules in RULES.items()
    }
    assert any(next(told(released(counts, loose), counts), "") for counts in CITIES)


levels = st.lists(st.integers(0, 30), min_size=5, max_size=5)


@given(levels, st.sampled_from(list(RULES.values())))
def test_what_is_reckoned_holds_the_truth(steps: list[int], rules: Rules) -> None:
    steps = [*steps, 0]
    n = sum(steps)
    if n < 20:
        return
    raw = tuple(answer(sum(steps[part.first : part.end]), n, rules) for part in BP.parts)
    shown = rules.rounded(n)
    answers = protected(BP.parts, BP.cuts, raw, shown, rules)
    for (first, end), (low, high) in reckon(BP.parts, BP.cuts, answers, shown, rules).items():
        assert low <= sum(steps[first:end]) <= high


def possible(answers: Sequence[Answer], n: int, rules: Rules) -> Iterator[tuple[int, ...]]:
    """Every way to share sessions among the steps that looks like these answers, by trying all."""
    for total in range(max(n - 2, 20), n + 3):
        for cuts in combinations(range(total + 4), 4):
            edges = (-1, *cuts, total + 4)
            steps = [after - before - 1 for before, after in pairwise(edges)]
            steps.append(0)  # grade 3 is never told from grade 2
            if all(
                shown_as.state is State.HIDDEN or answer(count, total, rules) == shown_as
                for part, shown_as in zip(BP.parts, answers, strict=True)
                for count in (sum(steps[part.first : part.end]),)
            ):
                yield tuple(steps)


@pytest.mark.parametrize(
    "steps",
    [(8, 4, 0, 8, 0), (13, 8, 0, 0, 1), (0, 0, 0, 10, 10), (10, 0, 5, 5, 0), (5, 4, 4, 4, 3)],
)
def test_a_small_band_stays_whole_whatever_else_is_shown(steps: tuple[int, ...]) -> None:
    rules, n, counted = RULES[Audience.INTERNAL], sum(steps), (*steps, 0)
    raw = tuple(answer(sum(counted[part.first : part.end]), n, rules) for part in BP.parts)
    shown = rules.rounded(n)
    answers = protected(BP.parts, BP.cuts, raw, shown, rules)
    found = set(possible(answers, shown, rules))
    assert counted in found
    for part, shown_as in zip(BP.parts, answers, strict=True):
        values = {sum(one[part.first : part.end]) for one in found}
        if shown_as.state is State.SMALL:
            assert values == set(range(8))
        elif shown_as.state is State.HIDDEN:
            assert max(values) - min(values) >= 7
    home_only = {one[2] for one in found}
    assert max(home_only) - min(home_only) >= 7 or min(home_only) >= 8
