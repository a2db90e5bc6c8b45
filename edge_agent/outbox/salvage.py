"""Salvage: every row that can still be read, out of a damaged file into its successor."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from contract.topics import Stream
from edge_agent.outbox import counters, giving_up, schema
from edge_agent.outbox.counters import State
from edge_agent.outbox.records import Why
from edge_agent.outbox.schema import ENDED, MESSAGES, OUTBOX, Table

_KEPT_EPOCHS = 8
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
_MOST_GAPS = 2000
_LOWEST, _HIGHEST = -(2**62), 2**62
_FIRST_CARRIED = -(2**40)
"""The place of the first message carried over; the file's own have places above zero."""

_KEYED_BY_NUMBER = (
    schema.JOURNAL, schema.STAGED, schema.WINDOWS, schema.ENDED, schema.MESSAGES, schema.OUTBOX
)  # fmt: skip

Row = tuple[Any, ...]


def salvage(
    damaged: sqlite3.Connection, into: sqlite3.Connection, first: State, *, usage: bool = True
) -> None:
    """Fill `into`, inside its transaction, with what `damaged` still tells; begin it as `first`.

    Messages keep their epoch. Without `usage`, for want of room, usage is given up and counted.
    """
    old = next((State(*row) for row in _sound(damaged, OUTBOX)), None)
    if old is not None:
        first = first._replace(released_on=old.released_on)
    counters.begin(into, first)
    for table in schema.TABLES:
        if table in (OUTBOX, MESSAGES) or (table is schema.WINDOWS and not usage):
            continue
        for row in _sound(damaged, table):
            into.execute(table.insert, table.row(*row))
    if old is not None:
        into.execute(ENDED.insert, ENDED.row(old.epoch, old.numbered, old.dropped))
    into.execute(
        "DELETE FROM ended WHERE number <= (SELECT max(number) FROM ended) - ?", (_KEPT_EPOCHS,)
    )
    if not usage:
        lost = sum(1 for _ in _sound(damaged, schema.WINDOWS))
        counters.count(into, giving_up.WINDOWS, lost)
    _carry_messages(damaged, into, old, usage=usage)
    counters.count(into, giving_up.DAMAGED_FILES, 1)


def _carry_messages(
    damaged: sqlite3.Connection, into: sqlite3.Connection, old: State | None, *, usage: bool
) -> None:
    place = _FIRST_CARRIED
    declared: dict[Why, list[tuple[int, str]]] = {Why.DAMAGED: [], Why.NO_ROOM: []}
    epoch_of_file = old.epoch if old else 0
    for values, is_sound in _rows(damaged, MESSAGES):
        was_at, epoch, seq, stream, payload, numbered_at, sent = values
        if not is_sound:
            # Its place is the key that SQLite has found it by, so the file's own epoch is sure.
            own = isinstance(was_at, int) and was_at > 0
            known = stream if stream in tuple(Stream) else Stream.SCREENING
            declared[Why.DAMAGED].append((epoch_of_file if own else epoch, known))
        elif stream == Stream.USAGE and not usage:
            declared[Why.NO_ROOM].append((epoch, stream))
        else:
            loose = tuple(one if isinstance(one, int) else 0 for one in (numbered_at, sent))
            row = MESSAGES.row(place, epoch, seq, stream, payload, loose=loose)
            into.execute(MESSAGES.insert, row)
            place += 1
    for why, given_up in declared.items():
        giving_up.declare(into, given_up, why)


def _sound(damaged: sqlite3.Connection, table: Table) -> Iterator[Row]:
    """The rows of `table` that are what was written."""
    for values, is_sound in _rows(damaged, table):
        if is_sound:
            yield values[: len(table.marked)]


def _rows(damaged: sqlite3.Connection, table: Table) -> Iterator[tuple[Row, bool]]:
    """Every row that can be read, and whether it is what was written.

    Files of before the marks are believed where the types are right.
    """
    try:
        there = schema.columns_of(damaged, table.name)
        if not there:
            return
        epoch = 0
        if table is MESSAGES and "epoch" not in there:
            epoch = damaged.execute("SELECT epoch FROM outbox").fetchone()[0]
    except (*_UNREADABLE, TypeError):
        return
    marked = "mark" in there
    wanted = [*schema.expressions(table, there, epoch), "mark" if marked else "NULL"]
    for *values, found in _readable(damaged, table, ", ".join(wanted), there):
        content = values[: len(table.marked)]
        is_sound = found == schema.mark(*content) if marked else _has_types(table, content)
        yield tuple(values), is_sound


def _has_types(table: Table, content: list[Any]) -> bool:
    """Whether a row without a mark would be taken by `table`."""
    with_defects = sqlite3.connect(":memory:")
    try:
        schema.create(with_defects)
        with_defects.execute(table.insert, table.row(*content, loose=(0,) * len(table.loose)))
    except sqlite3.Error:
        return False
    finally:
        with_defects.close()
    return None not in content


def _readable(
    damaged: sqlite3.Connection, table: Table, wanted: str, there: set[str]
) -> Iterator[Row]:
    if table not in _KEYED_BY_NUMBER:
        yield from _until_damage(damaged, f"SELECT {wanted} FROM {table.name}")
        return
    query = f"SELECT rowid, {wanted} FROM {table.name} NOT INDEXED WHERE rowid >= ? ORDER BY rowid"
    start: int | None = _LOWEST
    for _ in range(_MOST_GAPS):
        if start is None:
            return
        try:
            for key, *values in damaged.execute(query, (start,)):
                start = key + 1
                yield tuple(values)
        except _UNREADABLE:
            start = _beyond_damage(damaged, query, start)
        else:
            return


def _until_damage(damaged: sqlite3.Connection, query: str) -> Iterator[Row]:
    try:
        yield from damaged.execute(query)
    except _UNREADABLE:
        return


def _beyond_damage(damaged: sqlite3.Connection, query: str, bad: int) -> int | None:
    """The lowest key above `bad` from which rows can be read again, if it is one stretch."""

    def reads(start: int) -> bool:
        try:
            damaged.execute(f"{query} LIMIT 1", (start,)).fetchone()
        except _UNREADABLE:
            return False
        return True

    step = 1
    while not reads(bad + step):
        step *= 2
        if bad + step > _HIGHEST:
            return None
    low, high = bad + step // 2, bad + step
    while high - low > 1:
        middle = (low + high) // 2
        if reads(middle):
            high = middle
        else:
            low = middle
    return high
