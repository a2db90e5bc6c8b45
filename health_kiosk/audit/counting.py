"""What releases have counted against what is stored: none twice, none from nowhere. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from health_kiosk.audit.findings import Check
from ingest.calendar import Week


@dataclass(slots=True)
class Counting:
    """The check of what was counted, week by week of the sessions' days."""

    check: Check = field(default_factory=lambda: Check("counted"))
    _counted: int = 0
    _waiting: int = 0

    def week(self, own: Week, stored: Mapping[str, int], counted: Mapping[str, int]) -> None:
        """Compare the sessions of the week `own` that are stored with those that have counted."""
        for station in sorted(stored.keys() | counted.keys()):
            here, told = stored.get(station, 0), counted.get(station, 0)
            self._counted += told
            if told > here:
                self.check.differ(station, "sessions counted by releases", here, told, own)
            self._waiting += max(0, here - told)

    def marks(self, marked: Iterable[Week], frozen: Iterable[Week]) -> None:
        """Compare the weeks that readers see as released with those that are settled."""
        for week in sorted(set(marked) ^ set(frozen)):
            here = "marked in the store" if week in set(marked) else "settled"
            self.check.differ("the centre", "a released week", "marked and settled", here, week)

    def done(self, weeks: int) -> Check:
        """The check, once every week was compared."""
        verdict = "are stored" if self.check.balances else "are not what is stored"
        self.check.figures |= {"weeks": weeks, "counted": self._counted, "waiting": self._waiting}
        self.check.says = f"{self._counted:,} sessions counted in {weeks} released weeks {verdict}"
        if self._waiting:
            self.check.notes.append(
                f"{self._waiting:,} sessions of released weeks came late and wait to be counted"
            )
        return self.check
