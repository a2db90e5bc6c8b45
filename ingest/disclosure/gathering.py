"""Tallies that come one after the other, gathered into the populations that cells describe. Pure.

No tally is kept: a city has a million in twelve weeks. Areas above stations are summed by atom
first, of which there are few.
"""

from collections import Counter
from collections.abc import Iterable

from contract.places import CITY_ADCODE
from ingest.disclosure.counts import Atom, Population, Tally, atom_of, nobody
from ingest.windows import Block, Level

Home = tuple[str, str]
"""A station and a measure."""


class Gathering:
    """The sums of a block, and which atoms each station has sessions in."""

    def __init__(self, block: Block, levels: Iterable[Level]) -> None:
        self.around: Counter[Atom] = Counter()
        """How many stations have sessions in each atom."""
        self.homes: dict[Home, tuple[Atom, ...]] = {}
        """The atoms in which each station has sessions of a measure."""
        self._block = block
        self._levels = frozenset(levels)
        self._atoms: dict[Atom, tuple[Atom, Population]] = {}
        self._stations: dict[Home, Population] = {}

    def add(self, tallies: Iterable[Tally]) -> None:
        """Count tallies; raises ValueError for one of another week."""
        for tally in tallies:
            if not self._block.holds(tally.week):
                raise ValueError(f"a count of {tally.week} is not of {self._block}")
            if any(tally.steps):
                self._add(tally)

    def populations(self) -> list[Population]:
        """Those of the levels asked for, ordered by level, area and measure."""
        found: dict[tuple[Level, str, str], Population] = {}
        for (station, measure), population in self._stations.items():
            found[Level.STATION, station, measure] = population
        for atom, population in self._atoms.values():
            areas = {
                Level.DISTRICT: atom.district, Level.CITY: CITY_ADCODE, Level.VENUE: atom.venue,
            }  # fmt: skip
            for level in self._levels - {Level.STATION}:
                key = (level, areas[level], atom.measure)
                if key not in found:
                    found[key] = nobody(*key)
                found[key].add(population)
        return [found[key] for key in sorted(found)]

    def _add(self, tally: Tally) -> None:
        same = atom_of(tally)
        known = self._atoms.get(same)
        if known is None:
            known = self._atoms[same] = (same, nobody(Level.VENUE, tally.venue, tally.measure))
        atom, population = known  # one object for equal atoms: there are many stations
        if self._levels - {Level.STATION}:
            population.add(tally)
        home = (tally.station, tally.measure)
        if Level.STATION in self._levels:
            if home not in self._stations:
                self._stations[home] = nobody(Level.STATION, *home)
            self._stations[home].add(tally)
        atoms = self.homes.get(home, ())
        if atom not in atoms:
            self.homes[home] = (*atoms, atom)
            self.around[atom] += 1
