"""Released cells against the tallies they were made of: each number as it must have been. Pure.

This is exact, late sessions included, for a tally stands in the week in which it was counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from health_kiosk.audit.areas import Window, share_of
from health_kiosk.audit.findings import Check
from ingest.disclosure import Cell, Rules, State
from ingest.disclosure.intervals import percent, widened
from ingest.disclosure.scales import LATE, SINGLE

BESIDES = (SINGLE, LATE)
"""What stands after the steps in the sums of a tally, in order."""


@dataclass(slots=True)
class Cells:
    """The check of released cells, which takes window after window."""

    check: Check = field(default_factory=lambda: Check("cells"))
    _sums: Counter[str] = field(default_factory=Counter)

    def window(
        self,
        window: Window,
        measure: str,
        cells: Iterable[Cell],
        counted: Mapping[str, Sequence[int]],
        rules: Rules,
    ) -> None:
        """Compare a window's cells of one measure with what was `counted` in each area."""
        parts = {part.name: part for part in window.scale(measure).parts}
        areas: set[str] = set()
        for cell in cells:
            areas.add(cell.area)
            if cell.state is not State.SHOWN:
                self._sums[str(cell.rule or cell.state)] += 1
                continue
            self._sums["shown"] += 1
            if cell.count is None or rules.epsilon is not None:
                self._sums["unchecked"] += 1
                continue
            sums = counted.get(cell.area, ())
            if not sums:
                self.check.differ(cell.name, "sessions", 0, cell.n, window.block)
                continue
            steps = sums[: -len(BESIDES)]
            part = parts.get(cell.part)
            count = share_of(part, steps) if part else sums[BESIDES.index(cell.part) - len(BESIDES)]
            self._compare(cell, sum(steps), count, rules)
        if not window.is_of_extremes and rules.epsilon is None:
            self._absent(window, measure, areas, counted, rules.minimum_sessions)

    def done(self, weeks: int) -> Check:
        """The check, once all windows of the released weeks were compared."""
        self.check.figures |= dict(self._sums) | {"weeks": weeks}
        hidden = {
            rule: count
            for rule, count in sorted(self._sums.items())
            if rule not in ("shown", "unchecked")
        }
        verdict = "say" if self.check.balances else "do not say"
        self.check.says = (
            f"{self._sums['shown']:,} numbers of {weeks} released weeks {verdict} what was counted;"
            f" {sum(hidden.values()):,} hidden"
        )
        if hidden:
            told = ", ".join(f"{rule} {count:,}" for rule, count in hidden.items())
            self.check.notes.append(f"hidden by rule: {told}")
        if unchecked := self._sums["unchecked"]:
            self.check.notes.append(
                f"{unchecked:,} percentiles, and numbers with noise, have no exact value to be"
                " compared with"
            )
        return self.check

    def _compare(self, cell: Cell, n: int, count: int, rules: Rules) -> None:
        right, total = rules.rounded(count), rules.rounded(n)
        interval = widened(rules.behind(right, 0), rules.behind(total, 1), rules.design_effect)
        expected = (right, total, percent(right, total), *interval)
        found = (cell.count, cell.n, cell.share, cell.low, cell.high)
        if n < rules.minimum_sessions:
            self.check.differ(cell.name, "sessions too few to be shown", f"≥ {n}", cell.n)
        elif found != expected:
            self.check.differ(cell.name, "released", _told(expected), _told(found), cell.window)

    def _absent(
        self,
        window: Window,
        measure: str,
        areas: set[str],
        counted: Mapping[str, Sequence[int]],
        least: int,
    ) -> None:
        for area in sorted(counted.keys() - areas):
            n = sum(counted[area][: -len(BESIDES)])
            if n >= least:
                name = f"{window.audience}:{window.level}:{area}:{window.block}:{measure}"
                self.check.differ(name, "cells", f"of {n} sessions", "none", window.block)


def _told(numbers: Sequence[int | None]) -> str:
    count, n, share, low, high = numbers
    return f"{count} of {n}, {share} % ({low}–{high} %)"
