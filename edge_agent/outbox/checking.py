"""Whether a file is whole: its head, its log, its pages, its tables and the mark on every row."""

import sqlite3
from contextlib import closing
from pathlib import Path

from edge_agent.outbox import schema
from edge_agent.outbox.failures import OutboxDamaged, OutboxTooNew
from edge_agent.outbox.write_ahead_log import hidden_commits

_MAGIC = b"SQLite format 3\0"
_ORDER = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"


def check_bytes(path: Path) -> None:
    """Look at the file before SQLite does; raises OutboxDamaged. No file, or a new one, is fine."""
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(100)
    if not head:
        log = path.with_name(f"{path.name}-wal")
        reserve = path.with_name(f"{path.name}.reserve")
        if reserve.exists() or (log.exists() and log.stat().st_size):
            raise OutboxDamaged("the station's file is empty and was not")
    elif head[:16] != _MAGIC or not {head[18], head[19]} <= {1, 2}:
        raise OutboxDamaged("the station's file has no SQLite header")
    if hidden_commits(path) > 1:
        raise OutboxDamaged("the write-ahead log is damaged in its middle")


def version_of(database: sqlite3.Connection) -> int | None:
    """The version of a file's tables, None if it has none.

    Raises OutboxTooNew for a newer one, OutboxDamaged if its two words about it disagree.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    columns = schema.columns_of(database, "outbox")
    if not columns:
        if version or schema.columns_of(database, "messages"):
            raise OutboxDamaged("the station's file has lost a table")
        return 0 if schema.columns_of(database, "journal") else None
    said = 0
    if "version" in columns:
        row = database.execute("SELECT version FROM outbox").fetchone()
        said = row[0] if row else 0
    if said != version:
        raise OutboxDamaged("the station's file has two versions")
    if version > schema.VERSION:
        raise OutboxTooNew(
            f"the station's file has version {version} and this program knows {schema.VERSION}:"
            " install the program that wrote it, or a later one"
        )
    return int(version)


def check_pages(database: sqlite3.Connection) -> None:
    """Let SQLite check every page and index; raises OutboxDamaged or an error of SQLite's."""
    (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise OutboxDamaged("the station's file has damaged pages")


def check_rows(database: sqlite3.Connection) -> None:
    """Compare tables and rows with what was written; raises OutboxDamaged."""
    with closing(sqlite3.connect(":memory:")) as pattern:
        schema.create(pattern)
        if database.execute(_ORDER).fetchall() != pattern.execute(_ORDER).fetchall():
            raise OutboxDamaged("the station's file has other tables")
    if (table := next(schema.unmarked_rows(database), None)) is not None:
        raise OutboxDamaged(f"a row of {table} is not what was written")
    if not database.execute("SELECT 1 FROM outbox").fetchone():
        raise OutboxDamaged("the station's file has lost its counters")
