"""What the centre has released, against what was counted, what is stored and what is true."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from contract.places import DISTRICTS
from health_kiosk.audit.areas import AreaSums, Window, every_measure, windows_of
from health_kiosk.audit.cells import Cells
from health_kiosk.audit.centre import Centre
from health_kiosk.audit.counting import Counting
from health_kiosk.audit.findings import Check
from health_kiosk.audit.shares import Shares
from ingest.calendar import Week, week_of
from ingest.cycles import cycles_left
from ingest.disclosure import Cell, Rules
from ingest.windows import Audience, Level, block_of

Stored = Mapping[Week, Mapping[str, int]]


def counted_sums(centre: Centre, windows: Iterable[Window]) -> AreaSums:
    """What releases have counted, by area and window: every tally, one station after another."""
    known = list(windows)
    sums = AreaSums(known)
    weeks = sorted({week for window in known for week in window.block.members()})
    releases = centre.operations.releases
    for week in weeks:
        block = block_of(week, 1)
        with cycles_left():
            for tally in releases.tallies(block, releases.homes(block)):
                told = (*tally.steps, tally.single, tally.late)
                where = (tally.station, tally.district, tally.venue, tally.week)
                sums.add(*where, tally.measure, told)
    return sums


def counting(centre: Centre, stored: Stored) -> Check:
    """Hold the sessions that have counted against those that are `stored`."""
    marked = centre.store.trends.released_weeks()
    frozen = centre.operations.releases.frozen()
    found = Counting()
    found.marks(marked, frozen)
    for own in sorted({*frozen, *(week for week in stored if frozen and week <= frozen[-1])}):
        if centre.since is None or own >= centre.since:
            counted = centre.operations.releases.counted(own)
            found.week(own, stored.get(own, {}), counted)
    return found.done(len(frozen))


def cells_and_shares(
    centre: Centre,
    released: Sequence[Week],
    truth: AreaSums,
    rules: Mapping[Audience, Rules],
    progress: Callable[[int], None],
) -> tuple[Check, Check]:
    """Hold every released cell against the tallies, and every share against the truth."""
    windows = [one for one in windows_of(released) if not _is_before(centre.since, one)]
    counted = counted_sums(centre, windows)
    cells, shares = Cells(), Shares()
    for done, (window, measure) in enumerate(every_measure(windows)):
        found = list(_cells(centre, window, measure))
        sums = counted.of(window, measure)
        cells.window(window, measure, found, sums, rules[window.audience])
        shares.window(window, measure, found, truth.of(window, measure), sums)
        progress(done + 1)
    checks = cells.done(len(released)), shares.done()
    if centre.since is not None and any(
        _is_before(centre.since, one) for one in windows_of(released)
    ):
        note = f"windows that begin before {centre.since} are not compared: their tallies are gone"
        checks[0].notes.append(note)
    return checks


def _is_before(since: Week | None, window: Window) -> bool:
    """Whether a window reaches back to where tallies have been forgotten with their sessions."""
    return since is not None and week_of(window.block.first) < since


def _cells(centre: Centre, window: Window, measure: str) -> Iterator[Cell]:
    """Every cell of a window; stations are read district by district."""
    where = (window.audience, window.level, window.block, measure)
    with cycles_left():
        for district in DISTRICTS if window.level is Level.STATION else ("",):
            yield from centre.store.trends.compared(*where, district)
