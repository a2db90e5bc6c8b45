"""Attack B: what an area holds less what its shown parts hold, to find out about a hidden one."""

from datetime import datetime

from ingest.calendar import week_of
from ingest.windows import Audience, Level, block_of
from tests.privacy.attacks.belief import Finding, by_residual
from tests.privacy.attacks.differencing import high_cells, subtracted
from tests.privacy.attacks.view import View


def hidden_child(
    view: View, siblings: list[str], district: str, seen: datetime, now: datetime, prior: float
) -> Finding:
    """The victim was alone at a station that is hidden; all its siblings are known.

    The four weeks of the district less the four weeks of each sibling, as far as they are shown.
    """
    cells = view.cells(now)
    block = block_of(week_of(seen.date()), 4)
    above = high_cells(cells, Level.DISTRICT, district)
    weeks = [f"{Audience.INTERNAL}:{block_of(week, 1)}" for week in block.members()]
    beside = [
        high_cells(cells, Level.STATION, one).get(f"{Audience.INTERNAL}:{block}")
        for one in siblings
    ]
    plus = [above[name].count if name in above else None for name in weeks]
    minus = [cell.count if cell else None for cell in beside]
    if None in plus or None in minus:
        return Finding(prior)
    shown = sum(count or 0 for count in plus) - sum(count or 0 for count in minus)
    low, high = view.rules.behind(0, -view.rules.round_to)
    errors = [(-high, -low)] * len(plus) + [(low, high)] * len(minus)
    return by_residual(shown, errors, prior)


def hidden_child_of_two_audiences(
    view: View, siblings: list[str], district: str, seen: datetime, now: datetime, prior: float
) -> Finding:
    """The same with fewer errors: the public four weeks of the district, less internal stations."""
    cells = view.cells(now)
    block = block_of(week_of(seen.date()), 4)
    above = high_cells(cells, Level.DISTRICT, district)
    # Somebody careless has one audience.
    whole = above.get(f"{Audience.PUBLIC}:{block}") or above.get(f"{Audience.INTERNAL}:{block}")
    beside = [
        high_cells(cells, Level.STATION, one).get(f"{Audience.INTERNAL}:{block}")
        for one in siblings
    ]
    if whole is None or whole.count is None or any(c is None or c.count is None for c in beside):
        return Finding(prior)
    return subtracted(view, whole, [cell for cell in beside if cell], prior)
