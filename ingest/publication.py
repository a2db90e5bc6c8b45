"""From the tallies of a sealed week to the cells of every block that ends with it.

Whatever is repeated after a kill is made of the same: tallies that do not change, noise from the
week's key, and of the cells that are there already only those that came before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest import disclosure
from ingest.calendar import Week
from ingest.disclosure import Cell, Rules
from ingest.noise_key import KeyedRandom
from ingest.operations import Operations
from ingest.store import Store
from ingest.windows import Audience, Block, Level, closing_with, extremes_weeks, levels_of

_Homes = Mapping[str, list[str]]


def publish(
    store: Store, operations: Operations, rules: dict[Audience, Rules], week: Week, key: bytes
) -> None:
    """Publish all cells of all blocks that end with `week`, in their order; safe to repeat."""
    earlier: set[tuple[Audience, Block]] = set()
    homes: dict[Block, dict[str, list[str]]] = {}
    for audience, block in closing_with(week):
        levels = levels_of(audience, block.weeks)
        if levels and block not in homes:
            homes[block] = operations.releases.homes(block)
        making = _Making(store, operations, rules, key, audience, block, frozenset(earlier))
        if Level.STATION in levels:
            making.stations(homes[block])
        elif levels:
            making.levels(homes[block])
        if block.weeks == extremes_weeks(audience):
            making.extremes()
        earlier.add((audience, block))


@dataclass(frozen=True)
class _Making:
    """The cells of one block for one audience; `earlier` are those that end with it and precede."""

    store: Store
    operations: Operations
    rules: dict[Audience, Rules]
    key: bytes
    audience: Audience
    block: Block
    earlier: frozenset[tuple[Audience, Block]]

    def levels(self, homes: _Homes) -> None:
        """Everything but stations."""
        cells = disclosure.release(
            self.operations.releases.tallies(self.block, homes),
            self.audience,
            self.block,
            self._rng("levels"),
            self._frozen("", *_districts(homes)),
            self.rules,
        )
        self.store.trends.publish(cells, {})

    def stations(self, homes: _Homes) -> None:
        """The stations, district by district: those whose latest tally in the block is there."""
        making = disclosure.StationBlock(
            self.audience,
            self.block,
            self._rng("stations"),
            self._frozen(""),
            self.operations.releases.atoms(self.block),
            self.rules,
        )
        latest = {station: districts[-1] for station, districts in homes.items()}
        # One that all stations have left by now still has what was released of them before.
        for district in _districts(homes):
            mine = [station for station, home in latest.items() if home == district]
            tallies = self.operations.releases.tallies(self.block, mine)
            cells = making.district(tallies, self._frozen(district))
            self.store.trends.publish(cells, latest)
        self.store.trends.publish(making.rest(), latest)

    def extremes(self) -> None:
        """The city's extremes."""
        weeks = self.operations.releases.city_weeks(self.block)
        rng = self._rng("extremes")
        cells = disclosure.release_extremes(weeks, self.audience, self.block, rng, self.rules)
        self.store.trends.publish(cells, {})

    def _frozen(self, *districts: str) -> Iterator[Cell]:
        """What was released before in the block, and not what a killed release has left there."""
        known: dict[tuple[Audience, Block], bool] = {}  # a city has a million cells
        for district in districts:
            for cell in self.store.trends.cells_within(self.block, district):
                window = cell.audience, cell.window
                before = known.get(window)
                if before is None:
                    before = window in self.earlier or cell.window.last < self.block.last
                    known[window] = before
                if before:
                    yield cell

    def _rng(self, label: str) -> KeyedRandom:
        return KeyedRandom(self.key, f"{self.audience}:{self.block}:{label}")


def _districts(homes: _Homes) -> list[str]:
    """Every district that a station was in."""
    return sorted({one for districts in homes.values() for one in districts})
