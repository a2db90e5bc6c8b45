"""Which sessions a published population holds, as a set of bits that can be reckoned with. Pure.

A bit is an atom less the stations that are looked at on their own, or such a station in an atom. So
a city of 20,000 stations needs some thousand bits and not one for each station and week, and every
union, difference and inclusion of populations comes out as it would with those.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.disclosure.counts import Atom
from ingest.disclosure.tables import Table
from ingest.windows import Block, Level

_BLOCKS_KEPT = 1_024


class Members:
    """The bits of every area, given `around` and the atoms of the stations that have bits."""

    def __init__(
        self, around: Mapping[Atom, int], own: Iterable[tuple[str, Sequence[Atom]]] = ()
    ) -> None:
        self._bits: defaultdict[tuple[Level, str, Week], int] = defaultdict(int)
        self._used = 0
        inside: Counter[Atom] = Counter()
        for station, atoms in own:
            for atom in atoms:
                inside[atom] += 1
                self._give(atom, station)
        self._whole: dict[Atom, int] = {}
        for atom in sorted(around):
            if around[atom] > inside[atom]:
                self._whole[atom] = self._give(atom)

    def of(self, table: Table) -> int:
        """The members of a table's population."""
        members = 0
        for week in weeks_in(table.window):
            members |= self._bits.get((table.level, table.area, week), 0)
        return members

    def of_atoms(self, atoms: Iterable[Atom]) -> int:
        """The members of whole atoms, less the stations that have bits of their own."""
        members = 0
        for atom in atoms:
            members |= self._whole[atom]
        return members

    def _give(self, atom: Atom, station: str | None = None) -> int:
        bit = 1 << self._used
        self._used += 1
        areas = [
            (Level.DISTRICT, atom.district), (Level.CITY, CITY_ADCODE), (Level.VENUE, atom.venue),
        ]  # fmt: skip
        if station is not None:
            areas.append((Level.STATION, station))
        for level, area in areas:
            self._bits[level, area, atom.week] |= bit
        return bit


@lru_cache(_BLOCKS_KEPT)
def weeks_in(block: Block) -> frozenset[Week]:
    """The weeks of a block."""
    return frozenset(block.members())
