"""Which published populations are held against each other, so that R8 need not try all. Pure.

A city has thousands of stations, but few of them can make a small group with what is above them.
Three populations make a group in two ways (`remainders`), so a station is looked at with all that
is above only if

* it is inside such an area and it and another station, or another area, nearly fill it, or
* it is larger than an area that it reaches into, or
* it is the only station, or one of two, somewhere: a week of a kind of venue in a district.

Any other is looked at with itself over its other windows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from ingest.disclosure.counts import Atom
from ingest.disclosure.members import Members, weeks_in
from ingest.disclosure.remainders import guarded
from ingest.disclosure.tables import Table

_FEW = 2


@dataclass(frozen=True, slots=True)
class Station:
    """The shown tables of one station and measure, and the atoms in which it has sessions."""

    area: str
    atoms: tuple[Atom, ...]
    fresh: tuple[Table, ...]
    frozen: tuple[Table, ...] = ()

    def told(self) -> tuple[Table, ...]:
        """All its tables."""
        return (*self.fresh, *self.frozen)

    def windows(self) -> Iterator[tuple[Table, tuple[Atom, ...]]]:
        """Each table with the atoms that are in its window."""
        for table in self.told():
            weeks = weeks_in(table.window)
            atoms = tuple(atom for atom in self.atoms if atom.week in weeks)
            if atoms:
                yield table, atoms


@dataclass(frozen=True, slots=True)
class _Area:
    """An area with its least size, less the minimum too, and what is inside it, largest first."""

    members: int
    least: int
    room: int
    inside: tuple[tuple[int, int], ...]

    def is_filled(self, members: int, most: int) -> bool:
        """Whether what is inside, of `most` sessions, may nearly fill it, with another or not."""
        if 2 * most > self.room:
            return True
        for other, size in self.inside:
            if size + most <= self.room:
                return False
            if not other & members:
                return True
        return False


class Above:
    """What is shown above the stations of a block, of one measure, and which stations come near."""

    def __init__(
        self, frozen: Iterable[Table], around: Mapping[Atom, int], fresh: Iterable[Table] = ()
    ) -> None:
        self._fresh = [table for table in fresh if table.n is not None]
        self._frozen = [table for table in frozen if table.n is not None]
        self._around = around
        self._members = Members(around)
        found = [(self._members.of(table), *table.size()) for table in self._shown()]
        largest_first = sorted(((one[0], one[2]) for one in found), key=lambda one: -one[1])
        self._areas = [
            _Area(
                members,
                least,
                least - table.rules.minimum_sessions,
                tuple(one for one in largest_first if not one[0] & ~members),
            )
            for (members, least, _), table in zip(found, self._shown(), strict=True)
        ]
        self._holding = {atom: self._areas_with(atom) for atom in around}
        self._smallest = {
            atom: min((self._areas[index].least for index in held), default=inf)
            for atom, held in self._holding.items()
        }

    def _areas_with(self, atom: Atom) -> frozenset[int]:
        members = self._members.of_atoms((atom,))
        return frozenset(i for i, area in enumerate(self._areas) if area.members & members)

    def is_near(self, station: Station) -> bool:
        """Whether this station may make a small group with what is above it.

        Of two stations that do so together, this is true for the larger one.
        """
        if any(self._around.get(atom, 0) <= _FEW for atom in station.atoms):
            return True
        for table, atoms in station.windows():
            most = table.size()[1]
            if most > min(self._smallest[atom] for atom in atoms):
                return True
            holding = self._all_holding(atoms)
            mine = self._members.of_atoms(atoms) if holding else 0
            if any(self._areas[index].is_filled(mine, most) for index in holding):
                return True
        return False

    def is_inside(self, station: Station) -> bool:
        """Whether a window of this station is all inside an area above it."""
        return bool(self._sizes_inside(station))

    def with_partners(self, stations: Iterable[Station]) -> list[Station]:
        """Those that may nearly fill an area together with another of them."""
        sizes = [(station, self._sizes_inside(station)) for station in stations]
        largest: defaultdict[int, int] = defaultdict(int)
        for _, inside in sizes:
            for index, most in inside.items():
                largest[index] = max(largest[index], most)
        return [
            station
            for station, inside in sizes
            if any(most + largest[i] > self._areas[i].room for i, most in inside.items())
        ]

    def chosen(self, stations: Sequence[Station]) -> list[Station]:
        """Those that must be held against what is above, when all are known at once."""
        partners = {station.area for station in self.with_partners(stations)}
        return [one for one in stations if one.area in partners or self.is_near(one)]

    def guarded(self, stations: Sequence[Station] = ()) -> list[Table]:
        """The fresh tables after R8: those of areas, then those of these stations."""
        members = Members(self._around, [(station.area, station.atoms) for station in stations])
        fresh = [*self._fresh, *(table for station in stations for table in station.fresh)]
        frozen = [*self._frozen, *(table for station in stations for table in station.frozen)]
        return guarded(fresh, frozen, [members.of(table) for table in (*fresh, *frozen)])

    def _shown(self) -> list[Table]:
        return [*self._fresh, *self._frozen]

    def _sizes_inside(self, station: Station) -> dict[int, int]:
        """For each area that holds a window of this station, the greatest size of one."""
        sizes: dict[int, int] = {}
        for table, atoms in station.windows():
            for index in self._all_holding(atoms):
                sizes[index] = max(sizes.get(index, 0), table.size()[1])
        return sizes

    def _all_holding(self, atoms: Sequence[Atom]) -> frozenset[int]:
        """The areas that hold all of these atoms."""
        return frozenset.intersection(*(self._holding[atom] for atom in atoms))


def alone(station: Station) -> Station:
    """A station after R8 held against itself over its other windows only."""
    tables = station.told()
    if len(tables) < 2:
        return station
    members = [
        sum(1 << bit for bit, atom in enumerate(station.atoms) if atom.week in weeks)
        for weeks in (weeks_in(table.window) for table in tables)
    ]
    found = guarded(station.fresh, station.frozen, members)
    return replace(station, fresh=tuple(found))
