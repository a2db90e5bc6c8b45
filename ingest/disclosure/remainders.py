"""Differences of published populations may not tell what is left over, if it is small (R8). Pure.

Rounding each number on its own blurs a difference by two on each side for each number, but it does
not always: if a city is shown as 95 and two of its districts as 35 and 65, the others have one
session at most. So every two and three populations that make a group are looked at, and every
population less all the shown ones inside it. Where a group that may be under the minimum is told
apart more finely than the smallest count, the largest population of the combination withholds the
part, and in the end itself. Only published numbers decide, so the decision tells nothing more, and
the group is inside the population that changes.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    found = groups(tables, members, len(fresh))
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


def groups(tables: Sequence[Table], members: Sequence[int], fresh: int) -> list[Combination]:
    """Every combination with a fresh table in it whose group is real and may be small.

    A group is not small if a shown population is all inside it: that has the minimum of sessions.
    """
    shown = [index for index, table in enumerate(tables) if table.n is not None]
    look = _Look(tables, members, shown, fresh)
    found = [one for whole in shown for one in _inside(look, whole)]
    found += [one for third in shown for one in _across(look, third)]
    return found


class _Look:
    """What is looked at: sizes behind what is shown, members, and who is fresh."""

    def __init__(
        self, tables: Sequence[Table], members: Sequence[int], shown: Sequence[int], fresh: int
    ) -> None:
        self.members, self.shown, self.fresh = members, shown, fresh
        sizes = {index: tables[index].size() for index in shown}
        self.least = {index: size[0] for index, size in sizes.items()}
        self.most = {index: size[1] for index, size in sizes.items()}
        self.minimum = {index: tables[index].rules.minimum_sessions for index in shown}
        self.kinds = {
            index: (tables[index].level, tables[index].window.weeks, tables[index].audience)
            for index in shown
        }

    def is_small(self, plus: tuple[int, ...], minus: tuple[int, ...]) -> bool:
        """Whether the combination counts a real group that may be under the minimum."""
        left = group([self.members[i] for i in plus], [self.members[i] for i in minus])
        return left != 0 and not any(self.members[i] & ~left == 0 for i in self.shown)


def _inside(look: _Look, whole: int) -> Iterator[Combination]:
    """A population less one, two or all of a kind that are inside it."""
    members, most = look.members, look.most
    outside, room = ~members[whole], look.least[whole] - look.minimum[whole]
    inside = [i for i in look.shown if i != whole and not members[i] & outside]
    if whole >= look.fresh and all(i >= look.fresh for i in inside):
        return
    kinds = {look.kinds[i] for i in inside}
    alike = (tuple(i for i in inside if look.kinds[i] == kind) for kind in sorted(kinds))
    for less in (*((i,) for i in inside), *_pairs(inside, most, room), *alike):
        if (
            (whole < look.fresh or min(less) < look.fresh)
            and sum(most[i] for i in less) > room
            and look.is_small((whole,), less)
        ):
            yield Combination((whole,), less)


def _pairs(inside: Sequence[int], most: Mapping[int, int], room: int) -> list[tuple[int, int]]:
    """The pairs, in order, that together are larger than `room`."""
    by_size = sorted(inside, key=most.__getitem__)
    found = []
    first = len(by_size)
    for place, one in enumerate(by_size):
        while first > 0 and most[by_size[first - 1]] + most[one] > room:
            first -= 1
        found += [(one, by_size[other]) for other in range(max(first, place + 1), len(by_size))]
    return sorted((min(pair), max(pair)) for pair in found)


def _across(look: _Look, third: int) -> Iterator[Combination]:
    """Two populations less a third that both reach into, and that neither holds.

    Would one hold the third, all of the other would be in the group.
    """
    members, whole = look.members, look.members[third]
    near = [i for i in look.shown if i != third and members[i] & whole and whole & ~members[i] != 0]
    fresh = third < look.fresh
    if not fresh and all(i >= look.fresh for i in near):
        return
    room = look.most[third] + look.minimum[third]
    pivot = whole & -whole  # one of the two must hold it
    found = set()
    for one in near:
        if not members[one] & pivot:
            continue
        rest, beyond = whole & ~members[one], members[one] & ~whole
        for other in near:
            if (
                members[other] & rest == rest
                and not members[other] & beyond
                and (fresh or one < look.fresh or other < look.fresh)
                and look.least[one] + look.least[other] < room
                and one != other
            ):
                found.add((min(one, other), max(one, other)))
    for pair in sorted(found):
        if look.is_small(pair, (third,)):
            yield Combination(pair, (third,))


def told_part(tables: Sequence[Table], found: Combination) -> int | None:
    """The position of a part that the combination tells too finely, -1 for the size, or None."""
    plus, minus = [tables[i] for i in found.plus], [tables[i] for i in found.minus]
    if any(table.n is None for table in (*plus, *minus)):
        return None
    size = interval([table.size() for table in plus], [table.size() for table in minus])
    narrow = plus[0].rules.narrowest
    if size[1] - size[0] + 1 < narrow:
        return -1
    if any(table.scale is not plus[0].scale for table in (*plus, *minus)):
        return None  # extremes have no part in common with the others
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
