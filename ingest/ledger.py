"""The ledger: for every station, numbered = stored + quarantined + dropped + pending. Pure."""

from dataclasses import dataclass

from contract.status import LedgerCount


@dataclass(frozen=True, slots=True)
class Tally:
    """What ingest knows of one epoch: messages by outcome, and the highest number among them."""

    stored: int = 0
    quarantined: int = 0
    highest: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides of one station's ledger put together."""

    numbered: int
    stored: int
    quarantined: int
    dropped: int
    pending: int

    @property
    def balanced(self) -> bool:
        """Whether the four ends add up to all that was numbered."""
        return self.numbered == self.stored + self.quarantined + self.dropped + self.pending


def balance(claim: LedgerCount, tally: Tally) -> Balance:
    """The station's `claim`, made with its last status, brought up to date with the `tally`.

    Messages settled since the claim are taken off its pending ones. If the station let go of more
    than ever arrived, nothing is taken off and the sum shows the gap.
    """
    settled = tally.stored + tally.quarantined
    numbered = max(claim.numbered, tally.highest)
    missing = claim.numbered - claim.pending - claim.dropped - settled
    pending = claim.pending if missing > 0 else numbered - claim.dropped - settled
    return Balance(numbered, tally.stored, tally.quarantined, claim.dropped, pending)
