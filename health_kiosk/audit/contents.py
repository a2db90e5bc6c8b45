"""What the store holds against truth and account, some stations at a time: memory is bounded."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from health_kiosk.audit.areas import AreaSums
from health_kiosk.audit.cells import BESIDES
from health_kiosk.audit.centre import Centre
from health_kiosk.audit.files import stations
from health_kiosk.audit.kinds import Kind, kinds_of, measures, steps_of, week_named
from health_kiosk.audit.sessions import Sessions
from health_kiosk.audit.windows import Use, Windows
from ingest.calendar import Week
from ingest.pieces import pieces
from simulators.truth import StationAccount, StationWeek

STATIONS_AT_A_TIME = 250

Home = tuple[str, list[StationWeek]]
_Stored = dict[str, defaultdict[Week, Counter[Kind]]]


@dataclass(slots=True)
class Contents:
    """What was compared: two checks, and what the checks of releases need.

    `truth` sums the truth up by area, `stored` counts each week's sessions by station.
    """

    sessions: Sessions
    windows: Windows
    truth: AreaSums
    stored: defaultdict[Week, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))


def compare(
    path: Path,
    centre: Centre,
    accounts: Mapping[str, StationAccount],
    replayed: Mapping[str, int],
    truth: AreaSums,
    progress: Callable[[int], None],
) -> Contents:
    """Compare every station of the truth at `path`; `progress` is told how many are done."""
    contents = Contents(Sessions(centre.since), Windows(centre.windows_since), truth)
    weeks = centre.store.trends.weeks()
    homes = stations(path)
    seen: set[str] = set()
    while some := list(islice(homes, STATIONS_AT_A_TIME)):
        _some(contents, centre, some, accounts, replayed, weeks)
        seen.update(station for station, _ in some)
        progress(len(seen))
    missing = sorted(accounts.keys() - seen)
    for some_names in pieces(missing, STATIONS_AT_A_TIME):
        silent: list[Home] = [(station, []) for station in some_names]
        _some(contents, centre, silent, accounts, replayed, weeks)
    return contents


def _some(
    contents: Contents,
    centre: Centre,
    homes: Sequence[Home],
    accounts: Mapping[str, StationAccount],
    replayed: Mapping[str, int],
    weeks: Sequence[Week],
) -> None:
    names = [station for station, _ in homes]
    told = {week_named(line.week) for _, lines in homes for line in lines}
    stored = _sessions(centre, weeks, names)
    windows = _windows(centre, sorted(told.union(weeks)), names)
    for station, lines in homes:
        measured = {week_named(line.week): kinds_of(line.sessions) for line in lines}
        used = {week_named(line.week): Use(line.windows, line.entries) for line in lines}
        for line in lines:
            _sum_up(contents.truth, line, measured[week_named(line.week)])
        for week, kinds in stored[station].items():
            contents.stored[week][station] = kinds.total()
        account = accounts.get(station)
        if account is None:
            contents.sessions.check.differ(station, "lines in the account", 1, 0)
            continue
        again = replayed.get(station, 0)
        contents.sessions.station(account, measured, stored[station], replayed=again)
        contents.windows.station(account, used, windows[station])


def _sessions(centre: Centre, weeks: Iterable[Week], names: Collection[str]) -> _Stored:
    found: _Stored = {name: defaultdict(Counter) for name in names}
    for week in weeks:
        for one in centre.store.trends.sessions(week, names):
            found[one.station][week][one.measure, one.category] += one.sessions
    return found


def _windows(
    centre: Centre, weeks: Sequence[Week], names: Collection[str]
) -> dict[str, dict[Week, Use]]:
    found: dict[str, dict[Week, Use]] = {name: {} for name in names}
    for one in centre.store.windows.sums(weeks, names):
        before = found[one.station].get(one.week, Use())
        found[one.station][one.week] = Use(
            before.windows + one.windows, before.entries + one.entries
        )
    return found


def _sum_up(truth: AreaSums, line: StationWeek, kinds: Counter[Kind]) -> None:
    for measure in measures(kinds):
        sums = [*steps_of(measure, kinds), *(0 for _ in BESIDES)]
        where = (line.station, line.district, line.venue, week_named(line.week))
        truth.add(*where, measure, sums)
