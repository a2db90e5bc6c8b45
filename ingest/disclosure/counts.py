"""Sums of sessions by week and place, gathered into the populations that cells describe. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple

from ingest.calendar import Week
from ingest.disclosure.cells import Rules
from ingest.disclosure.noise import noisy
from ingest.disclosure.scales import SCALES, step_of
from ingest.windows import Level

_STEPS_KEPT = 4_096


class Weekly(NamedTuple):
    """How many sessions of one kind count in one week at one station.

    `week` is the week they count in, which for late ones is not that of their day. Pressures in
    mmHg and glucose in mmol/L are left edges of bins, None where the measure has no such quantity.
    """

    week: Week
    station: str
    district: str
    venue: str
    measure: str
    category: str
    systolic: int | None
    diastolic: int | None
    glucose: float | None
    single: bool
    sessions: int = 1


class Tally(NamedTuple):
    """What one station adds to one released week of one measure: sums, and no session.

    `week` is the week they count in. `steps` counts sessions on the measure's scale, `bins` gives
    for each quantity how many sessions have which left edge. `single` of them held one reading,
    `late` came after the week of their day was released.
    """

    week: Week
    station: str
    district: str
    venue: str
    measure: str
    steps: tuple[int, ...]
    bins: Mapping[str, Mapping[float, int]]
    single: int = 0
    late: int = 0

    @property
    def n(self) -> int:
        """How many sessions there are."""
        return sum(self.steps)


class CityWeek(NamedTuple):
    """How many sessions of a measure the whole city has on each step in one released week."""

    week: Week
    measure: str
    steps: tuple[int, ...]


def tallied(sessions: Iterable[Weekly], week: Week) -> list[Tally]:
    """Sessions that are to count in `week` as tallies, by station, district, venue and measure."""
    found: dict[tuple[str, str, str, str], _Sums] = {}
    for one in sessions:
        key = (one.station, one.district, one.venue, one.measure)
        sums = found.get(key)
        if sums is None:
            scale = SCALES[one.measure]
            sums = found[key] = _Sums(
                [0] * len(scale.steps), {quantity: Counter() for quantity in scale.lines}
            )
        sums.add(one, is_late=one.week < week)
    return [
        Tally(week, *key, tuple(sums.steps), sums.bins, sums.single, sums.late)
        for key, sums in sorted(found.items())
    ]


@dataclass(slots=True)
class _Sums:
    """What becomes a tally."""

    steps: list[int]
    bins: dict[str, Counter[float]]
    single: int = 0
    late: int = 0

    def add(self, one: Weekly, *, is_late: bool) -> None:
        self.steps[_step_of(one.measure, one.category, one.systolic, one.diastolic)] += one.sessions
        if one.single:
            self.single += one.sessions
        if is_late:
            self.late += one.sessions
        for quantity, counter in self.bins.items():
            value = getattr(one, quantity)
            if value is not None:
                counter[value] += one.sessions


_step_of = lru_cache(_STEPS_KEPT)(step_of)


class Atom(NamedTuple):
    """What no area above stations divides: a measure, a week, a district and a kind of venue."""

    measure: str
    week: Week
    district: str
    venue: str


def atom_of(tally: Tally) -> Atom:
    """Where the sessions of a tally are."""
    return Atom(tally.measure, tally.week, tally.district, tally.venue)


def surroundings(tallies: Iterable[Tally]) -> Counter[Atom]:
    """How many stations have sessions in each atom: the `around` of a block of stations.

    For the tallies of all stations of the city in a block; a tally of nothing does not count. Who
    has a database may count the same there: distinct stations by measure, week, district, venue.
    """
    return Counter(
        atom for _, atom in {(one.station, atom_of(one)) for one in tallies if any(one.steps)}
    )


@dataclass(slots=True)
class Population:
    """All sessions of one measure in one area and window.

    `steps` counts them on the measure's scale; `bins` counts, for each quantity, the left edges of
    their bins; `single` and `late` are as in `Tally`.
    """

    level: Level
    area: str
    measure: str
    steps: list[int]
    bins: dict[str, dict[float, int]]
    single: int = 0
    late: int = 0

    @property
    def n(self) -> int:
        """How many sessions there are."""
        return sum(self.steps)

    def add(self, other: "Tally | Population") -> None:
        """Count the sessions of `other`, of the same measure, too."""
        self.steps = [one + more for one, more in zip(self.steps, other.steps, strict=True)]
        for quantity, counts in other.bins.items():
            mine = self.bins[quantity]
            known = mine.get
            for edge, count in counts.items():
                mine[edge] = known(edge, 0) + count
        self.single += other.single
        self.late += other.late


def nobody(level: Level, area: str, measure: str) -> Population:
    """A population that holds no session yet."""
    scale = SCALES[measure]
    bins: dict[str, dict[float, int]] = {quantity: {} for quantity in scale.lines}
    return Population(level, area, measure, [0] * len(scale.steps), bins)


def with_noise(population: Population, rules: Rules, rng: Random) -> Population:
    """The population with noise on every count, and without bins, which have none.

    Steps are disjoint, so together they cost ε once; `single` and `late` cost ε each besides.
    """
    if rules.epsilon is None:
        return population
    epsilon = rules.epsilon
    steps = [noisy(count, epsilon, rng) for count in population.steps]
    single, late = (noisy(count, epsilon, rng) for count in (population.single, population.late))
    where = (population.level, population.area, population.measure)
    return Population(*where, steps, {}, single, late)
