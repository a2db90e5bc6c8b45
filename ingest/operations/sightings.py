"""The latest word of each station: whether it lives, and in what condition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from contract.condition import Condition
from contract.errors import ContractError, Reason
from contract.status import Agent, Kind, LedgerCount, Status
from ingest.ledger import Claim
from ingest.operations.database import Database
from ingest.operations.tables import claims, statuses
from ingest.operations.times import aware, utc

_LARGEST_COUNT = 2**53
_LARGEST_BATCH = 2**31 - 1
_LONGEST_HEARTBEAT = 86_400.0
_CONDITIONS_KEPT = 4_096


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
    claim: Claim
    version: str = ""
    condition: Condition | None = None


class Sightings:
    """Door to statuses; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, connection: Connection, said: Iterable[Status], now: datetime) -> None:
        """Note statuses, of each station in the order in which they came, within a transaction.

        After a broker's restart a whole city says that it lives: a row each, in one statement.
        """
        alive: dict[str, dict[str, Any]] = {}
        deaths: list[dict[str, Any]] = []
        for status in said:
            if not (status.kind is Kind.DEATH or status.ledger is None or status.agent is None):
                alive[status.station] = _row(status, status.ledger, status.agent, now)
            elif (birth := alive.get(status.station)) is None:
                deaths.append({"of": status.station, "life": status.boot})
            elif birth["boot"] == status.boot:
                birth["alive"] = False
        if deaths:
            # Rows are locked in one order, whether their stations live or not.
            theirs = statuses.c.station.in_([*alive, *(one["of"] for one in deaths)])
            rows = select(statuses.c.station).where(theirs).order_by(statuses.c.station)
            connection.execute(rows.with_for_update()).all()
            # A death ends only the life it belongs to: it may come after the next birth.
            ended = (statuses.c.station == bindparam("of")) & (statuses.c.boot == bindparam("life"))
            change = statuses.update().where(ended).values(alive=False, seen_at=utc(now))
            connection.execute(change, deaths)
        self._database.upsert(connection, statuses, list(alive.values()))

    def all(self) -> dict[str, Sighting]:
        """The latest word of each station that ever sent one."""
        return self._found(_LATEST)

    def of(self, stations: Sequence[str]) -> dict[str, Sighting]:
        """The same of some stations, maybe a thousand."""
        return self._found(_LATEST.where(statuses.c.station.in_(stations))) if stations else {}

    def _found(self, query: Select[*tuple[Any, ...]]) -> dict[str, Sighting]:
        with self._database.look() as connection:
            return {station: _sighting(*said) for station, *said in connection.execute(query).all()}


def _row(status: Status, ledger: LedgerCount, agent: Agent, now: datetime) -> dict[str, Any]:
    return {
        "station": status.station,
        "boot": status.boot,
        "alive": True,
        "seen_at": utc(now),
        "heartbeat_seconds": agent.heartbeat_seconds,
        "min_batch": agent.min_batch,
        "epoch": ledger.epoch,
        "version": agent.version,
        "condition": status.condition and status.condition.model_dump_json(exclude_none=True),
    }


_LATEST = select(
    statuses.c.station,
    statuses.c.alive,
    statuses.c.seen_at,
    statuses.c.heartbeat_seconds,
    statuses.c.min_batch,
    statuses.c.version,
    statuses.c.condition,
    claims.c.epoch,
    claims.c.numbered,
    claims.c.pending,
    claims.c.dropped,
).select_from(
    statuses.join(
        claims, (claims.c.station == statuses.c.station) & (claims.c.epoch == statuses.c.epoch)
    )
)


def _sighting(
    alive: bool,
    seen_at: datetime,
    heartbeat_seconds: float,
    min_batch: int,
    version: str,
    condition: str | None,
    epoch: int,
    numbered: int,
    pending: int,
    dropped: int,
) -> Sighting:
    return Sighting(
        alive=alive,
        seen_at=aware(seen_at),
        heartbeat_seconds=heartbeat_seconds,
        min_batch=min_batch,
        claim=Claim(epoch, numbered, pending, dropped),
        version=version,
        condition=None if condition is None else _condition(condition),
    )


@lru_cache(_CONDITIONS_KEPT)
def _condition(said: str) -> Condition:
    """Many stations say the same, and say it again: nobody may change what this gives."""
    return Condition.model_validate_json(said)
