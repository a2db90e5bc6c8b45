"""The operational database: what became of each message, and the latest word of each station."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from contract.errors import Reason, StoreUnavailable
from contract.receipts import Outcome
from contract.status import LedgerCount, Status
from ingest import tables
from ingest.ledger import Tally

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: how one numbered message ended."""

    station: str
    epoch: int
    seq: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Refused:
    """A message for the quarantine, kept whole."""

    topic: str
    payload: bytes
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the inventory."""

    id: str
    name_zh: str
    name_en: str
    district: str
    venue: str
    seats: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a station said last, and when ingest heard it."""

    alive: bool
    seen_at: datetime
    heartbeat_seconds: float
    min_batch: int
    claim: LedgerCount


class Operations:
    """Door to the operational database; every method raises StoreUnavailable if it is not there."""

    def __init__(self, url: str) -> None:
        """Connect to the SQLAlchemy `url` and create what tables are missing."""
        self._engine = create_engine(url)
        self._insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _durable)
        with self._begin() as connection:
            tables.metadata.create_all(connection)

    def record(
        self,
        *,
        entries: Iterable[Entry],
        refused: Iterable[Refused],
        statuses: Iterable[Status],
        now: datetime,
    ) -> None:
        """Commit what became of a batch of messages; recording it again changes nothing."""
        now = now.astimezone(UTC)  # SQLite forgets the zone
        with self._begin() as connection:
            self._upsert(connection, tables.ledger, [_entry_row(entry) for entry in entries])
            self._upsert(connection, tables.quarantine, [_refused_row(one, now) for one in refused])
            for status in statuses:
                self._record_status(connection, status, now)

    def register(self, stations: Sequence[Station]) -> None:
        """Add stations to the inventory, or change those that are in it."""
        rows = [
            {name: getattr(station, name) for name in Station.__slots__} for station in stations
        ]
        with self._begin() as connection:
            self._upsert(connection, tables.stations, rows)

    def stations(self) -> list[Station]:
        """The inventory, by district and id."""
        query = select(tables.stations).order_by(tables.stations.c.district, tables.stations.c.id)
        with self._begin() as connection:
            return [Station(**row) for row in connection.execute(query).mappings()]

    def sightings(self) -> dict[str, Sighting]:
        """The latest word of each station that ever sent one."""
        with self._begin() as connection:
            rows = connection.execute(select(tables.statuses)).mappings()
            return {row["station"]: _sighting(row) for row in rows}

    def tallies(self) -> dict[tuple[str, int], Tally]:
        """What arrived of each (station, epoch)."""
        ledger = tables.ledger.c
        stored = func.count().filter(ledger.outcome == Outcome.STORED.value)
        quarantined = func.count().filter(ledger.outcome == Outcome.QUARANTINED.value)
        query = select(
            ledger.station, ledger.epoch, stored, quarantined, func.max(ledger.seq)
        ).group_by(ledger.station, ledger.epoch)
        with self._begin() as connection:
            return {
                (station, epoch): Tally(*counts)
                for station, epoch, *counts in connection.execute(query)
            }

    def refusals(self) -> dict[Reason, int]:
        """How many messages are in quarantine for each reason."""
        reason = tables.quarantine.c.reason
        query = select(reason, func.count()).group_by(reason)
        with self._begin() as connection:
            return {Reason(name): count for name, count in connection.execute(query)}

    def refused(self) -> list[Refused]:
        """Every message in quarantine, oldest first."""
        kept = tables.quarantine.c
        query = select(kept.topic, kept.payload, kept.reason, kept.detail)
        with self._begin() as connection:
            rows = connection.execute(query.order_by(kept.received_at))
            return [
                Refused(topic, payload, Reason(reason), detail)
                for topic, payload, reason, detail in rows
            ]

    def _record_status(self, connection: Connection, status: Status, now: datetime) -> None:
        known = tables.statuses.c
        if status.ledger is None or status.agent is None:
            # A death ends only the life it belongs to: it may come after the next birth.
            connection.execute(
                tables.statuses.update()
                .where(known.station == status.station, known.boot == status.boot)
                .values(alive=False, seen_at=now)
            )
            return
        row = {
            "station": status.station,
            "boot": status.boot,
            "alive": True,
            "seen_at": now,
            "heartbeat_seconds": status.agent.heartbeat_seconds,
            "min_batch": status.agent.min_batch,
            **status.ledger.model_dump(),
        }
        self._upsert(connection, tables.statuses, [row])

    def _upsert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        statement = self._insert(table)
        changes = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if not column.primary_key
        }
        connection.execute(
            statement.on_conflict_do_update(index_elements=table.primary_key, set_=changes), rows
        )

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise StoreUnavailable(f"operational database: {error.orig}") from error


def _durable(connection: Any, _: object) -> None:
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")


def _entry_row(entry: Entry) -> Row:
    return {
        "station": entry.station,
        "epoch": entry.epoch,
        "seq": entry.seq,
        "outcome": entry.outcome.value,
    }


def _refused_row(refused: Refused, now: datetime) -> Row:
    digest = blake2b(refused.topic.encode() + b"\0" + refused.payload, digest_size=16)
    return {
        "digest": digest.hexdigest(),
        "received_at": now,
        "topic": refused.topic[:200],
        "reason": refused.reason.value,
        "detail": refused.detail[:300],
        "payload": refused.payload,
    }


def _sighting(row: RowMapping) -> Sighting:
    return Sighting(
        alive=row["alive"],
        seen_at=_aware(row["seen_at"]),
        heartbeat_seconds=row["heartbeat_seconds"],
        min_batch=row["min_batch"],
        claim=LedgerCount(**{name: row[name] for name in LedgerCount.model_fields}),
    )


def _aware(moment: datetime) -> datetime:
    """A moment read from the database: SQLite gives it without the zone, which is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
