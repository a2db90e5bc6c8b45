"""What anybody can reckon from the published parts of one population, exactly. Pure.

Let C(i) be the number of sessions below cut i. Each published number bounds a difference of two of
them, and the tightest bounds that follow from all together are shortest paths. Only published
numbers go in, so whatever is decided here tells nothing new.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from ingest.disclosure.cells import Rule, Rules, State
from ingest.disclosure.scales import Part

_KEPT = 16_384

Bounds = dict[tuple[int, int], tuple[int, int]]
"""For each range of steps (first, end), the least and the greatest number of sessions in it."""


class Answer(NamedTuple):
    """What is published of one part."""

    state: State
    rule: Rule | None = None
    rounded: int | None = None


def answer(count: int, n: int, rules: Rules) -> Answer:
    """What the rules for a single part allow (R2, R3), of `count` sessions among `n`."""
    if count < rules.smallest_count:
        return Answer(State.SMALL, Rule.SMALL_PART)
    if n - count < rules.smallest_count:
        return Answer(State.HIDDEN, Rule.SMALL_COMPLEMENT)
    return Answer(State.SHOWN, None, rules.rounded(count))


@lru_cache(_KEPT)
def reckon(
    parts: tuple[Part, ...],
    cuts: tuple[int, ...],
    answers: tuple[Answer, ...],
    n: int,
    rules: Rules,
) -> Bounds:
    """The bounds of every range between two cuts, given the rounded `n` and all answers."""
    most = _paths(parts, cuts, answers, n, rules)
    return {
        span: (-most[j][i], most[i][j])
        for span, (i, j) in zip(_spans(cuts), _spans(tuple(range(len(cuts)))), strict=True)
    }


@lru_cache
def _spans(cuts: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Every range between two cuts: one object for all populations of a measure."""
    return tuple(combinations(cuts, 2))


@lru_cache(_KEPT)
def protected(
    parts: tuple[Part, ...],
    cuts: tuple[int, ...],
    answers: tuple[Answer, ...],
    n: int,
    rules: Rules,
) -> tuple[Answer, ...]:
    """The answers with as few withheld as it takes that no small range can be reckoned."""
    wrong = _too_narrow(_paths(parts, cuts, answers, n, rules), rules)
    while wrong:
        best: tuple[int, tuple[Answer, ...]] | None = None
        for index in reversed(range(len(parts))):
            if answers[index].rule is Rule.DERIVABLE:
                continue
            tried = withheld(answers, index)
            left = _too_narrow(_paths(parts, cuts, tried, n, rules), rules)
            if best is None or left < best[0]:
                best = (left, tried)
            if left == 0:
                break
        if best is None:  # nothing but n is left, which tells no part
            break
        wrong, answers = best
    return answers


def withheld(
    answers: Sequence[Answer], index: int, rule: Rule = Rule.DERIVABLE
) -> tuple[Answer, ...]:
    """The answers, with one of them withheld."""
    return (*answers[:index], Answer(State.HIDDEN, rule), *answers[index + 1 :])


def _paths(
    parts: tuple[Part, ...],
    cuts: tuple[int, ...],
    answers: tuple[Answer, ...],
    n: int,
    rules: Rules,
) -> list[list[int]]:
    """For each two cuts i and j the greatest C(j) - C(i), by the shortest path from i to j."""
    low, high = rules.behind(n, rules.minimum_sessions)
    place = {cut: index for index, cut in enumerate(cuts)}
    size = len(cuts)
    most = [[0] * (i + 1) + [high] * (size - i - 1) for i in range(size)]
    most[-1][0] = -low
    for part, given in zip(parts, answers, strict=True):
        i, j = place[part.first], place[part.end]
        _add(most, i, j, *_limits(given, low, high, rules))
        if given.state is State.SHOWN:
            _keep_complement(most, i, j, rules.smallest_count)
    for k, through in enumerate(most):  # the innermost loop of every release
        for row in most:
            to = row[k]
            row[:] = [
                old if old <= to + further else to + further
                for old, further in zip(row, through, strict=True)
            ]
    return most


def _too_narrow(most: list[list[int]], rules: Rules) -> int:
    """How many ranges are pinned down: perhaps fewer than the smallest count, and told apart."""
    smallest, last = rules.smallest_count, len(most) - 1
    return sum(
        -most[j][i] < smallest and most[i][j] + most[j][i] + 1 < smallest
        for i, j in _spans(tuple(range(len(most))))
        if j - i < last
    )


def _limits(given: Answer, low: int, high: int, rules: Rules) -> tuple[int, int]:
    smallest = rules.smallest_count
    if given.rounded is not None:
        return rules.behind(given.rounded, smallest)
    if given.state is State.SMALL:
        return 0, smallest - 1
    if given.rule is Rule.SMALL_COMPLEMENT:
        return low - smallest + 1, high
    return 0, high


def _add(most: list[list[int]], i: int, j: int, low: int, high: int) -> None:
    most[i][j] = min(most[i][j], high)
    most[j][i] = min(most[j][i], -low)


def _keep_complement(most: list[list[int]], i: int, j: int, smallest: int) -> None:
    """A shown part leaves at least `smallest` outside; exact where it touches an end."""
    last = len(most) - 1
    if i == 0:
        most[last][j] = min(most[last][j], -smallest)
    if j == last:
        most[i][0] = min(most[i][0], -smallest)
