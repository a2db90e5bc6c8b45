"""One audit, from the files to its findings; the centre is only read."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from health_kiosk.audit import files
from health_kiosk.audit.areas import AreaSums, windows_of
from health_kiosk.audit.centre import Centre, open_centre, require_same_city
from health_kiosk.audit.contents import compare
from health_kiosk.audit.findings import Check, Findings
from health_kiosk.audit.ledger import Book, Ledgers, ledgers
from health_kiosk.audit.quarantine import quarantine, refused_of
from health_kiosk.audit.released import cells_and_shares, counting
from ingest.centre import system_clock
from ingest.ledger import Gap, gaps
from ingest.release import rules_of
from ingest.settings import Settings
from simulators.truth import StationAccount

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is; 0 is not known."""


def _ignore(_stage: str, _done: int, _total: int) -> None:
    pass


def audit(
    truth: Path,
    account: Path,
    settings: Settings,
    *,
    clock: Callable[[], datetime] = system_clock,
    progress: Progress = _ignore,
) -> Findings:
    """Compare a run's truth and account with the centre of these settings, at the time of `clock`.

    Nothing may be on its way meanwhile: end the run first. Raises Failure for files that are not
    of one run, or of another city than the centre's; StoreUnavailable when a database is away.
    """
    header = files.header_of_truth(truth)
    files.header_of_account(account, header)
    accounts = files.accounts(account)
    centre = open_centre(settings, clock)
    require_same_city(centre, accounts)
    progress("ledger", 0, 0)
    found, refused = _ledgers(centre, accounts)
    released = centre.store.trends.released_weeks()
    contents = compare(
        truth,
        centre,
        accounts,
        found.replayed,
        AreaSums(windows_of(released)),
        lambda done: progress("stations", done, header.stations),
    )
    told = cells_and_shares(
        centre,
        released,
        contents.truth,
        rules_of(settings.release),
        lambda done: progress("released windows", done, 0),
    )
    content = contents.sessions.done(), contents.windows.done()
    return Findings((found.check, refused, *content, counting(centre, contents.stored), *told))


def _ledgers(centre: Centre, accounts: dict[str, StationAccount]) -> tuple[Ledgers, Check]:
    book, door = _book(centre), centre.operations.quarantine
    discarded = door.fill().discarded
    refused = quarantine(accounts, door.by_station(), discarded, refused_of(book.tallies))
    return ledgers(accounts, book), refused


def _book(centre: Centre) -> Book:
    book = centre.operations.book
    return Book(book.tallies(), book.claims(), partial(_missing, centre))


def _missing(centre: Centre, station: str, epoch: int, numbered: int) -> list[Gap]:
    return gaps(centre.operations.book.spans(station, epoch), numbered)
