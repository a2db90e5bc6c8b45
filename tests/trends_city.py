"""Simulated sessions of a city with known truth, as weekly counts: what a release is made of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from random import Random
from typing import NamedTuple

from contract.screening_batch import BloodPressureRow, blood_pressure_row
from ingest.calendar import Week
from ingest.disclosure import Tally, Weekly, tallied
from simulators.population import draw_person, draw_readings, session_value

SPRING = date(2026, 4, 8)


class Site(NamedTuple):
    """A station with its district and kind of venue."""

    station: str
    district: str
    venue: str


@cache
def pool(size: int = 4_000, seed: int = 7) -> tuple[BloodPressureRow, ...]:
    """Sessions of a simulated population on a spring day."""
    rng = Random(seed)
    return tuple(
        blood_pressure_row(
            *session_value(draw_readings(rng, draw_person(rng), SPRING, 12)), single=False
        )
        for _ in range(size)
    )


def weekly(site: Site, week: Week, row: BloodPressureRow) -> Weekly:
    """One blood-pressure session as a weekly count."""
    return Weekly(week, *site, "bp", row.c, row.s, row.d, None, row.single)


def summed(sessions: Iterable[Weekly]) -> list[Weekly]:
    """The sessions as sums of equal ones, in no particular order."""
    return [one._replace(sessions=count) for one, count in Counter(sessions).items()]


def counted(sessions: Iterable[Weekly]) -> list[Tally]:
    """The sessions as tallies, each counted in its own week."""
    by_week: defaultdict[Week, list[Weekly]] = defaultdict(list)
    for one in sessions:
        by_week[one.week].append(one)
    return [tally for week in sorted(by_week) for tally in tallied(by_week[week], week)]


def of_category(category: str) -> BloodPressureRow:
    """A row of a category, `high_normal` below 135/85."""
    systolic = {"normal": 110, "high_normal": 125, "grade1": 150, "grade2": 165, "grade3": 190}
    return blood_pressure_row(systolic[category], 70, 70, single=False)


def drawn(
    rng: Random, sites: Sequence[Site], weeks: Sequence[Week], low: int, high: int
) -> list[Weekly]:
    """From `low` to `high` sessions at every site in every week, each of a person of the pool."""
    return [
        weekly(site, week, rng.choice(pool()))
        for site in sites
        for week in weeks
        for _ in range(rng.randint(low, high))
    ]
