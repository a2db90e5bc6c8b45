"""Everything about all stations at one moment, which in a large city is kept for a minute.

To read all that is known of 20,000 stations takes a second of a processor, and every page shows
something of it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock

from contract.errors import StoreUnavailable
from ingest import ledger_queries
from ingest.answers import CurrentProblem
from ingest.cycles import cycles_left
from ingest.fleet import State, states, sums, versions
from ingest.operations import Operations
from ingest.operator_answers import LedgerSummary
from ingest.problems import of_ledgers, of_stations

MANY_STATIONS = 5_000
"""From so many stations on a look is kept; before, every answer is of its own moment."""

KEPT = timedelta(minutes=1)
_TOO_OLD = 2 * KEPT


@dataclass(frozen=True)
class Look:
    """How every station in service was `at` a moment, and the ledger over all that ever spoke.

    `smallest_min_batch` is the smallest that any station reports; None if none has spoken.
    What is counted of so many states is counted once.
    """

    at: datetime
    states: tuple[State, ...]
    ledger: LedgerSummary
    smallest_min_batch: int | None

    @cached_property
    def sums(self) -> Mapping[str, Mapping[str, int]]:
        """The counts of the city and of each district with a station."""
        return sums(self.states)

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """How many stations run each version."""
        return versions(self.states)

    @cached_property
    def problems(self) -> tuple[CurrentProblem, ...]:
        """What is wrong at stations."""
        # Of a station that never spoke nobody knows what it has numbered.
        heard = {one.id for one in self.states if one.last_seen}
        unbalanced = {one.station for one in self.ledger.unbalanced} & heard
        conditions = [one.condition for one in self.states if one.condition]
        return (*of_ledgers(unbalanced), *of_stations(conditions))


class WholeCity:
    """Looks at all stations; threads may share it."""

    def __init__(self, operations: Operations, clock: Callable[[], datetime]) -> None:
        self._operations = operations
        self._clock = clock
        self._lock = Lock()
        self._kept: Look | None = None

    def look(self) -> Look:
        """How all stations are; in a large city up to two minutes old.

        Raises StoreUnavailable if it cannot be read and nothing is kept.
        """
        kept = self._kept
        if kept is not None and self._clock() - kept.at < _TOO_OLD:
            return kept
        return self._read(_TOO_OLD)

    def keep_fresh(self) -> None:
        """Read anew what is kept if it is a minute old; call this now and again.

        In a small city it does nothing. Nor does it while the database is away.
        """
        with suppress(StoreUnavailable):
            if self._kept is not None or self._operations.inventory.count() >= MANY_STATIONS:
                self._read(KEPT)

    def _read(self, age: timedelta) -> Look:
        """A look not older than `age`: one thread reads, the others wait for what it has seen."""
        with self._lock:
            kept = self._kept
            if kept is None or self._clock() - kept.at >= age:
                kept = look(self._operations, self._clock())
                self._kept = kept if len(kept.states) >= MANY_STATIONS else None
            return kept


def look(operations: Operations, now: datetime) -> Look:
    """Read everything; raises StoreUnavailable."""
    with cycles_left():
        sightings = operations.sightings.all()
        ledger = ledger_queries.summed(operations.book.claims(), operations.book.tallies())
        return Look(
            at=now,
            states=tuple(states(operations.inventory.all(), sightings, ledger.unbalanced, now)),
            ledger=ledger,
            smallest_min_batch=min((one.min_batch for one in sightings.values()), default=None),
        )
