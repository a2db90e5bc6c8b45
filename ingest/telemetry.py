"""What happens at ingest, one function each: it logs and it counts for Prometheus."""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contract.errors import Reason

logger = logging.getLogger(__name__)


class Telemetry:
    """The signals of one ingest process; `registry` is what /metrics shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "ingest_messages_total", "Messages committed", registry=self.registry
        )
        self._records = Counter(
            "ingest_records_total", "Sessions and usage windows written", registry=self.registry
        )
        self._quarantined = Counter(
            "ingest_quarantined_total", "Messages refused", ["reason"], registry=self.registry
        )
        self._replayed = Counter(
            "ingest_replayed_total", "Messages stored out of quarantine", registry=self.registry
        )
        self._discarded = Counter(
            "ingest_quarantine_discarded_total",
            "Messages given up because the quarantine was full",
            registry=self.registry,
        )
        self._batch = Histogram(
            "ingest_batch_messages",
            "Messages in one commit",
            buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000),
            registry=self.registry,
        )
        self._commit_failures = Counter(
            "ingest_commit_failures_total", "Commits to be tried again", registry=self.registry
        )
        self._connected = Gauge(
            "ingest_broker_connected", "1 while connected to the broker", registry=self.registry
        )
        self._weeks = Counter(
            "ingest_weeks_released_total", "Weeks of trends frozen", registry=self.registry
        )

    def batch_committed(self, messages: int, records: int) -> None:
        """A batch is durable."""
        self._messages.inc(messages)
        self._records.inc(records)
        self._batch.observe(messages)
        logger.debug("committed %d message(s), %d record(s)", messages, records)

    def message_quarantined(self, reason: Reason) -> None:
        """A refused message is in quarantine."""
        self._quarantined.labels(reason=reason.value).inc()
        logger.warning("message quarantined: %s", reason)

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
