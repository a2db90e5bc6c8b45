"""Answers about ledgers, put together from what stations claim and what arrived."""

from collections.abc import Mapping, Sequence

from ingest.ledger import Balance, Claim, Gap, Tally, balance, gaps
from ingest.operations import Operations
from ingest.operations.book import Epoch
from ingest.operator_answers import (
    EpochLedger,
    LedgerSummary,
    NumberRange,
    StationLedger,
    Unbalanced,
)

_MOST_GAPS = 100


def summary(operations: Operations) -> LedgerSummary:
    """The sum over all stations and epochs, and who does not balance."""
    return summed(operations.book.claims(), operations.book.tallies())


def summed(claims: Mapping[Epoch, Claim], tallies: Mapping[Epoch, Tally]) -> LedgerSummary:
    """The same of what has been read."""
    balances = _balances(claims, tallies)
    wrong = _unbalanced(balances)
    parts = ("numbered", "stored", "quarantined", "dropped", "pending")
    return LedgerSummary(
        **{part: sum(getattr(one, part) for one in balances.values()) for part in parts},
        balanced=not wrong,
        stations=len({station for station, _ in balances}),
        unbalanced=wrong,
    )


def unbalanced(claims: Mapping[Epoch, Claim], tallies: Mapping[Epoch, Tally]) -> list[Unbalanced]:
    """Every station and epoch whose ledger does not balance."""
    return _unbalanced(_balances(claims, tallies))


def of_station(operations: Operations, station: str) -> StationLedger:
    """Every epoch of one station; none if it was never heard of."""
    claims, tallies = operations.book.claims_of(station), operations.book.tallies_of([station])
    epochs = []
    for epoch in operations.book.epochs(station):
        tally = tallies.get((station, epoch), Tally())
        claim = claims.get((station, epoch))
        found = balance(claim or _unclaimed(epoch, tally), tally)
        missing = gaps(operations.book.spans(station, epoch), found.numbered)
        epochs.append(_epoch(epoch, found, claimed=claim is not None, missing=missing[:_MOST_GAPS]))
    return StationLedger(station=station, epochs=epochs)


def _balances(
    claims: Mapping[Epoch, Claim], tallies: Mapping[Epoch, Tally]
) -> dict[Epoch, Balance]:
    return {
        one: balance(claims.get(one) or _unclaimed(one[1], tally), tally)
        for one in claims.keys() | tallies.keys()
        for tally in (tallies.get(one, Tally()),)
    }


def _unbalanced(balances: Mapping[Epoch, Balance]) -> list[Unbalanced]:
    wrong = {one: found for one, found in balances.items() if not found.balanced}
    return [
        Unbalanced(station=station, epoch=epoch, unaccounted=found.unaccounted)
        for (station, epoch), found in sorted(wrong.items())
    ]


def _unclaimed(epoch: int, tally: Tally) -> Claim:
    """What a station would claim that has not spoken: nothing but what has arrived."""
    return Claim(epoch=epoch, numbered=tally.highest, pending=0, dropped=0)


def _epoch(epoch: int, found: Balance, *, claimed: bool, missing: Sequence[Gap]) -> EpochLedger:
    return EpochLedger(
        epoch=epoch,
        claimed=claimed,
        numbered=found.numbered,
        stored=found.stored,
        quarantined=found.quarantined,
        dropped=found.dropped,
        pending=found.pending,
        balanced=found.balanced,
        unaccounted=found.unaccounted,
        missing=[NumberRange(first=first, last=last) for first, last in missing],
    )
