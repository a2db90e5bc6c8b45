"""Sessions summed up for every area and window that a release tells of. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.disclosure.scales import EXTREMES, SCALES, Part, Scale
from ingest.windows import (
    Audience,
    Block,
    Level,
    block_of,
    closing_with,
    extremes_weeks,
    levels_of,
)


class Window(NamedTuple):
    """What is released together: one level's areas for one audience in one block of weeks."""

    audience: Audience
    level: Level
    block: Block

    @property
    def is_of_extremes(self) -> bool:
        """Whether it tells the city's extremes and nothing else."""
        return self.level not in levels_of(self.audience, self.block.weeks)

    def scale(self, measure: str) -> Scale:
        """The scale whose parts it tells."""
        return (EXTREMES if self.is_of_extremes else SCALES)[measure]


def windows_of(released: Iterable[Week]) -> Iterator[Window]:
    """Every window that was released with these weeks."""
    for week in released:
        for audience, block in closing_with(week):
            for level in levels_of(audience, block.weeks):
                yield Window(audience, level, block)
            if block.weeks == extremes_weeks(audience):
                yield Window(audience, Level.CITY, block)


class AreaSums:
    """Sums of steps by level, block, measure and area, for those windows that are released."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._lengths: defaultdict[Level, set[int]] = defaultdict(set)
        self._blocks: set[tuple[Level, Block]] = set()
        for window in windows:
            self._lengths[window.level].add(window.block.weeks)
            self._blocks.add((window.level, window.block))
        self._sums: defaultdict[tuple[Level, Block, str], dict[str, list[int]]] = defaultdict(dict)

    def add(
        self, station: str, district: str, venue: str, week: Week, measure: str, sums: Sequence[int]
    ) -> None:
        """Count a station's sums of a measure in a week, in every window that they are part of."""
        areas = {
            Level.STATION: station,
            Level.DISTRICT: district,
            Level.CITY: CITY_ADCODE,
            Level.VENUE: venue,
        }
        for level, lengths in self._lengths.items():
            for length in lengths:
                block = block_of(week, length)
                if (level, block) in self._blocks:
                    places = self._sums[level, block, measure]
                    known = places.get(areas[level])
                    added = sums if known is None else map(int.__add__, known, sums)
                    places[areas[level]] = list(added)

    def of(self, window: Window, measure: str) -> dict[str, list[int]]:
        """The sums of every area with sessions of a measure in a window."""
        return self._sums.get((window.level, window.block, measure), {})


def share_of(part: Part, steps: Sequence[int]) -> int:
    """How many sessions are in a part."""
    return sum(steps[part.first : part.end])


def told_by_category(measure: str, part: Part) -> bool:
    """Whether the categories alone say which sessions are in a part.

    High normal pressure has two steps, which only bins tell apart.
    """
    names = SCALES[measure].steps
    cut = names.index("high_normal_home") if "high_normal_home" in names else 0
    return not cut or cut not in (part.first, part.end)


def every_measure(windows: Iterable[Window]) -> Iterator[tuple[Window, str]]:
    """Each window with each measure."""
    return product(windows, SCALES)
