"""An audit's findings in lines for people, and in JSON for programs. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from health_kiosk.audit.findings import Check, Findings


def lines(findings: Findings, most: int | None) -> Iterator[str]:
    """A line for each check, then its notes, then at most `most` differences; None is all."""
    for check in findings.checks:
        yield f"{check.name}: {check.says}"
        for note in check.notes:
            yield f"  note: {note}"
        yield from _differences(check, most)
    wrong = sum(check.count for check in findings.checks)
    checks = len(findings.checks)
    if findings.balances:
        yield f"audit: balanced, {checks} checks"
    else:
        failed = [check.name for check in findings.checks if not check.balances]
        yield f"audit: does not balance: {wrong:,} difference(s) in {', '.join(failed)}"


def document(findings: Findings) -> dict[str, Any]:
    """The same as JSON takes it: figures, notes and every difference that was kept."""
    return {
        "balanced": findings.balances,
        "checks": [
            {
                "name": check.name,
                "balanced": check.balances,
                "says": check.says,
                "figures": check.figures,
                "notes": check.notes,
                "count": check.count,
                "differences": [asdict(one) for one in check.differences],
            }
            for check in findings.checks
        ],
    }


def _differences(check: Check, most: int | None) -> Iterator[str]:
    shown = check.differences[:most]
    for one in shown:
        yield f"  {one}"
    if left := check.count - len(shown):
        hint = "--all shows them" if most is not None else "they are only counted"
        yield f"  and {left:,} more; {hint}"
