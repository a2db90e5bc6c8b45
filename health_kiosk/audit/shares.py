"""Released shares against the truth: how often their interval holds it. Pure.

A window counts sessions by the day of their batch, and late ones in a later week. Both are in the
truth of another window. So a miss is forgiven if moving as many sessions as are known to be in
another window would mend it; how many were forgiven is told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from health_kiosk.audit.areas import Window, share_of, told_by_category
from health_kiosk.audit.cells import BESIDES
from health_kiosk.audit.findings import Check
from ingest.disclosure import Cell
from ingest.disclosure.scales import LATE

COVERED_PERCENT = 95
"""How many of the intervals hold the truth at least: what an interval of 95 % promises."""

_MOST_NOTES = 20


@dataclass(slots=True)
class Shares:
    """The check of released shares, which takes window after window."""

    check: Check = field(default_factory=lambda: Check("shares"))
    _held: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)
    _missed: dict[str, list[tuple[Cell, str]]] = field(default_factory=dict)
    _forgiven: int = 0
    _apart: int = 0
    _late_only: int = 0

    def window(
        self,
        window: Window,
        measure: str,
        cells: Iterable[Cell],
        truth: Mapping[str, Sequence[int]],
        counted: Mapping[str, Sequence[int]],
    ) -> None:
        """Compare a window's shares of one measure with the `truth` of each area."""
        parts = {part.name: part for part in window.scale(measure).parts}
        for cell in cells:
            if cell.share is None or cell.low is None or cell.high is None:
                continue
            steps, sums = truth.get(cell.area, ()), counted.get(cell.area, ())
            if not sum(steps):
                if _late(sums) < sum(sums[: -len(BESIDES)]) or not sums:
                    self.check.differ(cell.name, "sessions, by truth", 0, cell.n, window.block)
                else:
                    self._late_only += 1
                continue
            part = parts.get(cell.part)
            if part is None or not told_by_category(measure, part):
                self._apart += 1
                continue
            moved = _moved(sum(steps), sums)
            self._judge(cell, window, share_of(part, steps), sum(steps), moved)

    def done(self) -> Check:
        """The check, once all windows were compared."""
        for level in sorted(self._asked):
            self._verdict(level)
        asked, held = self._asked.total(), self._held.total()
        by_level = ", ".join(
            f"{level} {self._held[level]:,} of {self._asked[level]:,}"
            for level in sorted(self._asked)
        )
        coverage = f"{100 * held / asked:.1f} %" if asked else "none"
        self.check.figures |= {"shares": asked, "held": held, "forgiven": self._forgiven}
        self.check.figures |= {f"{level} shares": count for level, count in self._asked.items()}
        self.check.figures |= {f"{level} held": count for level, count in self._held.items()}
        self.check.says = f"{asked:,} released shares, {coverage} hold the truth" + (
            f" ({by_level})" if by_level else ""
        )
        if self._forgiven:
            self.check.notes.append(
                f"{self._forgiven:,} of them within the number of sessions that count in another"
                " window: late, or in a batch that ended later"
            )
        if self._late_only:
            self.check.notes.append(
                f"{self._late_only:,} shares are of late sessions only, which the truth has in"
                " another window"
            )
        if self._apart:
            self.check.notes.append(
                f"{self._apart:,} shares are of what the truth does not tell: the home threshold,"
                " single readings, late sessions"
            )
        return self.check

    def _judge(self, cell: Cell, window: Window, count: int, n: int, moved: int) -> None:
        level = f"{window.audience} {window.level}"
        self._asked[level] += 1
        low, high = cell.low or 0, cell.high or 0
        if low * n <= 100 * count <= high * n:
            self._held[level] += 1
        elif low * n <= 100 * (count + moved) and 100 * (count - moved) <= high * n:
            self._held[level] += 1
            self._forgiven += 1
        else:
            truth = f"{count} of {n}, {100 * count / n:.1f} %"
            self._missed.setdefault(level, []).append((cell, truth))

    def _verdict(self, level: str) -> None:
        """Misses differ where there are more than the intervals allow, and are notes otherwise."""
        missed = self._missed.get(level, [])
        too_many = 100 * len(missed) > (100 - COVERED_PERCENT) * self._asked[level]
        for place, (cell, truth) in enumerate(missed):
            found = f"{cell.share} % ({cell.low}–{cell.high} %)"
            if too_many:
                self.check.differ(cell.name, "share", truth, found, cell.window)
            elif place < _MOST_NOTES:
                self.check.notes.append(f"misses, as few may: {cell.name}: {truth}, not {found}")


def _moved(n: int, counted: Sequence[int]) -> int:
    """How many sessions at least are in this window and not in the truth of it, or the reverse."""
    if not counted:
        return n
    late = _late(counted)
    return late + abs(n - (sum(counted[: -len(BESIDES)]) - late))


def _late(counted: Sequence[int]) -> int:
    """How many of the sessions that count in a window are of days before it."""
    return counted[BESIDES.index(LATE) - len(BESIDES)] if counted else 0
