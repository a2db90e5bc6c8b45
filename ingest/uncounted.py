"""Which sessions no release has counted yet: sums that are stored, less those counted. Pure.

Nothing of a session is known but the sums it is part of. So every sum (each step of a scale, each
bin, sessions of one reading) is taken from on its own, and never below nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain

from ingest.calendar import Week
from ingest.disclosure import Tally

_SINGLE = "single"
_STEP = "step"

_Place = tuple[str, str]
_Sums = Counter[Hashable]


def uncounted(own: Week, stored: Sequence[Tally], counted: Iterable[Tally]) -> list[Tally]:
    """What is left of `stored` without `counted`: sessions of days in the week `own`.

    What was counted of a station and measure elsewhere (it has moved since, and its messages were
    stored once more) is taken from where it stands now, so that nothing counts twice.
    """
    before: defaultdict[tuple[str, str], list[Tally]] = defaultdict(list)
    for tally in counted:
        before[tally.station, tally.measure].append(tally)
    groups: defaultdict[tuple[str, str], list[Tally]] = defaultdict(list)
    for tally in stored:
        groups[tally.station, tally.measure].append(tally)
    left = chain.from_iterable(
        _left(group, before[key]) if key in before else group for key, group in groups.items()
    )
    return [_of(own, tally) for tally in left if tally.n]


def _left(stored: Sequence[Tally], counted: Sequence[Tally]) -> list[Tally]:
    """The same for one station and measure."""
    before: defaultdict[_Place, _Sums] = defaultdict(Counter)
    for tally in counted:
        before[_place(tally)] += _sums(tally)
    fresh = {}
    elsewhere: _Sums = Counter()
    for tally in stored:
        here = before.pop(_place(tally), Counter())
        sums = _sums(tally)
        fresh[_place(tally)] = sums - here
        elsewhere += here - sums
    for gone in before.values():
        elsewhere += gone
    made = []
    for tally in stored:
        sums = fresh[_place(tally)]
        made.append(_with(tally, sums - elsewhere))
        elsewhere -= sums
    return made


def _place(tally: Tally) -> _Place:
    return tally.district, tally.venue


def _sums(tally: Tally) -> _Sums:
    """Every sum of a tally under a name of its own; those of nothing are left out."""
    sums: _Sums = Counter({(_STEP, index): count for index, count in enumerate(tally.steps)})
    sums[_SINGLE] = tally.single
    for quantity, counts in tally.bins.items():
        for edge, count in counts.items():
            sums[quantity, edge] = count
    return +sums


def _with(tally: Tally, sums: _Sums) -> Tally:
    """The tally with other sums."""
    return tally._replace(
        steps=tuple(sums[_STEP, index] for index in range(len(tally.steps))),
        bins={
            quantity: {edge: sums[quantity, edge] for edge in counts if sums[quantity, edge]}
            for quantity, counts in tally.bins.items()
        },
        single=sums[_SINGLE],
    )


def _of(own: Week, tally: Tally) -> Tally:
    """All of a tally is late, or nothing of it."""
    return tally._replace(late=tally.n if own < tally.week else 0)
