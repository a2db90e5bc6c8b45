"""The only door to the station's SQLite file: journal, staged rows, and numbered messages.

Whatever a method was given is on disk when it returns (WAL, `synchronous=FULL`), and each method
is one transaction, so a power cut finds either all of it or nothing. Deleted content is
overwritten (`secure_delete`), and the write-ahead log is emptied when a session closes: exact
values do not outlive their session on disk.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from contract.errors import Reason
from contract.status import LedgerCount
from contract.topics import Stream
from edge_agent.frame import Frame

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT, received_at REAL, frame BLOB) STRICT;
CREATE TABLE IF NOT EXISTS staged (
    number INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT, content TEXT) STRICT;
CREATE TABLE IF NOT EXISTS rejects (reason TEXT PRIMARY KEY, count INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, stream TEXT, payload BLOB) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    numbered INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    released_on TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """An anonymous row (JSON) waiting for enough company to leave."""

    number: int
    day: date
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message that no receipt has settled yet."""

    seq: int
    stream: Stream
    payload: bytes


class Outbox:
    """The station's durable state; use it from one thread, as a context manager."""

    def __init__(self, path: Path, *, new_epoch: int, today: date) -> None:
        """Open or create the file; `new_epoch` and `today` are used only for a new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;" + _SCHEMA
        )
        self._database.execute(
            "INSERT OR IGNORE INTO outbox (id, epoch, released_on) VALUES (1, ?, ?)",
            (new_epoch, today.isoformat()),
        )
        self.epoch: int = self._one("SELECT epoch FROM outbox")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def journal(self, device: str, received_at: datetime, frame: bytes) -> None:
        """Keep a raw indication before anybody looks at it."""
        self._database.execute(
            "INSERT INTO journal (device, received_at, frame) VALUES (?, ?, ?)",
            (device, received_at.timestamp(), frame),
        )

    def journalled(self) -> list[Frame]:
        """Every indication whose session is not closed, in order of arrival."""
        rows = self._database.execute("SELECT * FROM journal ORDER BY number")
        return [
            Frame(number, device, datetime.fromtimestamp(at, UTC), frame)
            for number, device, at, frame in rows
        ]

    def stage(
        self,
        rows: Iterable[tuple[date, str]],
        *,
        rejects: Mapping[Reason, int],
        used: Iterable[int],
    ) -> None:
        """Stage anonymous rows and wipe the journal entries they came from, in one step."""
        with self._transaction():
            self._database.executemany(
                "INSERT INTO staged (day, content) VALUES (?, ?)",
                ((day.isoformat(), content) for day, content in rows),
            )
            self._database.executemany(
                "INSERT INTO rejects VALUES (?, ?)"
                " ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count",
                rejects.items(),
            )
            self._database.executemany(
                "DELETE FROM journal WHERE number = ?", ((number,) for number in used)
            )
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def staged_count(self) -> int:
        """How many rows wait for company."""
        count: int = self._one("SELECT count(*) FROM staged")[0]
        return count

    def released_on(self) -> date:
        """The local day of the last daily release, done or found to be too small."""
        return date.fromisoformat(self._one("SELECT released_on FROM outbox")[0])

    def pass_release(self, day: date) -> None:
        """Note that the daily release of `day` is over."""
        self._database.execute("UPDATE outbox SET released_on = ?", (day.isoformat(),))

    def release(
        self,
        limit: int,
        compose: Callable[[int, Sequence[Staged], Counter[Reason]], bytes],
    ) -> None:
        """Turn the oldest `limit` staged rows into one numbered message.

        `compose` gets the message's number, the rows and the rejects counted since the last
        batch, and returns the payload.
        """
        with self._transaction():
            found = self._database.execute("SELECT * FROM staged ORDER BY number LIMIT ?", (limit,))
            rows = [Staged(number, date.fromisoformat(day), text) for number, day, text in found]
            counted = self._database.execute("SELECT reason, count FROM rejects")
            rejects = Counter({Reason(reason): count for reason, count in counted})
            (seq,) = self._one("UPDATE outbox SET numbered = numbered + 1 RETURNING numbered")
            self._database.execute(
                "INSERT INTO messages VALUES (?, ?, ?)",
                (seq, Stream.SCREENING, compose(seq, rows, rejects)),
            )
            self._database.executemany(
                "DELETE FROM staged WHERE number = ?", ((row.number,) for row in rows)
            )
            self._database.execute("DELETE FROM rejects")

    def pending(self, limit: int) -> list[Message]:
        """The oldest messages that no receipt has settled."""
        rows = self._database.execute("SELECT * FROM messages ORDER BY seq LIMIT ?", (limit,))
        return [Message(seq, Stream(stream), payload) for seq, stream, payload in rows]

    def settle(self, epoch: int, seqs: Iterable[int]) -> None:
        """Delete messages for which a receipt came; another epoch's receipts are not ours."""
        if epoch == self.epoch:
            with self._transaction():
                self._database.executemany(
                    "DELETE FROM messages WHERE seq = ?", ((seq,) for seq in seqs)
                )

    def ledger(self) -> LedgerCount:
        """The station's side of the ledger."""
        numbered, dropped = self._one("SELECT numbered, dropped FROM outbox")
        (pending,) = self._one("SELECT count(*) FROM messages")
        return LedgerCount(epoch=self.epoch, numbered=numbered, pending=pending, dropped=dropped)

    def durability(self) -> tuple[str, int, int]:
        """SQLite's journal mode, `synchronous` (2 is FULL) and `secure_delete` (1 is on)."""
        mode, synchronous, secure = (
            self._one(f"PRAGMA {name}")[0]
            for name in ("journal_mode", "synchronous", "secure_delete")
        )
        return mode, synchronous, secure

    def _one(self, query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._database.execute(query).fetchone()
        return row

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
