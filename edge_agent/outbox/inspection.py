"""A look at the station's file that changes nothing, for the command line."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contract.condition import Losses
from contract.errors import OutboxUnavailable
from contract.status import LedgerCount
from edge_agent.outbox import accounts
from edge_agent.outbox.failures import OutboxTooNew, translated
from edge_agent.outbox.messages import backlog
from edge_agent.outbox.records import Backlog
from edge_agent.outbox.schema import VERSION


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the file holds, without a row of it.

    `staged` says of each measure "enough" or "too few" for a batch: a count would tell whether
    somebody has just been there.
    """

    epoch: int
    ledger: LedgerCount
    ended: tuple[LedgerCount, ...]
    backlog: Backlog
    losses: Losses
    staged: Mapping[str, str]
    notes: Mapping[str, str]
    file_bytes: int


def inspect(path: Path, *, min_batch: int = 5) -> Inspection:
    """Look at the file while an agent may be using it.

    Raises OutboxUnavailable if it is not there or cannot be read, OutboxDamaged, or OutboxTooNew
    if another version of this program has written it.
    """
    if not path.exists():
        raise OutboxUnavailable(f"there is no file at {path}")
    with translated(path), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
        (version,) = opened.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise OutboxTooNew(f"the station's file has version {version}, not {VERSION}")
        return _inspect(opened, path, min_batch)


def _inspect(database: sqlite3.Connection, path: Path, min_batch: int) -> Inspection:
    database.execute("BEGIN")  # one moment for all that follows
    counts = database.execute("SELECT measure, count(*) FROM staged GROUP BY measure")
    ledger = accounts.ledger(database)
    return Inspection(
        epoch=ledger.epoch,
        ledger=ledger,
        ended=accounts.ended(database),
        backlog=backlog(database),
        losses=accounts.losses(database),
        staged={one: "enough" if many >= min_batch else "too few" for one, many in counts},
        notes=dict(database.execute("SELECT key, text FROM notes ORDER BY key").fetchall()),
        file_bytes=path.stat().st_size,
    )
