"""The file's counters: its own row, and named counts of what was given up."""

import sqlite3
from typing import NamedTuple

from edge_agent.outbox.schema import COUNTS, OUTBOX, mark


class State(NamedTuple):
    """The file's own row."""

    version: int
    epoch: int
    numbered: int
    dropped: int
    released_on: str


def state(database: sqlite3.Connection) -> State:
    """What the file's own row says."""
    row = database.execute(f"SELECT {', '.join(OUTBOX.marked)} FROM outbox").fetchone()
    return State(*row)


def begin(database: sqlite3.Connection, first: State) -> None:
    """Write the row of a file that has none."""
    database.execute(OUTBOX.insert, OUTBOX.row(*first))


def change(database: sqlite3.Connection, to: State) -> None:
    """Replace the file's own row."""
    columns = ", ".join(f"{column} = ?" for column in OUTBOX.columns)
    database.execute(f"UPDATE outbox SET {columns}", (*to, mark(*to)))


def count(database: sqlite3.Connection, name: str, more: int) -> None:
    """Add `more` to a named count."""
    if more:
        found = counted(database, name)
        database.execute(COUNTS.insert, COUNTS.row(name, found + more))


def counted(database: sqlite3.Connection, name: str) -> int:
    """How far a named count has come."""
    row = database.execute("SELECT count FROM counts WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])
