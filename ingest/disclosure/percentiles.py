"""Percentiles by linear interpolation inside bins, where there are sessions enough (R10). Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import accumulate

from contract.quantities import DIASTOLIC, GLUCOSE, SYSTOLIC, Quantity
from ingest.disclosure.cells import Rule, Rules, State
from ingest.disclosure.closure import Answer
from ingest.disclosure.scales import Scale

_VALUES_KEPT = 16_384

NEEDED = {50: 20, 25: 20, 75: 20, 10: 100, 90: 100, 5: 200, 95: 200}
"""How many sessions each percentile needs."""

_QUANTITIES: dict[str, tuple[Quantity, Decimal]] = {
    "systolic": (SYSTOLIC, Decimal(1)),
    "diastolic": (DIASTOLIC, Decimal(1)),
    "glucose": (GLUCOSE, Decimal("0.1")),
}


def percentile(bins: Mapping[float, int], q: int, quantity: Quantity) -> float | None:
    """The value below which `q` percent lie; None in an open tail, or where there is nothing.

    The first bin (below the first edge) and the last one have no width to interpolate in.
    """
    return _at(*_stacked(bins), q, quantity)


def _stacked(bins: Mapping[float, int]) -> tuple[list[float], list[int]]:
    """The left edges of the bins that hold something, and how many are below the end of each."""
    lefts = sorted(left for left, count in bins.items() if count)
    return lefts, list(accumulate(bins[left] for left in lefts))


def _at(lefts: Sequence[float], ends: Sequence[int], q: int, quantity: Quantity) -> float | None:
    if not lefts:
        return None
    rank = ends[-1] * q / 100
    place = bisect_left(ends, rank)
    left, below = lefts[place], ends[place - 1] if place else 0
    right = bisect_right(quantity.edges, left)
    if right in (0, len(quantity.edges)):
        return None
    width = quantity.edges[right] - left
    return left + width * (rank - below) / (ends[place] - below)


@lru_cache(_VALUES_KEPT)
def printed(value: float, quantity: str) -> float:
    """As it is shown: to 1 mmHg or 0.1 mmol/L, a half goes up."""
    return float(Decimal(str(value)).quantize(_QUANTITIES[quantity][1], ROUND_HALF_UP))


def percentile_cells(
    bins: Mapping[str, Mapping[float, int]],
    scale: Scale,
    answers: Sequence[Answer],
    rules: Rules,
) -> Iterator[tuple[str, float | None, Rule | None]]:
    """Each percentile of each quantity: its name, its value, and the rule that hides it if None."""
    for quantity in scale.lines:
        counts = bins.get(quantity)
        lefts, ends = _stacked(counts or {})
        n = ends[-1] if ends else 0
        for q, needed in NEEDED.items():
            name = f"{quantity}_p{q:02d}"
            if counts is None:
                yield name, None, Rule.NOISE
                continue
            value = _at(lefts, ends, q, _QUANTITIES[quantity][0])
            if n < max(needed, rules.minimum_sessions):
                yield name, None, Rule.FEW_FOR_PERCENTILE
            elif value is None:
                yield name, None, Rule.OPEN_TAIL
            elif _tells(value, q, n, quantity, scale, answers, rules):
                yield name, None, Rule.TELLS_A_SMALL_PART
            else:
                yield name, printed(value, quantity), None


def _tells(
    value: float,
    q: int,
    n: int,
    quantity: str,
    scale: Scale,
    answers: Sequence[Answer],
    rules: Rules,
) -> bool:
    """Whether a percentile with few sessions beyond it would bound a part that is withheld.

    If P75 is above a line, at least a quarter is above it; if P25 is, at most a quarter is below.
    With at least the smallest count beyond the percentile that says nothing of a small part.
    """
    if n * min(q, 100 - q) >= 100 * rules.smallest_count:
        return False
    for part, given in zip(scale.parts, answers, strict=True):
        edges = [part.first] * (q >= 50 and part.end == len(scale.steps))
        edges += [part.end] * (q <= 50 and part.first == 0)
        # A line is compared with room for rounding, in either unit.
        if given.state is not State.SHOWN and any(
            value >= scale.lines[quantity][edge - 1] - 1 for edge in edges
        ):
            return True
    return False
