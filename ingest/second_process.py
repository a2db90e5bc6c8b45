"""A second process that takes a share of a release: it opens the same databases by itself."""

import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from ingest.operations import Operations
from ingest.store import Store

Open = Callable[[], tuple[Store, Operations]]
"""Opens the databases in another process; it is sent there."""

SHARED_FROM = 2_000
"""So many stations are worth a process more."""


def second_process() -> ProcessPoolExecutor:
    """One process, started afresh: a copy of this one would have its threads' locks."""
    return ProcessPoolExecutor(1, get_context("spawn"), _leave_signals_to_the_parent)


def _leave_signals_to_the_parent() -> None:
    """Whoever is told to end waits for the release to end, and for its other half."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
