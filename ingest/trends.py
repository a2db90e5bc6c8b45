"""Disclosure control: from sessions of closed weeks to cells that may be shown. Pure.

Implemented here: a cell needs 20 sessions (R1); a part below 8 becomes "<8" and a part whose
complement is below 8 is hidden (R2); every count is rounded to 5 on its own, and percentages come
from rounded counts (R3). The windows are fixed, closed and frozen by `ingest.release` (R4, R5).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from contract.disclosure import SMALLEST_COUNT, rounded
from contract.places import CITY_ADCODE
from contract.screening import CHINESE_CATEGORIES, HYPERTENSIVE
from ingest.calendar import Week

HIGH = "high"
"""The part at or above 140/90, released beside the five categories it is made of."""

LOW_PRECISION_BELOW = 100


class State(StrEnum):
    """What a released cell may say."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Rules:
    """The one number that an operator may raise."""

    minimum_sessions: int = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """One session as trends see it."""

    window: Week
    district: str
    category: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A released number: counts are rounded to 5, `share` is a percentage of rounded counts.

    `n` is the number of sessions in the area and window, None where R1 hides all of it.
    """

    window: Week
    area: str
    category: str
    state: State
    n: int | None = None
    count: int | None = None
    share: int | None = None
    low_precision: bool = False


def release(sessions: Iterable[Counted], rules: Rules) -> list[Cell]:
    """The cells of every window, district and the city that `sessions` fall in, in fixed order."""
    parts: defaultdict[tuple[Week, str], Counter[str]] = defaultdict(Counter)
    for session in sessions:
        for area in (session.district, CITY_ADCODE):
            parts[session.window, area][session.category] += 1
    return [
        cell
        for (window, area), counts in sorted(parts.items())
        for cell in _cells(window, area, counts, rules)
    ]


def _cells(window: Week, area: str, counts: Counter[str], rules: Rules) -> Iterator[Cell]:
    total = counts.total()
    high = sum(counts[category] for category in HYPERTENSIVE)
    for category, part in ((HIGH, high), *((name, counts[name]) for name in CHINESE_CATEGORIES)):
        if total < rules.minimum_sessions:
            yield Cell(window, area, category, State.HIDDEN)
            continue
        n = rounded(total)
        low_precision = n < LOW_PRECISION_BELOW
        if part < SMALLEST_COUNT:
            yield Cell(window, area, category, State.SMALL, n, low_precision=low_precision)
        elif total - part < SMALLEST_COUNT:
            yield Cell(window, area, category, State.HIDDEN, n, low_precision=low_precision)
        else:
            count = rounded(part)
            yield Cell(
                window, area, category, State.SHOWN, n, count, _percent(count, n), low_precision
            )


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)
