"""The sessions of every station in the store against those that truth and account know. Pure.

Truth counts a session in the week in which it was measured, the store in the week of the last day
of its batch. So the weeks of the store are held against the account, which knows the batches, and
the truth says what can have been measured until then, category by category.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from health_kiosk.audit.findings import Check
from health_kiosk.audit.kinds import Kind, week_named
from ingest.calendar import Week
from simulators.truth import StationAccount

ByWeek = Mapping[Week, Mapping[Kind, int]]


@dataclass(slots=True)
class Sessions:
    """The check of sessions, which takes station after station.

    Of weeks before `since` the store has no sessions any more; None is all are there.
    """

    since: Week | None = None
    check: Check = field(default_factory=lambda: Check("sessions"))
    _sums: Counter[str] = field(default_factory=Counter)

    def station(
        self, account: StationAccount, truth: ByWeek, stored: ByWeek, *, replayed: int = 0
    ) -> None:
        """Compare one station; `replayed` of its refused messages were stored after all."""
        measured, here = _total(truth), _total(stored)
        self._sums.update(
            stations=1,
            measured=measured,
            stored=here,
            staged=account.staged,
            poisoned=account.poisoned,
        )
        on_their_way = self._sent(account, measured)
        self._measured_before(account.station, truth, stored)
        slack = on_their_way if account.pending or account.dropped or replayed else 0
        self._stored(account, stored, slack)

    def done(self) -> Check:
        """The check, once every station was compared."""
        sums = self._sums
        self.check.figures |= dict(sums)
        verdict = "are" if self.check.balances else "are not"
        self.check.says = (
            f"{sums['stored']:,} stored sessions of {sums['stations']:,} stations {verdict} the"
            f" {sums['measured']:,} measured less {sums['staged']:,} staged and"
            f" {sums['on_their_way']:,} pending, quarantined or dropped"
        )
        if later := sums["dated_later"]:
            self.check.notes.append(
                f"{later:,} sessions are dated after the week they were measured in, because their"
                " batch ended then"
            )
        if whole := sums["only_as_a_whole"]:
            self.check.notes.append(
                f"weeks of {whole:,} stations are compared from above only, and exactly over the"
                " whole run: the account does not divide their sessions by week"
            )
        if self.since is not None and sums["expired"]:
            self.check.notes.append(
                f"{sums['expired']:,} sessions of weeks before {self.since} have expired and are"
                " not compared"
            )
        return self.check

    def _sent(self, account: StationAccount, measured: int) -> int:
        """Hold the account against the truth; how many sessions are in messages not stored."""
        left = measured - account.sessions - account.staged
        unstored = account.pending + account.dropped
        unstored += max(0, account.quarantined - account.poisoned)
        if left < 0 or (left and not unstored):
            sent = account.sessions + account.staged
            self.check.differ(
                account.station, "sessions measured, by truth; sent or staged", measured, sent
            )
            return 0
        self._sums["on_their_way"] += left
        return left

    def _measured_before(self, station: str, truth: ByWeek, stored: ByWeek) -> None:
        """No session is dated before it was measured, and each keeps its category."""
        room: Counter[Kind] = Counter()
        told: set[Kind] = set()
        last = max(truth, default=None)
        for week in sorted(truth.keys() | stored.keys()):
            room.update(truth.get(week, {}))
            room.subtract(stored.get(week, {}))
            for kind, left in room.items():
                if left < 0 and kind not in told:
                    told.add(kind)
                    most = stored[week][kind] + left
                    what = f"sessions of {' '.join(kind)}"
                    self.check.differ(station, what, f"at most {most}", stored[week][kind], week)
            if week != last:
                self._sums["dated_later"] += max(0, room.total())

    def _stored(self, account: StationAccount, stored: ByWeek, slack: int) -> None:
        """Hold the store against the account, by week if it knows them."""
        if account.by_week is None:
            if self.since is not None:
                return
            self._sums["only_as_a_whole"] += 1
            self._compare(account.station, account.sessions, _total(stored), slack, "")
            return
        sent = {week_named(week): count for week, count in account.by_week.items()}
        for week in sorted(sent.keys() | stored.keys()):
            if self.since is not None and week < self.since:
                self._sums["expired"] += sent.get(week, 0)
                continue
            here = sum(stored.get(week, {}).values())
            self._compare(account.station, sent.get(week, 0), here, slack, str(week))

    def _compare(self, station: str, sent: int, here: int, slack: int, week: str) -> None:
        if not sent <= here <= sent + slack:
            expected = f"{sent} to {sent + slack}" if slack else sent
            self.check.differ(station, "sessions", expected, here, week)


def _total(weeks: ByWeek) -> int:
    return sum(sum(kinds.values()) for kinds in weeks.values())
