"""Releasing weeks with the real job in a process of its own, to see what it takes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.trends_stages import Stages
from ingest.calendar import Week
from ingest.centre import opened
from ingest.operations import Operations
from ingest.release import release_due, rules_of
from ingest.settings import ReleaseSection, StoreSection
from ingest.store import Store

_SAY_SECONDS = 5.0
_TIMES = 5


@dataclass(frozen=True, slots=True)
class Released:
    """One turn of the job: what it released, in how many seconds, and its memory in MiB at most.

    `processor` are the seconds that it had a processor, whoever else wanted one. `before` is the
    memory that the process held when it began; `stages` are shares of the time. `known_week` are
    the seconds that it takes to see of one more week that all of its sessions are counted.
    """

    weeks: tuple[Week, ...]
    seconds: float
    processor: float
    before: float
    peak: float
    stages: Mapping[str, float]
    known_week: float


def released(section: StoreSection, now: datetime, say: Callable[[str], None]) -> Released:
    """Release what is due at `now`; raises RuntimeError if the process ends without an answer."""
    context = get_context("spawn")
    answer, there = context.Pipe(duplex=False)
    process = context.Process(target=_release, args=(section, now, there))
    process.start()
    there.close()
    began = perf_counter()
    try:
        while not answer.poll(_SAY_SECONDS):
            say(f"  releasing, {perf_counter() - began:.0f} s")
        found: Released = answer.recv()
    except EOFError as error:
        raise RuntimeError("the release failed; its own words stand above") from error
    finally:
        process.terminate()
        process.join()
    return found


def peak_memory() -> float:
    """The most that this process ever held in memory, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(kibibytes) / 1024


def _release(section: StoreSection, now: datetime, answer: Connection) -> None:
    settings = ReleaseSection()
    store, operations = opened(section, lambda: now)
    before, began, used = peak_memory(), perf_counter(), process_time()
    with Stages() as stages:
        weeks = release_due(
            store,
            operations,
            rules_of(settings),
            now,
            settings.delay_hours,
            elsewhere=partial(opened, section),
        )
    seconds, used = perf_counter() - began, process_time() - used
    peak = peak_memory()
    known = _known_week(store, operations, weeks[-1]) if weeks else 0.0
    answer.send(Released(tuple(weeks), seconds, used, before, peak, stages.shares(), known))


def _known_week(store: Store, operations: Operations, week: Week) -> float:
    """Seconds of what a release asks of every week that is stored; the median of some times."""
    took = []
    for _ in range(_TIMES):
        began = perf_counter()
        store.trends.session_counts(week)
        operations.releases.counted(week)
        took.append(perf_counter() - began)
    return median(took)
