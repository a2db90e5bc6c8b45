"""The usage windows of every station in the store against those that truth knows. Pure.

A window belongs to the week in which it begins, for everybody, so every week is compared exactly.
Only where a station's windows are not all stored (they are unnumbered, pending, dropped or refused)
its weeks are compared from above, and their sum with the account.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from health_kiosk.audit.findings import Check
from ingest.calendar import Week
from simulators.truth import StationAccount


class Use(NamedTuple):
    """Windows, and the people that they say came in."""

    windows: int = 0
    entries: int = 0


ByWeek = Mapping[Week, Use]
_NONE = Use()


@dataclass(slots=True)
class Windows:
    """The check of windows and entries, which takes station after station.

    Of weeks before `since` the store has lost windows, by their age; None is all are there.
    """

    since: Week | None = None
    check: Check = field(default_factory=lambda: Check("windows"))
    _sums: Counter[str] = field(default_factory=Counter)

    def station(self, account: StationAccount, truth: ByWeek, stored: ByWeek) -> None:
        """Compare one station."""
        told = sum(use.windows for use in truth.values())
        here = sum(use.windows for use in stored.values())
        self._sums.update(
            stations=1,
            stored=here,
            entries=sum(use.entries for use in stored.values()),
            unnumbered=account.unnumbered,
        )
        left = told - account.windows - account.unnumbered
        unstored = account.pending + account.dropped
        unstored += max(0, account.quarantined - account.poisoned)
        if left < 0 or (left and not unstored):
            sent = account.windows + account.unnumbered
            self.check.differ(
                account.station, "windows made, by truth; sent or unnumbered", told, sent
            )
            left = max(0, left)
        self._sums["on_their_way"] += left
        is_whole = told == account.windows
        before = self.check.count
        for week in sorted(truth.keys() | stored.keys()):
            if self.since is None or week >= self.since:
                of_week = (truth.get(week, _NONE), stored.get(week, _NONE))
                self._week(account.station, week, *of_week, is_whole=is_whole)
        if self.since is None and before == self.check.count:
            self._whole(account, here, left)

    def done(self) -> Check:
        """The check, once every station was compared."""
        sums = self._sums
        self.check.figures |= dict(sums)
        verdict = "are" if self.check.balances else "are not"
        self.check.says = (
            f"{sums['stored']:,} stored windows with {sums['entries']:,} entries of"
            f" {sums['stations']:,} stations {verdict} those of the truth, week by week"
        )
        if away := sums["unnumbered"] + sums["on_their_way"]:
            self.check.notes.append(
                f"{away:,} windows of {sums['partly']:,} stations are unnumbered, pending,"
                " quarantined or dropped; weeks of these stations are compared from above"
            )
        if self.since is not None:
            self.check.notes.append(f"weeks before {self.since} have expired and are not compared")
        return self.check

    def _week(self, station: str, week: Week, told: Use, here: Use, *, is_whole: bool) -> None:
        if here.windows > told.windows or (is_whole and here.windows < told.windows):
            self.check.differ(station, "windows", told.windows, here.windows, week)
        elif here.entries > told.entries or (
            here.windows == told.windows and here.entries != told.entries
        ):
            self.check.differ(station, "entries", told.entries, here.entries, week)

    def _whole(self, account: StationAccount, here: int, left: int) -> None:
        if account.unnumbered or left:
            self._sums["partly"] += 1
        if not account.windows <= here <= account.windows + left:
            expected = account.windows if not left else f"{account.windows} to {left} more"
            self.check.differ(account.station, "windows", expected, here)
