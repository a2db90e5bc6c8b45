"""Attacks A, C, D and E: take the difference of two answers between which only the victim came."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ingest.calendar import week_of
from ingest.disclosure import Cell
from ingest.windows import Level, block_of
from tests.privacy.attacks.belief import Finding, among, by_residual, in_cell
from tests.privacy.attacks.view import START, View

HIGH_PARTS = ("high", "high_or_higher")
"""At or above 140/90 of blood pressure, at or above 7.0 of fasting glucose."""
MINUTE = timedelta(minutes=1)
THE_END = START + timedelta(weeks=60)


def high_cells(cells: Iterable[Cell], level: Level, area: str) -> dict[str, Cell]:
    """By window and audience, the cells of one area's sessions of the class that is asked for."""
    return {
        f"{cell.audience}:{cell.window}": cell
        for cell in cells
        if cell.part in HIGH_PARTS and cell.level is level and cell.area == area
    }


def sliding_window(view: View, station: str, seen: datetime, prior: float) -> Finding:
    """A: the victim was seen at the cuff; ask for everything before, and again just after."""
    return _between(view, station, seen, (seen - MINUTE, seen + 30 * MINUTE), prior)


def threshold_polling(view: View, station: str, seen: datetime, prior: float) -> Finding:
    """C: poll every ten minutes on the victim's day, and look for a change at that hour."""
    midnight = seen.replace(hour=0, minute=0)
    polls = [midnight + 10 * MINUTE * step for step in range(144)]
    answers = [high_cells(view.cells(poll), Level.STATION, station) for poll in polls]
    for before, after, poll in zip(answers, answers[1:], polls[1:], strict=False):
        if before != after and seen <= poll < seen + 10 * MINUTE:
            return _difference(before, after, prior) or _afterwards(view, station, seen, prior)
    return _afterwards(view, station, seen, prior)


def late_revision(
    view: View, station: str, seen: datetime, reconnected: datetime, prior: float
) -> Finding:
    """D: a station comes back after its window was published; has the window changed?"""
    return _between(view, station, seen, (reconnected - MINUTE, reconnected + MINUTE), prior)


def overlapping_windows(
    view: View, area: str, seen: datetime, prior: float, level: Level = Level.STATION
) -> Finding:
    """E: the longest window, less all shorter ones in it but that of the victim's visit.

    Whatever audience they are for: who may see both takes the public block of 12 weeks less the
    internal ones of 4, or of a district the public 4 weeks less the internal weeks. The attacker
    knows that the victim was alone in the area in the weeks that are missing.
    """
    cells = list(high_cells(view.cells(THE_END), level, area).values())
    for whole in sorted(cells, key=lambda cell: -cell.window.weeks):
        inside = [
            cell
            for cell in cells
            if cell.window.weeks < whole.window.weeks
            and whole.window.holds(cell.window.members()[0])
            and cell.count is not None
        ]
        lengths = {cell.window.weeks for cell in inside}
        for weeks in sorted(lengths):
            shorter = [cell for cell in inside if cell.window.weeks == weeks]
            missing = whole.window.weeks // weeks - len(shorter)
            if whole.count is not None and missing <= 1:
                less = _but_one(shorter) if missing == 0 else shorter
                return subtracted(view, whole, less, prior)
    return _afterwards(view, area, seen, prior, level)


def subtracted(view: View, whole: Cell, less: Sequence[Cell], prior: float) -> Finding:
    """The victim alone in what is left of a count less others."""
    shown = (whole.count or 0) - sum(cell.count or 0 for cell in less)
    low, high = view.rules.behind(0, -view.rules.round_to)
    # What is shown is the truth less its error, and each error may be anything that rounds.
    return by_residual(shown, [(-high, -low), *[(low, high)] * len(less)], prior)


def _but_one(cells: Sequence[Cell]) -> list[Cell]:
    """All but the smallest: the week in which the victim was alone."""
    return sorted(cells, key=lambda cell: cell.n or 0)[1:]


def _between(
    view: View, station: str, seen: datetime, polls: tuple[datetime, datetime], prior: float
) -> Finding:
    before = high_cells(view.cells(polls[0]), Level.STATION, station)
    after = high_cells(view.cells(polls[1]), Level.STATION, station)
    return _difference(before, after, prior) or _afterwards(view, station, seen, prior)


def _difference(before: dict[str, Cell], after: dict[str, Cell], prior: float) -> Finding | None:
    """What changed in a cell that could be seen both times."""
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        if one != other and one.n is not None and other.n is not None and other.n > one.n:
            more = (other.count or 0) - (one.count or 0)
            return among((other.n - one.n,) * 2, (more,) * 2, prior)
    return None


def _afterwards(
    view: View, area: str, seen: datetime, prior: float, level: Level = Level.STATION
) -> Finding:
    """With nothing to subtract: what the cell of the victim's four weeks says in the end."""
    cells = high_cells(view.cells(THE_END), level, area)
    block = block_of(week_of(seen.date()), 4)
    beliefs = [in_cell(cell, view.rules, prior) for cell in cells.values() if cell.window == block]
    return max(beliefs, key=lambda belief: abs(belief.posterior - prior), default=Finding(prior))
