"""Differences of published populations may not tell what is left over, if it is small (R8). Pure.

Rounding each number on its own blurs a difference by two on each side for each number, but it does
not always: if a city is shown as 95 and two of its districts as 35 and 65, the others have one
session at most. So every two and three populations that make a group are looked at, and every
population less all the shown ones inside it. Where a group that may be under the minimum is told
apart more finely than the smallest count, the largest population of the combination withholds the
part, and in the end itself. Only published numbers decide, so the decision tells nothing more, and
the group is inside the population that changes.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from ingest.disclosure.cells import Rule
from ingest.disclosure.tables import Table


class Combination(NamedTuple):
    """Tables to add and to subtract, by position; together they describe one group."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]


def guarded(fresh: Sequence[Table], frozen: Sequence[Table], members: Sequence[int]) -> list[Table]:
    """The fresh tables with as much withheld as the frozen ones and each other require.

    All are of one measure. `members` gives the members of each table's population as bits, those
    of the fresh ones first.
    """
    tables = [*fresh, *frozen]
    found = list(groups(tables, members, len(fresh)))
    changed = True
    while changed:
        changed = False
        for one in found:
            part = told_part(tables, one)
            if part is not None:
                index = next(i for i in (*one.plus, *one.minus) if i < len(fresh))
                tables[index] = _with_less(tables[index], part)
                changed = True
    return tables[: len(fresh)]


def groups(tables: Sequence[Table], members: Sequence[int], fresh: int) -> Iterator[Combination]:
    """Every combination with a fresh table in it whose group is real and may be small."""
    shown = [index for index, table in enumerate(tables) if table.n is not None]
    sizes = {index: tables[index].size() for index in shown}
    known = {members[index] for index in shown}
    for found in _candidates(tables, members, shown, fresh):
        least = sum(sizes[i][0] for i in found.plus) - sum(sizes[i][1] for i in found.minus)
        if least >= tables[found.plus[0]].rules.minimum_sessions:
            continue
        left = group([members[i] for i in found.plus], [members[i] for i in found.minus])
        if left and left not in known:  # a known one has a table of its own
            yield found


def _candidates(
    tables: Sequence[Table], members: Sequence[int], shown: Sequence[int], fresh: int
) -> Iterator[Combination]:
    for whole in shown:
        inside = [i for i in shown if i != whole and members[i] & ~members[whole] == 0]
        kinds = {i: (tables[i].level, tables[i].window.weeks, tables[i].audience) for i in inside}
        alike = (
            tuple(i for i in inside if kinds[i] == kind) for kind in sorted(set(kinds.values()))
        )
        for less in (*combinations(inside, 1), *combinations(inside, 2), *alike):
            if whole < fresh or min(less) < fresh:
                yield Combination((whole,), less)
    for third in shown:
        # Both must reach into the third, or one would be in the group as a whole.
        near = [i for i in shown if i != third and members[i] & members[third]]
        for one, other in combinations(near, 2) if third < fresh else _with_fresh(near, fresh):
            yield Combination((one, other), (third,))


def _with_fresh(near: Sequence[int], fresh: int) -> Iterator[tuple[int, int]]:
    """Every pair with a fresh one in it; positions go up, so that one is the first."""
    for place, one in enumerate(near):
        if one >= fresh:
            return
        for other in near[place + 1 :]:
            yield one, other


def told_part(tables: Sequence[Table], found: Combination) -> int | None:
    """The position of a part that the combination tells too finely, -1 for the size, or None."""
    plus, minus = [tables[i] for i in found.plus], [tables[i] for i in found.minus]
    if any(table.n is None for table in (*plus, *minus)):
        return None
    size = interval([table.size() for table in plus], [table.size() for table in minus])
    narrow = plus[0].rules.narrowest
    if size[1] - size[0] + 1 < narrow:
        return -1
    reckoned = [table.bounds() for table in (*plus, *minus)]
    for index, part in enumerate(tables[found.plus[0]].scale.parts):
        spans = [bounds[part.first, part.end] for bounds in reckoned]
        low, high = interval(spans[: len(plus)], spans[len(plus) :])
        if min(high, size[1]) - low + 1 < narrow:
            return index
    return None


def interval(plus: Sequence[tuple[int, int]], minus: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The least and greatest value of a sum less another; it counts something, so it is ≥ 0."""
    low = sum(span[0] for span in plus) - sum(span[1] for span in minus)
    high = sum(span[1] for span in plus) - sum(span[0] for span in minus)
    return max(0, low), high


def group(plus: Sequence[int], minus: Sequence[int]) -> int:
    """The members that a combination counts once each; 0 if it counts any twice or negatively."""
    if len(plus) == 2:
        (one, other), (less,) = plus, minus
        if one & other & ~less or less & ~(one | other):
            return 0
        return ((one | other) & ~less) | (one & other)
    taken = 0
    for less in minus:
        if less & taken or less & ~plus[0]:
            return 0
        taken |= less
    return plus[0] & ~taken


def _with_less(table: Table, part: int) -> Table:
    """The table with that part withheld, or the next one that is not yet, or all of it."""
    if part < 0:
        return table.without(None)
    order = (part, *reversed(range(len(table.answers))))
    left = (index for index in order if table.answers[index].rule is not Rule.REMAINDER)
    return table.without(next(left, None))
