"""Attacks G and H: fill a group with one's own sessions, or look for a group that is all alike."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random

from ingest.disclosure import Cell, Rules
from ingest.windows import Audience, Level
from tests.privacy.attacks.belief import Finding, among, high_in
from tests.privacy.attacks.differencing import HIGH_PARTS

Outcome = tuple[object, ...]


def high_only(cells: Iterable[Cell]) -> Outcome:
    """What one looks at who waits for "<8" to become 10."""
    return tuple((cell.state, cell.count) for cell in cells if cell.part == "high")


def everything(cells: Iterable[Cell]) -> Outcome:
    """All that is shown of a station."""
    return tuple((cell.part, cell.state, cell.n, cell.count) for cell in cells)


def stuffing(
    publish: Callable[[bool, Random], Sequence[Cell]],
    looks: Sequence[Callable[[Iterable[Cell]], Outcome]],
    tries: int,
) -> list[float]:
    """G: the highest belief, from an even prior, after a group of fakes and the victim is shown.

    One for each way to look at what is shown.

    The attacker knows all but the victim and can try the publisher at home, with both classes of
    victim, so the belief is the likelihood of what is shown. Outcomes seen too seldom for that are
    left out.
    """
    shown = {
        high: [publish(high, Random(2 * seed + high)) for seed in range(tries)]
        for high in (True, False)
    }
    return [_highest(shown, look) for look in looks]


def _highest(
    shown: dict[bool, list[Sequence[Cell]]], look: Callable[[Iterable[Cell]], Outcome]
) -> float:
    times = {high: Counter(map(look, shown[high])) for high in (True, False)}
    tries = len(shown[True])
    highest = 0.0
    for outcome in times[True].keys() | times[False].keys():
        yes, no = times[True][outcome], times[False][outcome]
        if yes + no >= tries // 10:
            highest = max(highest, yes / (yes + no), no / (yes + no))
    return highest


def homogeneous_group(
    cells: Iterable[Cell], area: str, audience: Audience, rules: Rules, prior: float
) -> Finding:
    """H: everybody of a group was there; is what is shown of it all or nothing?"""
    for cell in cells:
        if cell.part not in HIGH_PARTS or cell.area != area or cell.audience is not audience:
            continue
        if cell.level is Level.STATION and cell.n is not None:
            n, high = rules.behind(cell.n, rules.minimum_sessions), high_in(cell, rules)
            if cell.count is None and high[0] == 0 and cell.state == "hidden":
                high = (n[0] - rules.smallest_count + 1, n[1])  # the complement is small
            return among(n, high, prior)
    return Finding(prior)
