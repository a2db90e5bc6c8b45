"""The quarantine of the centre against the poison that was sent, and against the ledger. Pure."""

from collections import Counter
from collections.abc import Mapping

from health_kiosk.audit.findings import Check
from ingest.ledger import Tally
from ingest.operations.book import Epoch
from simulators.truth import StationAccount

_WHAT = "messages in quarantine"


def quarantine(
    accounts: Mapping[str, StationAccount],
    kept: Mapping[str, int],
    discarded: int,
    refused: Mapping[str, int],
) -> Check:
    """Compare the messages `kept` in quarantine, by station, with the poison that was sent.

    Every message that the ledger calls `refused` is there, or is among the `discarded`. Nothing
    answers poison and nobody sends it again, so what broke off with its connection is only noted.
    """
    check = Check("quarantine")
    for station in sorted(kept.keys() - accounts.keys()):
        check.differ(station or "a topic of no station", _WHAT, 0, kept[station])
    for station, account in accounts.items():
        here = kept.get(station, 0)
        if here > account.poisoned:
            check.differ(station, _WHAT, account.poisoned, here)
    lacking = {one: refused[one] for one in accounts if kept.get(one, 0) < refused.get(one, 0)}
    if sum(count - kept.get(one, 0) for one, count in lacking.items()) > discarded:
        for one, count in lacking.items():
            check.differ(one, _WHAT, count, kept.get(one, 0))
    poison = sum(one.poisoned for one in accounts.values())
    _sum_up(check, poison, sum(kept.values()), discarded)
    return check


def refused_of(tallies: Mapping[Epoch, Tally]) -> Counter[str]:
    """How many messages of each station the ledger calls refused, in any of its epochs."""
    found: Counter[str] = Counter()
    for (station, _), tally in tallies.items():
        found[station] += tally.quarantined
    return found


def _sum_up(check: Check, poison: int, kept: int, discarded: int) -> None:
    lost = max(0, poison - kept - discarded)
    check.figures |= {"poisoned": poison, "kept": kept, "discarded": discarded, "lost": lost}
    holds = "holds the poison" if check.balances else "is not the poison"
    check.says = f"{kept:,} messages; it {holds} that was sent ({poison:,})"
    if discarded:
        check.notes.append(f"{discarded:,} messages were discarded from it, and counted")
    if lost and check.balances:
        check.notes.append(
            f"{lost:,} poisoned messages are in no ledger and not here: stored after all, pending,"
            " or lost with a connection, for poison is sent once"
        )
