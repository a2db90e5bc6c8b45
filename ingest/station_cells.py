"""The cells of a block of stations: district by district, and in a large city by two processes.

Most of a release is the reckoning of stations, and districts have little to do with each other.
Both processes publish what they make; what must be held against the whole city comes together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest import disclosure
from ingest.cycles import cycles_left
from ingest.disclosure import Cell, Rules
from ingest.disclosure.stations import HeldBack
from ingest.noise_key import KeyedRandom
from ingest.operations import Operations
from ingest.second_process import SHARED_FROM, Open, second_process
from ingest.store import Store
from ingest.windows import Audience, Block

Homes = Mapping[str, list[str]]
"""Every station with the districts that it was in, the latest last."""


@dataclass(frozen=True, slots=True)
class Task:
    """A block of stations for one audience; `earlier` end with it too, and come before it."""

    audience: Audience
    block: Block
    rules: Mapping[Audience, Rules]
    key: bytes
    earlier: frozenset[tuple[Audience, Block]]

    def rng(self, label: str) -> KeyedRandom:
        """What draws the noise of a part of the block."""
        return KeyedRandom(self.key, f"{self.audience}:{self.block}:{label}")


def publish_stations(
    store: Store,
    operations: Operations,
    task: Task,
    homes: Homes,
    elsewhere: Open | None,
    shared_from: int = SHARED_FROM,
) -> None:
    """Publish the cells of every station; by two processes if there are many, and a way to."""
    latest = {station: districts[-1] for station, districts in homes.items()}
    # One that all stations have left by now still has what was released of them before.
    districts = districts_of(homes)
    if elsewhere is None or len(homes) < shared_from:
        making = _districts_told(store, operations, task, latest, districts)
    else:
        here, there = halves(latest, districts)
        with second_process() as other:
            others = other.submit(_told_elsewhere, elsewhere, task, latest, there)
            making = _districts_told(store, operations, task, latest, here)
            making.take(others.result())
    store.trends.publish(making.rest(), latest)


def halves(latest: Mapping[str, str], districts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The districts in two shares of about as many stations."""
    sizes = dict.fromkeys(districts, 0)
    for district in latest.values():
        sizes[district] += 1
    shares: tuple[list[str], list[str]] = ([], [])
    weights = [0, 0]
    for district in sorted(districts, key=lambda one: (-sizes[one], one)):
        lighter = weights.index(min(weights))
        shares[lighter].append(district)
        weights[lighter] += sizes[district]
    return shares


def frozen(store: Store, task: Task, *districts: str) -> Iterator[Cell]:
    """What was released before in the block, and not what a killed release has left there."""
    known: dict[tuple[Audience, Block], bool] = {}  # a city has a million cells
    for district in districts:
        for cell in store.trends.cells_within(task.block, district):
            window = cell.audience, cell.window
            before = known.get(window)
            if before is None:
                before = window in task.earlier or cell.window.last < task.block.last
                known[window] = before
            if before:
                yield cell


def districts_of(homes: Homes) -> list[str]:
    """Every district that a station was in."""
    return sorted({one for districts in homes.values() for one in districts})


def _districts_told(
    store: Store,
    operations: Operations,
    task: Task,
    latest: Mapping[str, str],
    districts: Sequence[str],
) -> disclosure.StationBlock:
    """Publish most stations of these districts; what is returned holds the others."""
    making = disclosure.StationBlock(
        task.audience,
        task.block,
        frozen(store, task, ""),
        operations.releases.atoms(task.block),
        task.rules,
    )
    for district in districts:
        mine = [station for station, home in latest.items() if home == district]
        tallies = operations.releases.tallies(task.block, mine)
        rng = task.rng(f"stations:{district}")
        cells = making.district(tallies, rng, frozen(store, task, district))
        store.trends.publish(cells, latest)
    return making


def _told_elsewhere(
    opened: Open, task: Task, latest: Mapping[str, str], districts: Sequence[str]
) -> HeldBack:
    store, operations = opened()
    with cycles_left():
        return _districts_told(store, operations, task, latest, districts).held_back()
