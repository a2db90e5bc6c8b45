"""Whether this process does its work, and since when it does not: looked at, never waited for."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread

from prometheus_client import CollectorRegistry, Gauge

from contract.errors import StoreUnavailable
from ingest.operations import Operations
from ingest.pipeline import Answer, Delivery
from ingest.store import Store
from ingest.subscriber import Settle

_PATIENCE_SECONDS = 1.0
_LONG = timedelta(seconds=10)
"""A batch that takes longer than this to commit is waiting for a database."""


@dataclass(frozen=True, slots=True)
class Health:
    """Since when each thing fails that fails now; None for what works."""

    broker_away: datetime | None
    store_away: datetime | None
    operations_away: datetime | None
    not_storing: datetime | None


class Settling:
    """Settles batches for the subscriber, and knows since when one has been waiting."""

    def __init__(self, settle: Settle, clock: Callable[[], datetime], retry_seconds: float) -> None:
        """A batch that fails is offered again within `retry_seconds`, while it is held at all."""
        self._settle = settle
        self._clock = clock
        self._retried_within = timedelta(seconds=2 * retry_seconds) + _LONG
        self._waiting_since: datetime | None = None
        self._failed_at: datetime | None = None
        self._is_trying = False

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Answer]:
        """As `Pipeline.settle`."""
        if self._waiting_since is None or self._is_forgotten():
            self._waiting_since, self._failed_at = self._clock(), None
        self._is_trying = True
        try:
            answers = self._settle(deliveries)
        except StoreUnavailable:
            self._failed_at = self._clock()
            raise
        finally:
            self._is_trying = False
        self._waiting_since = self._failed_at = None
        return answers

    def waiting_since(self) -> datetime | None:
        """Since when a batch cannot be committed; None if none waits."""
        since = self._waiting_since
        if since is None or self._is_forgotten():
            return None
        is_long = self._failed_at is not None or self._clock() - since > _LONG
        return since if is_long else None

    def _is_forgotten(self) -> bool:
        """Whether the batch that failed last will not come again: its connection broke."""
        failed_at = self._failed_at
        if failed_at is None or self._is_trying:
            return False
        return self._clock() - failed_at >= self._retried_within


class Watch:
    """Looks at everything that this process depends on."""

    def __init__(
        self,
        is_connected: Callable[[], bool],
        store: Store,
        operations: Operations,
        settling: Settling,
        clock: Callable[[], datetime],
        registry: CollectorRegistry,
    ) -> None:
        self._is_connected = is_connected
        self._store = _Probe(store.trends.released_weeks)
        self._operations = _Probe(operations.quarantine.counts)
        self._settling = settling
        self._clock = clock
        self._since: dict[str, datetime] = {}
        self._gauge = Gauge("ingest_problem", "1 while it lasts", ["code"], registry=registry)

    def look(self) -> Health:
        """How everything is now; takes a few seconds at the most, whatever hangs."""
        health = Health(
            broker_away=self._first_seen("broker_away", not self._is_connected()),
            store_away=self._first_seen("store_away", not self._store.answers()),
            operations_away=self._first_seen("operations_away", not self._operations.answers()),
            not_storing=self._settling.waiting_since(),
        )
        for code in Health.__slots__:
            self._gauge.labels(code).set(getattr(health, code) is not None)
        return health

    def _first_seen(self, code: str, holds: bool) -> datetime | None:
        if holds:
            return self._since.setdefault(code, self._clock())
        self._since.pop(code, None)
        return None


class _Probe:
    """A question to a database, asked in a thread of its own, for the answer may never come."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._asked: Future[object] | None = None

    def answers(self) -> bool:
        """Whether it answers within a moment; while a question hangs no other is asked."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                Thread(target=self._run, args=(self._asked,), daemon=True).start()
            asked = self._asked
        try:
            asked.result(_PATIENCE_SECONDS)
        except (StoreUnavailable, TimeoutError):
            return False
        return True

    def _run(self, asked: Future[object]) -> None:
        try:
            asked.set_result(self._ask())
        except BaseException as error:  # noqa: BLE001  # raised again where the answer is awaited
            asked.set_exception(error)
