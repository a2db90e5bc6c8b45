"""What an attacker believes after an attack, and how well a series of attacks did."""

import sys
from collections.abc import Iterable, Sequence
from math import comb
from statistics import mean, quantiles
from typing import NamedTuple

from ingest.disclosure import Cell, Rules, State

Span = tuple[int, int]


class Finding(NamedTuple):
    """The belief that the victim's session was high; 0 and 1 are certainty."""

    posterior: float

    @property
    def certain(self) -> bool:
        """Whether nothing is left open."""
        return self.posterior in (0.0, 1.0)


class Report(NamedTuple):
    """How often a class was learnt for certain and rightly, and how far beliefs moved."""

    learnt: float
    mistaken: float
    moved: float
    highest: float

    def __str__(self) -> str:
        return (
            f"learns {self.learnt:.1%}, mistaken {self.mistaken:.1%}, moves by {self.moved:.3f},"
            f" 95 % of beliefs are at most {self.highest:.2f}"
        )


def reported(findings: Sequence[tuple[Finding, bool]], prior: float) -> Report:
    """The report of attacks, each with the victim's true class."""
    certain = [(finding, truth) for finding, truth in findings if finding.certain]
    right = sum((finding.posterior == 1.0) is truth for finding, truth in certain)
    beliefs = [finding.posterior for finding, _ in findings]
    return Report(
        right / len(findings),
        (len(certain) - right) / len(findings),
        mean(abs(belief - prior) for belief in beliefs),
        quantiles(beliefs, n=20, method="inclusive")[-1],
    )


def told(name: str, report: Report) -> Report:
    """The report, once it has been written where a run of the tests shows it (`pytest -rP`)."""
    sys.stdout.write(f"{name}: {report}\n")
    return report


def among(n: Span, high: Span, prior: float) -> Finding:
    """The victim is one of `n` sessions of which `high` are high; all the others are strangers."""
    weights: list[tuple[float, float]] = []
    for size in range(max(1, n[0]), n[1] + 1):
        for k in range(max(0, high[0]), min(high[1], size) + 1):
            chance = comb(size, k) * prior**k * (1 - prior) ** (size - k)
            weights.append((chance, k / size))
    whole = sum(chance for chance, _ in weights)
    return Finding(sum(chance * share for chance, share in weights) / whole if whole else prior)


def in_cell(cell: Cell, rules: Rules, prior: float) -> Finding:
    """What one cell says of somebody who is in it."""
    if cell.n is None:
        return Finding(prior)
    n = rules.behind(cell.n, rules.minimum_sessions)
    return among(n, high_in(cell, rules), prior)


def high_in(cell: Cell, rules: Rules) -> Span:
    """How many sessions of a cell's part there may be."""
    if cell.count is not None:
        return rules.behind(cell.count, rules.smallest_count)
    if cell.state is State.SMALL:
        return 0, rules.smallest_count - 1
    return 0, rules.behind(cell.n, 0)[1] if cell.n is not None else 10**9


def by_residual(residual: int, errors: Sequence[Span], prior: float) -> Finding:
    """The victim is alone in a residual that each published number blurs by a uniform error."""
    chances = {0: 1.0}
    for low, high in errors:
        chances = _spread(chances, range(low, high + 1))
    likely, unlikely = chances.get(residual - 1, 0.0), chances.get(residual, 0.0)
    whole = prior * likely + (1 - prior) * unlikely
    return Finding(prior * likely / whole if whole else prior)


def _spread(chances: dict[int, float], errors: Iterable[int]) -> dict[int, float]:
    spread: dict[int, float] = {}
    kinds = list(errors)
    for value, chance in chances.items():
        for error in kinds:
            spread[value + error] = spread.get(value + error, 0.0) + chance / len(kinds)
    return spread
