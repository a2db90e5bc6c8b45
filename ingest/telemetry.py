"""What happens at ingest, one function each: it logs and it counts for Prometheus."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contract.errors import Reason

logger = logging.getLogger(__name__)


class Stage(StrEnum):
    """What a batch goes through, in this order."""

    VALIDATE = "validate"
    STORE = "store"
    LEDGER = "ledger"
    ANSWER = "answer"


_MANY = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Telemetry:
    """The signals of one ingest process; `registry` is what /metrics shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        count = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        spread = partial(Histogram, registry=self.registry)
        self._began: float | None = None
        self._messages = count("ingest_messages_total", "Messages committed")
        self._records = count("ingest_records_total", "Sessions and usage windows written")
        self._quarantined = count("ingest_quarantined_total", "Messages refused", ["reason"])
        self._replayed = count("ingest_replayed_total", "Messages stored out of quarantine")
        self._discarded = count(
            "ingest_quarantine_discarded_total", "Messages given up: the quarantine was full"
        )
        self._stages = count("ingest_stage_seconds_total", "Time spent on batches", ["stage"])
        self._commit_failures = count("ingest_commit_failures_total", "Commits to be tried again")
        self._weeks = count("ingest_weeks_released_total", "Weeks of trends frozen")
        self._connected = gauge("ingest_broker_connected", "1 while connected to the broker")
        gauge(
            "ingest_unanswered_seconds",
            "Age of the oldest message that arrived and is not answered; 0 without one",
        ).set_function(self._unanswered_seconds)
        self._batch = spread("ingest_batch_messages", "Messages in one commit", buckets=_MANY)
        self._store_writes = spread(
            "ingest_store_write_seconds",
            "Time until the store had committed a batch, or said that it cannot",
            buckets=_QUICK,
        )
        self._receipt_lag = spread(
            "ingest_receipt_lag_seconds",
            "From the arrival of a batch's first message to its receipts",
            buckets=_QUICK,
        )

    def batch_began(self) -> None:
        """The first message of a batch has arrived."""
        self._began = perf_counter()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time one stage of a batch, whether it succeeds or not."""
        began = perf_counter()
        try:
            yield
        finally:
            seconds = perf_counter() - began
            self._stages.labels(stage=stage.value).inc(seconds)
            if stage is Stage.STORE:
                self._store_writes.observe(seconds)

    def batch_committed(self, messages: int, records: int) -> None:
        """A batch is durable."""
        self._messages.inc(messages)
        self._records.inc(records)
        self._batch.observe(messages)
        logger.debug("committed %d message(s), %d record(s)", messages, records)

    def batch_answered(self) -> None:
        """Receipts and acknowledgements of a batch are on their way."""
        if self._began is not None:
            self._receipt_lag.observe(perf_counter() - self._began)
        self._began = None

    def batch_lost(self) -> None:
        """The connection ended with a batch that is not answered; the broker will send it again."""
        self._began = None

    def messages_quarantined(self, reasons: Mapping[Reason, int]) -> None:
        """The refused messages of a batch are in quarantine: so many for each reason."""
        for reason, count in reasons.items():
            self._quarantined.labels(reason=reason.value).inc(count)
            logger.warning("%d message(s) quarantined: %s", count, reason)

    def message_replayed(self) -> None:
        """A message left the quarantine and is stored."""
        self._replayed.inc()
        logger.info("message replayed out of quarantine")

    def messages_discarded(self, count: int) -> None:
        """The quarantine was over its bounds, and the oldest had to go."""
        self._discarded.inc(count)
        logger.error("quarantine is full: %d message(s) discarded", count)

    def commit_failed(self, problem: str, wait_seconds: float) -> None:
        """Nothing was committed or answered; the batch is kept and offered again."""
        self._commit_failures.inc()
        logger.error("cannot commit (%s); trying again in %.1f s", problem, wait_seconds)

    def upkeep_failed(self, problem: str, wait_seconds: float) -> None:
        """A database was away while quarantine and ledger were looked after."""
        logger.warning("upkeep put off (%s); trying again in %.1f s", problem, wait_seconds)

    def broker_connected(self) -> None:
        """The broker took the connection."""
        self._connected.set(1)
        logger.info("connected to the broker")

    def broker_lost(self, problem: str) -> None:
        """The connection ended or was refused; ingest keeps trying."""
        self._connected.set(0)
        logger.warning("no connection to the broker (%s); retrying", problem)

    def week_released(self, week: str) -> None:
        """A closed week of trends is frozen."""
        self._weeks.inc()
        logger.info("trends of %s released", week)

    def _unanswered_seconds(self) -> float:
        began = self._began  # another thread asks
        return 0.0 if began is None else perf_counter() - began
