"""The tables of the station's file, the check mark on every row, and older versions' files."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from zlib import crc32

VERSION = 1
"""Of the tables; `user_version` of the file says it, and so does its one row of counters."""


class Table(NamedTuple):
    """A table: its key, the columns under the check mark, and columns that may change alone."""

    name: str
    key: str
    marked: tuple[str, ...]
    loose: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that a row is made of; a key that only orders rows is not among them."""
        return (*self.marked, "mark", *self.loose)

    @property
    def insert(self) -> str:
        """The statement that adds or replaces a row; see `row`."""
        places = ", ".join("?" * len(self.columns))
        return f"INSERT OR REPLACE INTO {self.name} ({', '.join(self.columns)}) VALUES ({places})"

    def row(self, *marked: Any, loose: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The values for `insert`."""
        return (*marked, mark(*marked), *loose)


JOURNAL = Table(
    "journal", "number", ("device", "model", "characteristic", "received_at", "frame", "boot")
)
STAGED = Table("staged", "number", ("measure", "day", "content"))
WINDOWS = Table("windows", "start", ("start", "content"))
DEVICES = Table("devices", "digest", ("digest", "memory"))
REJECTS = Table("rejects", "reason", ("reason", "count"))
COUNTS = Table("counts", "name", ("name", "count"))
NOTES = Table("notes", "key", ("key", "text"))
MESSAGES = Table(
    "messages", "place", ("place", "epoch", "seq", "stream", "payload"), ("numbered_at", "sent")
)
ENDED = Table("ended", "number", ("epoch", "numbered", "dropped"))
OUTBOX = Table("outbox", "id", ("version", "epoch", "numbered", "dropped", "released_on"))

TABLES = (
    JOURNAL, STAGED, WINDOWS, DEVICES, REJECTS, COUNTS, NOTES, MESSAGES, ENDED, OUTBOX
)  # fmt: skip

# `place` of a message is its number; one carried over from an earlier epoch is below zero.
_CREATE = """
CREATE TABLE journal (number INTEGER PRIMARY KEY, device TEXT, model TEXT, characteristic TEXT,
    received_at REAL, frame BLOB, boot TEXT, mark INTEGER) STRICT;
CREATE TABLE staged (number INTEGER PRIMARY KEY, measure TEXT, day TEXT, content TEXT,
    mark INTEGER) STRICT;
CREATE TABLE windows (start INTEGER PRIMARY KEY, content TEXT, mark INTEGER) STRICT;
CREATE TABLE devices (digest BLOB PRIMARY KEY, memory TEXT, mark INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE rejects (reason TEXT PRIMARY KEY, count INTEGER, mark INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE counts (name TEXT PRIMARY KEY, count INTEGER, mark INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT, mark INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE messages (place INTEGER PRIMARY KEY, epoch INTEGER, seq INTEGER, stream TEXT,
    payload BLOB, mark INTEGER, numbered_at INTEGER, sent INTEGER) STRICT;
CREATE INDEX screening ON messages (place) WHERE stream = 'screening';
CREATE TABLE ended (number INTEGER PRIMARY KEY, epoch INTEGER UNIQUE, numbered INTEGER,
    dropped INTEGER, mark INTEGER) STRICT;
CREATE TABLE outbox (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER, epoch INTEGER,
    numbered INTEGER, dropped INTEGER, released_on TEXT, mark INTEGER) STRICT;
"""

# What columns hold that files of before this version, or of before glucose, lack.
_BP_UUID = "00002a35-0000-1000-8000-00805f9b34fb"
_MISSING = {
    "model": "''",
    "characteristic": f"'{_BP_UUID}'",
    "boot": "''",
    "measure": "'bp'",
    "version": str(VERSION),
    "numbered_at": "0",
    "sent": "0",
    "place": "seq",
}


def mark(*values: Any) -> int:
    """The check mark of a row: SQLite itself does not notice when a bit of content turns."""
    return crc32(repr(values).encode())


def create(database: sqlite3.Connection) -> None:
    """Create all tables, in the transaction that the caller has begun."""
    for statement in _CREATE.split(";\n"):
        if statement.strip():
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {VERSION}")


def columns_of(database: sqlite3.Connection, table: str) -> set[str]:
    """The names of the columns that `table` has in this file; empty if it is not there."""
    rows = database.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {name.decode() if isinstance(name, bytes) else name for (name,) in rows}


def expressions(table: Table, there: set[str], epoch: int) -> list[str]:
    """What to select for the columns of `table` from a file whose table has only `there`."""
    missing = {**_MISSING, "epoch": str(epoch)}
    return [
        column if column in there else missing[column] for column in (*table.marked, *table.loose)
    ]


def migrate(database: sqlite3.Connection) -> None:
    """Rebuild the tables of an older version's file, in the transaction the caller has begun."""
    old = {table: columns_of(database, table.name) for table in TABLES}
    (epoch,) = database.execute("SELECT epoch FROM outbox").fetchone() if old[OUTBOX] else (0,)
    for table, there in old.items():
        if there:
            database.execute(f"ALTER TABLE {table.name} RENAME TO old_{table.name}")
    create(database)
    for table, there in old.items():
        if not there:
            continue
        wanted = ", ".join(expressions(table, there, epoch))
        order = table.key if table.key in there else "rowid"
        if table is MESSAGES:
            order = "seq"
        rows = database.execute(f"SELECT {wanted} FROM old_{table.name} ORDER BY {order}")
        many = len(table.marked)
        database.executemany(
            table.insert, (table.row(*row[:many], loose=row[many:]) for row in rows)
        )
        database.execute(f"DROP TABLE old_{table.name}")


def unmarked_rows(database: sqlite3.Connection) -> Iterator[str]:
    """The table of each row whose content is not what was written."""
    for table in TABLES:
        chosen = ", ".join((*table.marked, "mark"))
        for *values, found in database.execute(f"SELECT {chosen} FROM {table.name}"):
            if found != mark(*values):
                yield table.name
