"""What was measured of trends, as figures beside their goals, and how it grows, openly reckoned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.report import Figure
from benchmarks.trends_api import Answers
from benchmarks.trends_release import Released
from ingest.calendar import Week
from ingest.windows import closing_with

_KEPT_WEEKS = 13
"""Of how many weeks sessions are stored at the most, by default."""

_TICK = 1.0
_GROWS = 2.0
"""What takes more by this factor when there is more to read, and by a millisecond, grows."""

_FAST, _SMALL, _AT_ONCE = "<= 60", "<= 500", "<= 100"


@dataclass(frozen=True, slots=True)
class Turn:
    """A week whose `sessions` were stored in `storing` seconds, and then released.

    `stored` is of how many weeks there were sessions in the store then.
    """

    week: Week
    stored: int
    sessions: int
    storing: float
    took: Released


def release_figures(kind: str, turns: Sequence[Turn]) -> Iterator[Figure]:
    """The first week, the last one that closes no more than itself, and the last of all."""
    ordinary = [turn for turn in turns if _lengths(turn.week) == "1"]
    told = {turn.stored: turn for turn in (*ordinary[:1], *ordinary[-1:], turns[-1])}
    for turn in told.values():
        yield from _figures_of(kind, turn)


class Sizes(NamedTuple):
    """Of how many stations usage was stored when routes were asked first, then, and ought to be."""

    few: int
    some: int
    all: int


def answer_figures(
    kind: str, before: Sequence[Answers], after: Sequence[Answers], sizes: Sizes
) -> Iterator[Figure]:
    """Each route that was asked `after`, some of them also `before`; the first is an empty one."""
    few = {one.path: one for one in before[1:]}
    empty, *routes = after
    yield Figure(f"{kind}: GET {empty.path}, which asks no database, p95", empty.p95, "ms")
    for one in routes:
        yield Figure(f"{kind}: GET {one.path}, p95", one.p95, "ms", _AT_ONCE)
        yield Figure("  median", one.middle, "ms")
        yield Figure("  slowest", one.slowest, "ms")
        yield Figure("  the server's processor time, mean", one.processor, "ms")
        yield Figure("  longest answer", one.kilobytes, "kB")
        if one.path in few:
            yield from _grown(few[one.path], one, sizes)


def _grown(before: Answers, after: Answers, sizes: Sizes) -> Iterator[Figure]:
    """What more stations cost; what grows with them is reckoned for all of them.

    Processor time tells whether it grows, for it does not depend on who else is busy.
    """
    ratio = after.processor / max(before.processor, _TICK)
    yield Figure(f"  beside {sizes.few:,} in place of {sizes.some:,} stations", ratio, "times")
    if ratio > _GROWS and after.processor - before.processor > _TICK:
        each = (after.p95 - before.p95) / (sizes.some - sizes.few)
        then = after.p95 + each * (sizes.all - sizes.some)
        yield Figure(f"  p95 reckoned, with usage of {sizes.all:,} stations", then, "ms", _AT_ONCE)


def _figures_of(kind: str, turn: Turn) -> Iterator[Figure]:
    name = f"{kind}: release closing {_lengths(turn.week)} weeks, {turn.stored} stored"
    took = turn.took
    yield Figure(name, took.seconds, "s", _FAST)
    yield Figure("  its processor time", took.processor, "s")
    yield Figure("  memory at most", took.peak, "MiB", _SMALL)
    yield Figure("  of that when it began", took.before, "MiB")
    for stage, share in took.stages.items():
        yield Figure(f"  {stage}", share * took.seconds, "s")
    yield Figure("  each week more that is stored adds", took.known_week, "s")
    if turn.stored < _KEPT_WEEKS:
        then = took.seconds + took.known_week * (_KEPT_WEEKS - turn.stored)
        yield Figure(f"  reckoned, with sessions of {_KEPT_WEEKS} weeks stored", then, "s", _FAST)
    yield Figure("  sessions of the week", turn.sessions, "")
    yield Figure("  stored before it", turn.sessions / turn.storing, "sessions/s")


def _lengths(week: Week) -> str:
    """The lengths of the blocks that end with a week: `1`, or `1, 4 and 12`."""
    *others, longest = (
        str(one) for one in sorted({block.weeks for _, block in closing_with(week)})
    )
    return f"{', '.join(others)} and {longest}" if others else longest
