"""What happens at ingest, one function each: it logs and it counts for Prometheus."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
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
        self._broker_problem = ""
        self._messages = count("ingest_messages_total", "Messages committed")
        self._records = count("ingest_records_total", "Sessions and usage windows written")
        self._quarantined = count("ingest_quarantined_total", "Messages refused", ["reason"])
        self._replayed = count("ingest_replayed_total", "Messages stored out of quarantine")
        self._discarded = count(
            "ingest_quarantine_discarded_total", "Messages given up: the quarantine was full"
        )
        self._stages = count("ingest_stage_seconds_total", "Time spent on batches", ["stage"])
        self._commit_failures = count("ingest_commit_failures_total", "Commits to be tried again")
        self._connected = gauge("ingest_broker_connected", "1 while connected to the broker")
        self._certificate_until = gauge(
            "ingest_broker_certificate_until_seconds",
            "When the broker's certificate ends, in seconds since 1970; 0 without encryption",
        )
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
        self._count_upkeep(count, gauge)

    def _count_upkeep(self, count: Callable[..., Counter], gauge: Callable[..., Gauge]) -> None:
        """What is done and known beside the batches: releases, stations, work that waits."""
        self._weeks = count("ingest_weeks_released_total", "Weeks of trends frozen")
        self._release_failures = count(
            "ingest_release_failures_total", "Releases put off: a database was away"
        )
        self._released_until = gauge(
            "ingest_released_until_seconds",
            "End of the last week whose trends are released, in seconds since 1970; 0 before any",
        )
        self._expired = count("ingest_expired_rows_total", "Rows deleted when their time was up")
        self._rejects = count(
            "ingest_rejects_total",
            "Readings that stations say they refused: the least that their bands allow",
            ["reason"],
        )
        for reason in Reason:  # a counter that begins above 0 has not increased, to Prometheus
            self._rejects.labels(reason=reason.value)
        self._fleet_until = gauge(
            "ingest_fleet_written_seconds",
            "The last minute that this worker wrote the state of the fleet for, since 1970; 0 none",
        )
        self._fleet_failures = count(
            "ingest_fleet_failures_total", "Minutes of the fleet left out: a database was away"
        )
        self._quarantine = gauge("ingest_quarantine_messages", "Messages in quarantine")
        self._quarantine_bytes = gauge("ingest_quarantine_bytes", "Their size")
        self._dirty = gauge("ingest_dirty_hours", "Marks of hours to be made anew")

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
        self._broker_problem = ""
        logger.info("connected to the broker")

    def broker_certificate(self, until: datetime) -> None:
        """The broker has shown a certificate that ends then."""
        self._certificate_until.set(until.timestamp())

    def broker_lost(self, problem: str) -> None:
        """The connection ended or was refused; ingest keeps trying."""
        self._connected.set(0)
        if problem != self._broker_problem:  # it is tried every other second, perhaps for days
            self._broker_problem = problem
            logger.warning("no connection to the broker (%s); retrying", problem)

    def week_released(self, week: str, closed: datetime) -> None:
        """A week of trends that closed at `closed` is frozen."""
        self._weeks.inc()
        self.released_until(closed)
        logger.info("trends of %s released", week)

    def released_until(self, closed: datetime) -> None:
        """The last week that is released, by whatever worker, closed at this moment."""
        self._released_until.set(closed.timestamp())

    def release_failed(self, problem: str, wait_seconds: float) -> None:
        """A database was away while a week was released; it goes on where it was."""
        self._release_failures.inc()
        logger.error("release put off (%s); trying again in %.1f s", problem, wait_seconds)

    def expired(self, rows: int) -> None:
        """What was kept for as long as the settings say is deleted."""
        self._expired.inc(rows)

    def readings_rejected(self, reasons: Mapping[Reason, int]) -> None:
        """Stations said in batches that are committed how many readings they refused, at least."""
        for reason, count in reasons.items():
            self._rejects.labels(reason=reason.value).inc(count)

    def fleet_written(self, minute: datetime) -> None:
        """The state of the fleet at this minute is in the store."""
        self._fleet_until.set(minute.timestamp())

    def fleet_failed(self, problem: str) -> None:
        """A database was away; this minute of the fleet is left out."""
        self._fleet_failures.inc()
        logger.warning("state of the fleet not written (%s)", problem)

    def waiting(self, quarantined: int, quarantined_bytes: int, dirty_hours: int) -> None:
        """How much waits in quarantine, and for hours of usage to be made anew."""
        self._quarantine.set(quarantined)
        self._quarantine_bytes.set(quarantined_bytes)
        self._dirty.set(dirty_hours)

    def _unanswered_seconds(self) -> float:
        began = self._began  # another thread asks
        return 0.0 if began is None else perf_counter() - began
