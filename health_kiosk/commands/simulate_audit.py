"""`health-kiosk simulate audit`: truth and account of a simulated city against its centre."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from health_kiosk.audit.report import document, lines
from health_kiosk.audit.run import audit
from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.settings import load

_PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 1.0


def run(options: argparse.Namespace) -> None:
    """Print what was compared and what differs; ends with 1 if anything does."""
    settings = settings_from(load, options.config)
    progress = _Progress(monotonic)
    findings = audit(options.truth, options.account, settings, progress=progress.tell)
    progress.end()
    for line in lines(findings, None if options.all else options.most):
        print(line)
    if options.json is not None:
        _write(options.json, json.dumps(document(findings), ensure_ascii=False, indent=1))
    if not findings.balances:
        raise SystemExit(1)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from error


class _Progress:
    """A line on stderr, once an audit takes longer than anybody likes to wait in silence."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next = clock() + _PATIENCE_SECONDS
        self._spoken = False

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say how far the audit is, not too often."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + _PAUSE_SECONDS
        self._spoken = True
        of = f" of {total:,}" if total else ""
        print(f"\raudit: {stage} {done:,}{of}   ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._spoken:
            print(file=sys.stderr)
