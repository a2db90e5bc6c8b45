"""Sums of sessions by week and place, gathered into the populations that cells describe. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.disclosure.cells import Rules
from ingest.disclosure.noise import noisy
from ingest.disclosure.scales import SCALES, step_of
from ingest.windows import Level


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
    steps: defaultdict[_Key, list[int]] = defaultdict(list)
    bins: dict[_Key, dict[str, Counter[float]]] = {}
    single: Counter[_Key] = Counter()
    late: Counter[_Key] = Counter()
    for one in sessions:
        key = (one.station, one.district, one.venue, one.measure)
        if key not in bins:
            scale = SCALES[one.measure]
            steps[key] = [0] * len(scale.steps)
            bins[key] = {quantity: Counter() for quantity in scale.lines}
        step = step_of(one.measure, one.category, one.systolic, one.diastolic)
        steps[key][step] += one.sessions
        single[key] += one.sessions * one.single
        late[key] += one.sessions * (one.week < week)
        for quantity, counter in bins[key].items():
            value = getattr(one, quantity)
            if value is not None:
                counter[value] += one.sessions
    return [
        Tally(week, *key, tuple(steps[key]), bins[key], single[key], late[key])
        for key in sorted(bins)
    ]


_Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Population:
    """All sessions of one measure in one area and window.

    `steps` counts them on the measure's scale; `bins` counts, for each quantity, the left edges of
    their bins.
    """

    level: Level
    area: str
    measure: str
    steps: list[int]
    bins: dict[str, Counter[float]]

    @property
    def n(self) -> int:
        """How many sessions there are."""
        return sum(self.steps)


class Place(NamedTuple):
    """An area of a level."""

    level: Level
    area: str


@dataclass(slots=True)
class _Gathering:
    found: dict[tuple[Place, str], Population] = field(default_factory=dict)

    def of(self, place: Place, measure: str) -> Population:
        known = self.found.get((place, measure))
        if known is None:
            scale = SCALES[measure]
            bins: dict[str, Counter[float]] = {quantity: Counter() for quantity in scale.lines}
            known = Population(*place, measure, [0] * len(scale.steps), bins)
            self.found[place, measure] = known
        return known


def places_of(weekly: Weekly) -> dict[Level, Place]:
    """The areas that these sessions count in, one of each level."""
    return {
        Level.STATION: Place(Level.STATION, weekly.station),
        Level.DISTRICT: Place(Level.DISTRICT, weekly.district),
        Level.CITY: Place(Level.CITY, CITY_ADCODE),
        Level.VENUE: Place(Level.VENUE, weekly.venue),
    }


def populations(counts: Iterable[Weekly], levels: Iterable[Level]) -> list[Population]:
    """The populations of these levels, ordered by level, area and measure."""
    levels = tuple(levels)
    gathering = _Gathering()
    for weekly in counts:
        places = places_of(weekly)
        step = step_of(weekly.measure, weekly.category, weekly.systolic, weekly.diastolic)
        for level in levels:
            population = gathering.of(places[level], weekly.measure)
            population.steps[step] += weekly.sessions
            for quantity, counter in population.bins.items():
                value = getattr(weekly, quantity)
                if value is not None:
                    counter[value] += weekly.sessions
    return [gathering.found[key] for key in sorted(gathering.found)]


def with_noise(population: Population, rules: Rules, rng: Random) -> Population:
    """The population with noise on every step, and without bins, which have none."""
    if rules.epsilon is None:
        return population
    steps = [noisy(count, rules.epsilon, rng) for count in population.steps]
    return Population(population.level, population.area, population.measure, steps, {})


def membership(counts: Iterable[Weekly]) -> dict[tuple[Place, Week], int]:
    """For each area and week, which (station, week) pairs are in it: one bit for each pair."""
    bits: dict[tuple[str, Week], int] = {}
    places: defaultdict[tuple[Place, Week], int] = defaultdict(int)
    for weekly in counts:
        pair = (weekly.station, weekly.week)
        if pair not in bits:
            bits[pair] = 1 << len(bits)
            for place in places_of(weekly).values():
                places[place, weekly.week] |= bits[pair]
    return dict(places)
