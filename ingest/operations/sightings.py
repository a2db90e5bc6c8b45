"""The latest word of each station: whether it lives, and in what condition."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from contract.condition import Condition
from contract.errors import ContractError, Reason
from contract.status import LedgerCount, Status
from ingest.operations.database import Database
from ingest.operations.tables import claims, statuses
from ingest.operations.times import aware, utc

_LARGEST_COUNT = 2**53
_LARGEST_BATCH = 2**31 - 1
_LONGEST_HEARTBEAT = 86_400.0


def require_fit(status: Status) -> None:
    """Raise ContractError (STORE_REFUSED) for a status that no table can hold.

    The contract sets no bounds to its numbers; one message must not end every worker in turn.
    """
    counts = [*status.ended, *([status.ledger] if status.ledger else [])]
    agent = status.agent
    if any(max(one.numbered, one.pending, one.dropped) >= _LARGEST_COUNT for one in counts):
        raise ContractError(Reason.STORE_REFUSED, "ledger: a count is too large")
    if agent is None:
        return
    if agent.min_batch > _LARGEST_BATCH or "\0" in agent.version:
        raise ContractError(Reason.STORE_REFUSED, "agent: the database cannot hold it")
    if not agent.heartbeat_seconds <= _LONGEST_HEARTBEAT:
        raise ContractError(Reason.STORE_REFUSED, "agent: heartbeats are a day apart at the most")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a station said last, and when ingest heard it."""

    alive: bool
    seen_at: datetime
    heartbeat_seconds: float
    min_batch: int
    claim: LedgerCount
    version: str = ""
    condition: Condition | None = None


class Sightings:
    """Door to statuses; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, connection: Connection, status: Status, now: datetime) -> None:
        """Note a status within a transaction."""
        if status.ledger is None or status.agent is None:
            # A death ends only the life it belongs to: it may come after the next birth.
            connection.execute(
                statuses.update()
                .where(statuses.c.station == status.station, statuses.c.boot == status.boot)
                .values(alive=False, seen_at=utc(now))
            )
            return
        row = {
            "station": status.station,
            "boot": status.boot,
            "alive": True,
            "seen_at": utc(now),
            "heartbeat_seconds": status.agent.heartbeat_seconds,
            "min_batch": status.agent.min_batch,
            "epoch": status.ledger.epoch,
            "version": status.agent.version,
            "condition": status.condition and status.condition.model_dump_json(exclude_none=True),
        }
        self._database.upsert(connection, statuses, [row])

    def all(self) -> dict[str, Sighting]:
        """The latest word of each station that ever sent one."""
        same = (claims.c.station == statuses.c.station) & (claims.c.epoch == statuses.c.epoch)
        query = select(statuses, claims.c.numbered, claims.c.pending, claims.c.dropped).select_from(
            statuses.join(claims, same)
        )
        with self._database.look() as connection:
            rows = connection.execute(query).mappings()
            return {row["station"]: _sighting(row) for row in rows}


def _sighting(row: RowMapping) -> Sighting:
    condition = row["condition"]
    return Sighting(
        alive=row["alive"],
        seen_at=aware(row["seen_at"]),
        heartbeat_seconds=row["heartbeat_seconds"],
        min_batch=row["min_batch"],
        claim=LedgerCount(**{name: row[name] for name in LedgerCount.model_fields}),
        version=row["version"],
        condition=None if condition is None else Condition.model_validate_json(condition),
    )
