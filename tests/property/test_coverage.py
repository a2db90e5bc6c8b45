"""Released shares hold the simulator's truth inside their interval at least 95 times in 100."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from ingest.calendar import Week, week_of
from ingest.disclosure import Cell, Tally, release, tallied
from ingest.disclosure.scales import LATE, SCALES, SINGLE, step_of
from ingest.windows import Audience, Level, block_of
from tests.trends_city import SPRING, Site, pool, weekly

SEEDS = range(200)
FIRST = Week(2026, 1)
WEEKS = tuple(week_of(FIRST.first + timedelta(weeks=number)) for number in range(12))
BLOCKS = [
    (Audience.INTERNAL, 1), (Audience.PUBLIC, 1), (Audience.INTERNAL, 4), (Audience.PUBLIC, 4),
    (Audience.PUBLIC, 12),
]  # fmt: skip
SITES = (
    Site("A1", "110101", "bank"), Site("A2", "110101", "gas"), Site("A3", "110101", "bank"),
    Site("B1", "110102", "hub"), Site("B2", "110102", "bank"),
)  # fmt: skip
SINGLE_SHARE, LATE_SHARE = 0.55, 0.1


@cache
def truths() -> dict[str, float]:
    """The chance of each part, from which every session of the city is drawn."""
    steps = Counter(step_of("bp", row.c, row.s, row.d) for row in pool())
    shares = {
        part.name: sum(steps[step] for step in range(part.first, part.end)) / len(pool())
        for part in SCALES["bp"].parts
    }
    return shares | {SINGLE: SINGLE_SHARE, LATE: LATE_SHARE}


def city(rng: Random) -> list[Tally]:
    """Twelve weeks of stations of different size; a late session counts in the week after."""
    found = []
    for week in WEEKS:
        before = week_of(week.first - timedelta(weeks=1))
        sessions = [
            weekly(site, before if rng.random() < LATE_SHARE else week, row)._replace(
                single=rng.random() < SINGLE_SHARE
            )
            for size, site in enumerate(SITES, start=1)
            for row in rng.choices(pool(), k=rng.randint(4 * size, 9 * size))
        ]
        found += tallied(sessions, week)
    return found


class Judged(NamedTuple):
    """A released share, the chance behind it, and what share of the sessions it really was."""

    cell: Cell
    chance: float
    share: float

    def held(self, truth: float) -> bool:
        return (self.cell.low or 0) <= 100 * truth <= (self.cell.high or 0)


def judged() -> Iterator[Judged]:
    for seed in SEEDS:
        tallies = city(Random(seed))
        for audience, weeks in BLOCKS:
            block = block_of(FIRST, weeks)
            mine = [one for one in tallies if block.holds(one.week)]
            real = shares(mine)
            for cell in release(mine, audience, block, Random(0)):
                if cell.share is not None:
                    chance = truths()[cell.part]
                    yield Judged(cell, chance, real[cell.level, cell.area, cell.part])


def shares(tallies: list[Tally]) -> dict[tuple[Level, str, str], float]:
    """What share of the sessions of each area is of each part, exactly."""
    n: Counter[tuple[Level, str]] = Counter()
    counts: Counter[tuple[Level, str, str]] = Counter()
    for one in tallies:
        for area in (
            (Level.STATION, one.station), (Level.DISTRICT, one.district), (Level.CITY, "110000"),
            (Level.VENUE, one.venue),
        ):  # fmt: skip
            n[area] += one.n
            counts[*area, SINGLE] += one.single
            counts[*area, LATE] += one.late
            for part in SCALES["bp"].parts:
                counts[*area, part.name] += sum(one.steps[part.first : part.end])
    return {
        (level, area, part): count / n[level, area] for (level, area, part), count in counts.items()
    }


def test_released_shares_hold_the_truth_of_the_population_and_of_the_sessions() -> None:
    assert SPRING.month == 4
    found = list(judged())
    by_kind: defaultdict[tuple[str, ...], list[bool]] = defaultdict(list)
    for one in found:
        cell, held = one.cell, one.held(one.chance)
        by_kind[cell.audience, cell.level].append(held)
        by_kind[cell.audience, cell.part].append(held)
    assert {(a, level) for a in Audience for level in Level} <= by_kind.keys()
    coverage = {kind: sum(held) / len(held) for kind, held in by_kind.items()}
    assert {kind: share for kind, share in coverage.items() if share < 0.95} == {}
    assert {(audience, part) for audience in Audience for part in truths()} <= by_kind.keys()
    assert all(one.held(one.share) for one in found)
