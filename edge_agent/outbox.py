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
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
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
CREATE TABLE IF NOT EXISTS windows (start INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS devices (
    digest BLOB PRIMARY KEY, memory TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejects (reason TEXT PRIMARY KEY, count INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, stream TEXT, payload BLOB) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    numbered INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    released_on TEXT NOT NULL) STRICT;
"""

# Columns that files from before glucose lack; what is in those is blood pressure.
_ADDED = {
    "journal": (
        "model TEXT NOT NULL DEFAULT ''",
        "characteristic TEXT NOT NULL DEFAULT '00002a35-0000-1000-8000-00805f9b34fb'",
    ),
    "staged": ("measure TEXT NOT NULL DEFAULT 'bp'",),
}

_NOTHING: Mapping[str, str] = MappingProxyType({})


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
        self._add_columns()
        self._database.execute(
            "INSERT OR IGNORE INTO outbox (id, epoch, released_on) VALUES (1, ?, ?)",
            (new_epoch, today.isoformat()),
        )
        self.epoch: int = self._one("SELECT epoch FROM outbox")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def journal(
        self, device: str, model: str, characteristic: str, received_at: datetime, data: bytes
    ) -> None:
        """Keep a frame before anybody looks at it; see `edge_agent.frame.Frame`."""
        self._database.execute(
            "INSERT INTO journal (device, model, characteristic, received_at, frame)"
            " VALUES (?, ?, ?, ?, ?)",
            (device, model, characteristic, received_at.timestamp(), data),
        )

    def journalled(self) -> list[Frame]:
        """Every frame whose visit is not over, in order of arrival."""
        rows = self._database.execute(
            "SELECT number, device, model, characteristic, received_at, frame"
            " FROM journal ORDER BY number"
        )
        return [
            Frame(number, device, model, uuid, datetime.fromtimestamp(at, UTC), data)
            for number, device, model, uuid, at, data in rows
        ]

    def stage(
        self,
        rows: Iterable[tuple[str, date, str]],
        *,
        rejects: Mapping[Reason, int],
        used: Iterable[int],
        memories: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Stage anonymous rows and wipe the journal entries they came from, in one step.

        A row is its measure, its day and its JSON. `memories` replace what was remembered of
        their devices.
        """
        with self._transaction():
            self._database.executemany(
                "INSERT INTO staged (measure, day, content) VALUES (?, ?, ?)",
                ((measure, day.isoformat(), content) for measure, day, content in rows),
            )
            self._database.executemany(
                "INSERT INTO rejects VALUES (?, ?)"
                " ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count",
                rejects.items(),
            )
            self._database.executemany(
                "DELETE FROM journal WHERE number = ?", ((number,) for number in used)
            )
            self._database.executemany(
                "INSERT OR REPLACE INTO devices VALUES (?, ?)",
                ((_digest(device), memory) for device, memory in memories.items()),
            )
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def memory(self, device: str) -> str | None:
        """What `stage` was last told to remember of `device`, None if that is nothing."""
        query = "SELECT memory FROM devices WHERE digest = ?"
        found = self._database.execute(query, (_digest(device),)).fetchone()
        return None if found is None else str(found[0])

    def staged_counts(self) -> dict[str, int]:
        """How many rows of each measure wait for company; a measure without any is left out."""
        counts = self._database.execute(
            "SELECT measure, count(*) FROM staged GROUP BY measure ORDER BY measure"
        )
        return dict(counts.fetchall())

    def released_on(self) -> date:
        """The local day of the last daily release, done or found to be too small."""
        return date.fromisoformat(self._one("SELECT released_on FROM outbox")[0])

    def pass_release(self, day: date) -> None:
        """Note that the daily release of `day` is over."""
        self._database.execute("UPDATE outbox SET released_on = ?", (day.isoformat(),))

    def release(
        self,
        measure: str,
        limit: int,
        compose: Callable[[int, Sequence[Staged], Counter[Reason]], bytes],
    ) -> None:
        """Turn the oldest `limit` staged rows of one measure into one numbered message.

        `compose` gets the message's number, the rows and the rejects counted since the last
        batch of any measure, and returns the payload.
        """
        with self._transaction():
            found = self._database.execute(
                "SELECT number, day, content FROM staged WHERE measure = ? ORDER BY number LIMIT ?",
                (measure, limit),
            )
            rows = [Staged(number, date.fromisoformat(day), text) for number, day, text in found]
            counted = self._database.execute("SELECT reason, count FROM rejects")
            rejects = Counter({Reason(reason): count for reason, count in counted})
            self._number(Stream.SCREENING, lambda seq: compose(seq, rows, rejects))
            self._database.executemany(
                "DELETE FROM staged WHERE number = ?", ((row.number,) for row in rows)
            )
            self._database.execute("DELETE FROM rejects")

    def keep_window(self, start: int, content: str) -> None:
        """Keep a closed usage window (JSON) until it leaves; its start names it."""
        self._database.execute("INSERT OR REPLACE INTO windows VALUES (?, ?)", (start, content))

    def release_windows(self, limit: int, compose: Callable[[int, Sequence[str]], bytes]) -> bool:
        """Turn the oldest `limit` windows into one numbered message; False if there are none."""
        with self._transaction():
            found = self._database.execute(
                "SELECT start, content FROM windows ORDER BY start LIMIT ?", (limit,)
            ).fetchall()
            if found:
                contents = [content for _, content in found]
                self._number(Stream.USAGE, lambda seq: compose(seq, contents))
                self._database.execute("DELETE FROM windows WHERE start <= ?", (found[-1][0],))
        return bool(found)

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

    def _add_columns(self) -> None:
        for table, columns in _ADDED.items():
            query = "SELECT name FROM pragma_table_info(?)"
            there = {name for (name,) in self._database.execute(query, (table,))}
            for column in columns:
                if column.split()[0] not in there:
                    self._database.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    def _number(self, stream: Stream, compose: Callable[[int], bytes]) -> None:
        (seq,) = self._one("UPDATE outbox SET numbered = numbered + 1 RETURNING numbered")
        self._database.execute("INSERT INTO messages VALUES (?, ?, ?)", (seq, stream, compose(seq)))

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


def _digest(device: str) -> bytes:
    """What stands for a device in its memory: its address is in this file only with its frames."""
    return blake2b(device.encode(), digest_size=16).digest()
