"""Filling a store for the trends benchmark: sessions, usage, and a past of released cells."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import islice
from time import monotonic
from typing import TypeVar

from contract.places import DISTRICTS
from ingest.records import Record
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.usage import Hour
from ingest.windows import Block

Item = TypeVar("Item")
Say = Callable[[str], None]

_AT_A_TIME = 10_000
_MONTH = 4  # weeks
_SAY_SECONDS = 2.0


def write(store: Store, records: Iterable[Record], what: str, say: Say) -> int:
    """Commit records; returns how many. Raises RuntimeError if the store refuses one."""
    written = 0
    for some in _pieces(records, what, say):
        if refused := store.write(some):
            raise RuntimeError(f"the store refuses what is loaded: {refused[0].detail}")
        written += len(some)
    return written


def write_hours(section: StoreSection, hours: Iterable[Hour], say: Say) -> int:
    """Put hours in their place without the windows that they would be made of; how many."""
    if section.kind == "influx":
        return _hours_in_influx(section, hours, say)
    written = 0
    holes = ", ".join("?" * len(Hour._fields))
    with closing(sqlite3.connect(section.path)) as database:
        for some in _pieces(hours, "hours", say):
            database.executemany(f"INSERT OR REPLACE INTO usage_hours VALUES ({holes})", some)  # noqa: S608
            database.commit()
            written += len(some)
    return written


def copy_back(store: Store, block: Block, first: int, homes: Mapping[str, str], say: Say) -> None:
    """Give all blocks of its length, from the `first` on, the cells of `block`.

    Of twelve weeks those of its own window alone, of four those of the weeks within it as well.
    """
    said = monotonic()
    lengths = (block.weeks, 1) if block.weeks == _MONTH else (block.weeks,)
    for district in ("", *DISTRICTS):
        cells = store.trends.cells_within(block, district)
        found = [cell for cell in cells if cell.window.weeks in lengths]
        if monotonic() - said > _SAY_SECONDS:
            say(f"  copying {len(found):,} cells of {block} {district}")
            said = monotonic()
        for ordinal in range(first, block.ordinal):
            weeks = (ordinal - block.ordinal) * block.weeks
            moved = (replace(cell, window=_moved(cell.window, weeks)) for cell in found)
            store.trends.publish(moved, homes)


def _moved(block: Block, weeks: int) -> Block:
    return Block(block.weeks, block.ordinal + weeks // block.weeks)


def _hours_in_influx(section: StoreSection, hours: Iterable[Hour], say: Say) -> int:
    from ingest.store.influx_buckets import USAGE
    from ingest.store.influx_connection import Connection
    from ingest.store.line_protocol import hour_line

    written = 0
    connection = Connection(section.influx)
    try:
        for some in _pieces(hours, "hours", say):
            if refused := connection.write(USAGE, "s", [hour_line(one) for one in some]):
                raise RuntimeError(f"InfluxDB refuses an hour: {refused[0].detail}")
            written += len(some)
    finally:
        connection.close()
    return written


def _pieces(items: Iterable[Item], what: str, say: Say) -> Iterator[list[Item]]:
    """The items, some at a time, with a word now and again."""
    rest, done, said = iter(items), 0, monotonic()
    while some := list(islice(rest, _AT_A_TIME)):
        yield some
        done += len(some)
        if monotonic() - said > _SAY_SECONDS:
            say(f"  {done:,} {what} written")
            said = monotonic()
