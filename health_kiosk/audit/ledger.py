"""The ledger of every station against the centre's. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from health_kiosk.audit.findings import Check
from ingest.ledger import Claim, Gap, Tally
from ingest.ledger_queries import unbalanced
from ingest.operations.book import Epoch
from simulators.truth import StationAccount

_MOST_GAPS = 8


@dataclass(frozen=True, slots=True)
class Book:
    """What the centre has written down: what arrived, what stations claim, and which are missing.

    `missing` gives the numbers up to another that never arrived of a station's epoch.
    """

    tallies: Mapping[Epoch, Tally]
    claims: Mapping[Epoch, Claim]
    missing: Callable[[str, int, int], Sequence[Gap]]


@dataclass(slots=True)
class Ledgers:
    """The ledger check, and how many refused messages of each station were stored after all."""

    check: Check = field(default_factory=lambda: Check("ledger"))
    replayed: Counter[str] = field(default_factory=Counter)


def ledgers(accounts: Mapping[str, StationAccount], book: Book) -> Ledgers:
    """Compare what stations say became of their messages with what the centre says."""
    found = Ledgers()
    for account in accounts.values():
        _own(found.check, account)
        _arrived(found, account, book)
        _claimed(found.check, account, book.claims.get((account.station, account.epoch)))
    _strangers(found.check, accounts, book)
    _by_itself(found.check, accounts, book)
    sums = {
        name: sum(getattr(one, name) for one in accounts.values())
        for name in ("numbered", "stored", "quarantined", "dropped", "pending")
    }
    found.check.figures |= {**sums, "stations": len(accounts), "replayed": found.replayed.total()}
    verdict = "balance" if found.check.balances else "do not balance"
    found.check.says = (
        f"{sums['numbered']:,} messages of {len(accounts):,} stations {verdict}:"
        f" {sums['stored']:,} stored, {sums['quarantined']:,} quarantined,"
        f" {sums['dropped']:,} dropped, {sums['pending']:,} pending"
    )
    if replayed := found.replayed.total():
        found.check.notes.append(f"{replayed:,} refused messages were stored after all")
    return found


def _own(check: Check, account: StationAccount) -> None:
    ends = account.stored + account.quarantined + account.dropped + account.pending
    if ends != account.numbered:
        check.differ(account.station, "messages by the account's own sum", account.numbered, ends)


def _arrived(found: Ledgers, account: StationAccount, book: Book) -> None:
    """What arrived is what was numbered but for what was dropped or is on its way."""
    station, epoch = account.station, account.epoch
    tally = book.tallies.get((station, epoch), Tally())
    arrived = tally.stored + tally.quarantined
    least = account.numbered - account.dropped - account.pending
    if arrived < least:
        gaps = _told(book.missing(station, epoch, account.numbered))
        found.check.differ(station, "messages in the ledger", least, f"{arrived}{gaps}")
    elif arrived > account.numbered:
        found.check.differ(station, "messages in the ledger", account.numbered, arrived)
    elif tally.stored < account.stored:
        found.check.differ(station, "messages stored", account.stored, tally.stored)
    elif more := max(0, tally.stored - account.stored - account.pending - account.dropped):
        if more > account.quarantined:
            found.check.differ(station, "messages stored", account.stored, tally.stored)
        found.replayed[station] = min(more, account.quarantined)
    if tally.highest > account.numbered:
        found.check.differ(station, "highest number", account.numbered, tally.highest)


def _told(gaps: Sequence[Gap]) -> str:
    runs = [
        str(one.first) if one.first == one.last else f"{one.first}–{one.last}"
        for one in gaps[:_MOST_GAPS]
    ]
    more = ", …" if len(gaps) > _MOST_GAPS else ""
    return f"; never arrived: {', '.join(runs)}{more}" if runs else ""


def _claimed(check: Check, account: StationAccount, claim: Claim | None) -> None:
    """A status is older than the account, so it cannot say more."""
    if claim is None:
        return
    for what in ("numbered", "dropped"):
        said, known = getattr(claim, what), getattr(account, what)
        if said > known:
            check.differ(account.station, f"messages {what} by its last status", known, said)


def _strangers(check: Check, accounts: Mapping[str, StationAccount], book: Book) -> None:
    """Messages of stations, or of lives of stations, that are no part of the run.

    Poison names an epoch of its own, in which nothing can be stored.
    """
    poison: Counter[str] = Counter()
    for (station, epoch), tally in sorted(book.tallies.items()):
        account = accounts.get(station)
        if account is None:
            arrived = tally.stored + tally.quarantined
            check.differ(station, "messages of a station that is not in the account", 0, arrived)
        elif account.epoch != epoch:
            poison[station] += tally.quarantined
            if tally.stored:
                check.differ(station, f"messages stored of another epoch, {epoch}", 0, tally.stored)
    for station, refused in poison.items():
        most = accounts[station].poisoned
        if refused > most:
            what = "refused messages of other epochs, which poison has"
            check.differ(station, what, f"at most {most}", refused)


def _by_itself(check: Check, accounts: Mapping[str, StationAccount], book: Book) -> None:
    """What the centre calls unbalanced without knowing the account, which explains or names it."""
    found = {one.station for one in unbalanced(book.claims, book.tallies)} & accounts.keys()
    explained = sum(accounts[one].pending + accounts[one].dropped > 0 for one in found)
    check.figures["unbalanced_by_the_centre"] = len(found)
    if found:
        check.notes.append(
            f"the centre itself calls {len(found):,} stations unbalanced; {explained:,} of them"
            " have messages pending or dropped, of which no status has told it"
        )
