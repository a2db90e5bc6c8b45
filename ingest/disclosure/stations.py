"""The release of a block of stations, district by district, so that no city is in memory. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import NamedTuple

from ingest.disclosure.cells import RULES, Cell, Rules
from ingest.disclosure.counts import Atom, Population, Tally, with_noise
from ingest.disclosure.families import Above, Station, alone
from ingest.disclosure.gathering import Gathering, Home
from ingest.disclosure.scales import SCALES
from ingest.disclosure.showing import cells_of
from ingest.disclosure.tables import Table, table, tables_of
from ingest.windows import Audience, Block, Level


class HeldBack(NamedTuple):
    """Stations that must be held against all others, and what is known of those others."""

    kept: dict[str, list[tuple[Population, Station]]]
    passed: dict[str, list[Station]]
    strays: dict[Home, list[Table]]


class StationBlock:
    """One block of stations for one audience: every `district`, then the `rest`, each once.

    `above` are the cells of districts, city and venues released before for weeks of this block, for
    either audience. `around` is what `surroundings` finds in the tallies of all stations of the
    block; if it is empty, the first district is all there is.
    """

    def __init__(
        self,
        audience: Audience,
        block: Block,
        above: Iterable[Cell],
        around: Mapping[Atom, int],
        rules: Mapping[Audience, Rules] = RULES,
    ) -> None:
        self._audience, self._block, self._rules = audience, block, rules
        self._tables = tables_of(above, rules)
        self._around = around
        self._above: dict[str, Above] = {}
        self._kept: defaultdict[str, list[tuple[Population, Station]]] = defaultdict(list)
        self._passed: defaultdict[str, list[Station]] = defaultdict(list)
        self._strays: defaultdict[Home, list[Table]] = defaultdict(list)

    def district(
        self, tallies: Iterable[Tally], rng: Random, frozen: Iterable[Cell] = ()
    ) -> list[Cell]:
        """The cells of most stations of a district; the others are told by `rest`.

        `tallies` are all those of the stations whose latest one in the block is in the district,
        `frozen` the cells of the district's stations released before for weeks of the block. `rng`
        draws its noise: with one of its own that is the same, whichever districts come before it.
        """
        gathering = Gathering(self._block, [Level.STATION])
        gathering.add(tallies)
        self._around = self._around or gathering.around
        if not gathering.around.keys() <= self._around.keys():
            raise ValueError("`around` lacks a place of these stations: count all of the city")
        before = self._before(frozen, gathering)
        rules = self._rules[self._audience]
        cells: list[Cell] = []
        for plain in gathering.populations():
            population = with_noise(plain, rules, rng)
            made = table(population, self._audience, self._block, SCALES[plain.measure], rules)
            home = (plain.area, plain.measure)
            fresh = (made,) if made.n is not None else ()
            station = Station(plain.area, gathering.homes[home], fresh, tuple(before.get(home, ())))
            cells += self._told(population, station)
        return cells

    def held_back(self) -> HeldBack:
        """What districts have left for `rest`, to be taken by the block of another process."""
        return HeldBack(dict(self._kept), dict(self._passed), dict(self._strays))

    def take(self, other: HeldBack) -> None:
        """Let `rest` tell what another block of the same window has held back, too."""
        for measure, kept in other.kept.items():
            self._kept[measure] += kept
        for measure, passed in other.passed.items():
            self._passed[measure] += passed
        for home, strays in other.strays.items():
            self._strays[home] += strays

    def rest(self) -> list[Cell]:
        """The cells of the stations that had to be held against all others."""
        cells: list[Cell] = []
        for measure in sorted(self._kept):
            kept = [
                replace(one, frozen=(*one.frozen, *self._strays[one.area, measure]))
                for _, one in self._kept[measure]
            ]
            above = self._above_of(measure)
            beside = above.with_partners([*kept, *self._passed[measure]])
            found = above.guarded([*kept, *(one for one in beside if not one.fresh)])
            for (population, _), made in zip(self._kept[measure], found, strict=True):
                cells += cells_of(population, made)
        return cells

    def _told(self, population: Population, station: Station) -> Iterator[Cell]:
        """The cells of a station that tells nothing with others; one that may is kept."""
        above = self._above_of(population.measure)
        moved = len({atom.district for atom in station.atoms}) > 1
        if station.fresh and (moved or above.is_near(station)):
            self._kept[population.measure].append((population, station))
            return
        less = alone(station)
        shown = tuple(one for one in less.told() if one.n is not None)
        told = Station(less.area, less.atoms, (), shown)
        if above.is_inside(told):
            self._passed[population.measure].append(told)
        for made in less.fresh:
            yield from cells_of(population, made)

    def _above_of(self, measure: str) -> Above:
        if measure not in self._above:
            around = {a: count for a, count in self._around.items() if a.measure == measure}
            tables = [one for one in self._tables if one.scale.measure == measure]
            self._above[measure] = Above(tables, around)
        return self._above[measure]

    def _before(self, frozen: Iterable[Cell], gathering: Gathering) -> dict[Home, list[Table]]:
        """The shown tables of these stations' earlier windows; of others they are put aside."""
        found: defaultdict[Home, list[Table]] = defaultdict(list)
        for one in tables_of(frozen, self._rules):
            home = (one.area, one.scale.measure)
            if one.n is not None and (one.audience, one.window) != (self._audience, self._block):
                (found if home in gathering.homes else self._strays)[home].append(one)
        return found


def told_stations(tables: Iterable[Table], homes: Mapping[Home, tuple[Atom, ...]]) -> list[Station]:
    """Stations by their earlier tables, as far as they have sessions in the block."""
    found: defaultdict[Home, list[Table]] = defaultdict(list)
    for one in tables:
        found[one.area, one.scale.measure].append(one)
    return [
        Station(home[0], homes[home], (), tuple(told))
        for home, told in sorted(found.items(), key=lambda one: one[0])
        if home in homes
    ]
