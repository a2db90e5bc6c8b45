"""The ledger: for every station, numbered = stored + quarantined + dropped + pending. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from contract.receipts import Outcome


@dataclass(frozen=True, slots=True)
class Tally:
    """What ingest knows of one epoch: messages by outcome, and the highest number among them."""

    stored: int = 0
    quarantined: int = 0
    highest: int = 0


class Span(NamedTuple):
    """A run of numbers, from `first` to `last`, that ended alike."""

    first: int
    last: int
    outcome: Outcome


class Gap(NamedTuple):
    """A run of numbers, from `first` to `last`, of which nothing is known."""

    first: int
    last: int


class Claim(NamedTuple):
    """What a station said last of one of its epochs: its side of the ledger."""

    epoch: int
    numbered: int
    pending: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides of one epoch of one station's ledger put together."""

    numbered: int
    stored: int
    quarantined: int
    dropped: int
    pending: int

    @property
    def balanced(self) -> bool:
        """Whether the four ends add up to all that was numbered."""
        return self.unaccounted == 0

    @property
    def unaccounted(self) -> int:
        """How many messages more were numbered than ended in any way."""
        return self.numbered - self.stored - self.quarantined - self.dropped - self.pending


def balance(claim: Claim, tally: Tally) -> Balance:
    """The station's `claim`, made with its last status, brought up to date with the `tally`.

    Messages settled since the claim are taken off its pending ones. If the station let go of more
    than ever arrived, nothing is taken off and the sum shows the gap.
    """
    settled = tally.stored + tally.quarantined
    numbered = max(claim.numbered, tally.highest)
    missing = claim.numbered - claim.pending - claim.dropped - settled
    pending = claim.pending if missing > 0 else numbered - claim.dropped - settled
    return Balance(numbered, tally.stored, tally.quarantined, claim.dropped, pending)


def merged(spans: Iterable[Span], ended: Iterable[tuple[int, Outcome]]) -> list[Span]:
    """`spans` with single numbers added, in order, and as few as possible.

    A number that is told twice was stored if either says so: what is stored stays stored.
    """
    parts = [*spans, *(Span(seq, seq, outcome) for seq, outcome in ended)]
    kept: list[Span] = []
    for stored in (True, False):
        covered = _runs(one for one in kept)
        for span in _runs(one for one in parts if (one.outcome is Outcome.STORED) is stored):
            kept.extend(_outside(span, covered))
    return _joined(kept)


def gaps(spans: Iterable[Span], numbered: int) -> list[Gap]:
    """The numbers from 1 to `numbered` that no span holds."""
    found: list[Gap] = []
    expected = 1
    for span in sorted(spans):
        if span.first > expected:
            found.append(Gap(expected, span.first - 1))
        expected = max(expected, span.last + 1)
    if expected <= numbered:
        found.append(Gap(expected, numbered))
    return found


def _runs(spans: Iterable[Span]) -> list[Span]:
    """Spans of one outcome in order, those that touch or overlap made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].last + 1:
            last = max(found[-1].last, span.last)
            found[-1] = found[-1]._replace(last=last)
        else:
            found.append(span)
    return found


def _outside(span: Span, covered: Iterable[Span]) -> Iterable[Span]:
    """What is left of `span` beside all that is `covered`, which is in order."""
    first = span.first
    for other in covered:
        if other.last < first:
            continue
        if other.first > span.last:
            break
        if other.first > first:
            yield span._replace(first=first, last=other.first - 1)
        first = other.last + 1
    if first <= span.last:
        yield span._replace(first=first)


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].outcome is span.outcome and span.first == found[-1].last + 1:
            found[-1] = found[-1]._replace(last=span.last)
        else:
            found.append(span)
    return found
