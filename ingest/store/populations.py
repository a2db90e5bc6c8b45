"""All cells of one population as one row, the form in which both stores keep them. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from ingest.disclosure import Cell, Rule, State
from ingest.windows import Audience, Block, Level

NUMBERS = ("count", "share", "low", "high", "per_thousand")

_PARTS_KEPT = 256
_PERCENTILE = re.compile(r".*_p[0-9]{2}")
_NO_NUMBERS: tuple[None, ...] = (None,) * len(NUMBERS)
_NOTHING = (None, None, None, *_NO_NUMBERS, None)
_STATES = {str(state): state for state in State}
_RULES: dict[str | None, Rule | None] = {None: None} | {str(rule): rule for rule in Rule}


class Name(NamedTuple):
    """Whose cells they are: one measure in one area and window, for one audience."""

    audience: Audience
    level: Level
    area: str
    window: Block
    measure: str


class Common(NamedTuple):
    """What all cells of a population have in common; `see` is that of those that are hidden."""

    n: int | None
    low_precision: bool
    epsilon: float | None
    see: Level | None


Told = tuple[Any, ...]
"""What one cell says of its own: its fields from `part` to `rule`, `NUMBERS` and `value`."""


@lru_cache(_PARTS_KEPT)
def is_percentile(part: str) -> bool:
    """Whether a cell of this name has, or would have, a value instead of a count."""
    return _PERCENTILE.fullmatch(part) is not None


@dataclass(frozen=True, slots=True)
class Population:
    """One row; `district` is the home of a station, empty for other levels."""

    name: Name
    district: str
    common: Common
    told: tuple[Told, ...]

    def cells(self) -> Iterator[Cell]:
        """Its cells: those of counts, then the percentiles."""
        n, low_precision, epsilon, see = self.common
        for told in self.told:
            hidden = None if told[1] is State.SHOWN else see
            last = (low_precision, hidden, epsilon)
            fields: tuple[Any, ...] = (*self.name, *told[:3], n, *told[3:], *last)
            yield Cell(*fields)


def populations(cells: Iterable[Cell], homes: Mapping[str, str]) -> Iterator[Population]:
    """The rows of cells that come population by population.

    One that R1 hides whole has no row, so that nobody can tell a few sessions from none. Raises
    KeyError for a station without a home, ValueError for cells that do not belong together.
    """
    for name, group in groupby(cells, _name):
        together = list(group)
        if all(cell.rule is Rule.FEW_SESSIONS for cell in together):
            continue
        district = homes[name.area] if name.level is Level.STATION else ""
        yield Population(name, district, _common(name, together), tuple(map(_told, together)))


def in_order(found: Iterable[Population]) -> list[Cell]:
    """The cells of populations from any query: oldest window first, then by name."""
    return [cell for one in sorted(found, key=_place) for cell in one.cells()]


def packed(told: Iterable[Told]) -> tuple[str, str]:
    """Cells as two texts: those of counts, and then the percentiles, which have no numbers."""
    counts: list[list[Any]] = []
    percentiles: list[list[Any]] = []
    for one in told:
        short = list(one)
        if is_percentile(one[0]):
            del short[3:-1]
        while short[-1] is None:
            short.pop()
        (percentiles if is_percentile(one[0]) else counts).append(short)
    return _text(counts), _text(percentiles)


def unpacked(counts: str, percentiles: str = "", *, only: str = "") -> tuple[Told, ...]:
    """The cells in what `packed` made, or `only` one; without its second text, those of counts."""
    found: list[Told] = []
    for short in json.loads(counts):
        if only and short[0] != only:
            continue
        whole = (*short, *_NOTHING[len(short) :])
        found.append((whole[0], _STATES[whole[1]], _RULES[whole[2]], *whole[3:]))
    for part, state, *rest in json.loads(percentiles) if percentiles else ():
        if only and part != only:
            continue
        rule, value = (*rest, None, None)[:2]
        found.append((part, _STATES[state], _RULES[rule], *_NO_NUMBERS, value))
    return tuple(found)


def _text(cells: list[list[Any]]) -> str:
    return json.dumps(cells, separators=(",", ":"))


def _name(cell: Cell) -> Name:
    return Name(cell.audience, cell.level, cell.area, cell.window, cell.measure)


def _common(name: Name, cells: list[Cell]) -> Common:
    first = cells[0]
    sees = {cell.see for cell in cells if cell.state is not State.SHOWN}
    see = next(iter(sees), None)
    found = {(cell.n, cell.low_precision, cell.epsilon) for cell in cells}
    if len(sees) > 1 or len(found) > 1 or len({cell.part for cell in cells}) < len(cells):
        raise ValueError(f"the cells of {name} do not belong together")
    return Common(first.n, first.low_precision, first.epsilon, see)


def _told(cell: Cell) -> Told:
    return (
        cell.part,
        cell.state,
        cell.rule,
        cell.count,
        cell.share,
        cell.low,
        cell.high,
        cell.per_thousand,
        cell.value,
    )


def _place(one: Population) -> tuple[object, ...]:
    name = one.name
    return (
        name.window.ordinal * name.window.weeks,  # how many weeks before it
        name.window.weeks,
        name.audience,
        name.level,
        name.area,
        name.measure,
    )
