"""How fast frames become durable, beside a bare SQLite loop on the same disk in the same run."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.machine import bytes_written
from benchmarks.report import Figure
from contract.errors import Reason
from edge_agent.devices import blood_pressure, models
from edge_agent.frame import Frame
from edge_agent.outbox import Outbox, Staged

_NOW = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
_TODAY = date(2026, 2, 6)
_FRAME = bytes.fromhex("1e9800600073 00e8071a0206140e1f530001 0000".replace(" ", ""))
_ROW = '{"c":"grade1","s":150,"d":95,"p":80,"single":true}'
_BATCH = 5
_TURNS = 3
_GROUP = 50


def single_puts(directory: Path, puts: int) -> list[Figure]:
    """One frame in each commit: `journal` and a bare INSERT, in turns; medians."""
    with _outbox(directory / "single.sqlite") as outbox, closing(_bare(directory)) as bare:
        ours, theirs = _in_turns(puts, lambda: _journal(outbox), lambda: _insert(bare))
    return _rates("single", puts / ours, puts / theirs, ">= 3000")


def grouped_puts(directory: Path, puts: int) -> list[Figure]:
    """Fifty frames in each commit: `journal_all` and bare INSERTs, in turns; medians."""
    groups = puts // _GROUP
    frames = [_frame()] * _GROUP
    with _outbox(directory / "grouped.sqlite") as outbox, closing(_bare(directory)) as bare:
        ours, theirs = _in_turns(
            groups, lambda: outbox.journal_all(frames), lambda: _insert_group(bare)
        )
    puts = groups * _GROUP
    return _rates("in groups of 50", puts / ours, puts / theirs, ">= 30000")


def written(directory: Path, readings: int) -> list[Figure]:
    """Bytes written for each frame put, and for each reading from its frame to its receipt."""
    pid = os.getpid()
    path = directory / "written.sqlite"
    with _outbox(path) as outbox:
        before = bytes_written(pid)
        for _ in range(readings):
            _journal(outbox)
        put = bytes_written(pid) - before
        log = path.with_name(path.name + "-wal").stat().st_size
        outbox.stage([], rejects={}, used=[frame.number for frame in outbox.journalled()])
        before = bytes_written(pid)
        for _ in range(readings // _BATCH):
            _way_of_a_batch(outbox)
        whole = bytes_written(pid) - before
    readings_on_their_way = readings // _BATCH * _BATCH
    return [
        Figure("written to disk for a frame put", put / readings, "bytes"),
        Figure("  of that in the write-ahead log", min(log, put) / readings, "bytes"),
        Figure("written for a reading, frame to receipt", whole / readings_on_their_way, "bytes"),
    ]


def _way_of_a_batch(outbox: Outbox) -> None:
    """Five visits of one reading each, one batch, one receipt: what the agent does by default."""
    for _ in range(_BATCH):
        _journal(outbox)
        used = [frame.number for frame in outbox.journalled()]
        outbox.stage([("bp", _TODAY, _ROW)], rejects={}, used=used, memories={"cuff": "{}"})
    outbox.release("bp", _BATCH, _payload)
    outbox.settle(outbox.epoch, [outbox.ledger().numbered])


def _payload(_: int, rows: Sequence[Staged], __: Counter[Reason]) -> bytes:
    return "".join(row.content for row in rows).encode()


def _in_turns(
    times: int, ours: Callable[[], None], theirs: Callable[[], None]
) -> tuple[float, float]:
    """The median seconds of so many calls of each, in turns so that a slow moment hits both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(_TURNS):
        for which, work in enumerate((ours, theirs)):
            began = perf_counter()
            for _ in range(times):
                work()
            seconds[which].append(perf_counter() - began)
    return median(seconds[0]), median(seconds[1])


def _rates(name: str, ours: float, theirs: float, goal: str) -> list[Figure]:
    return [
        Figure(f"durable puts, {name}", ours, "frames/s", goal),
        Figure("  a bare SQLite loop", theirs, "rows/s"),
        Figure("  ratio", ours / theirs, ""),
    ]


def _frame() -> Frame:
    title, uuid = models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID
    return Frame(0, "C0:FF:EE:00:00:01", title, uuid, _NOW, _FRAME)


def _journal(outbox: Outbox) -> None:
    one = _frame()
    outbox.journal(one.device, one.model, one.characteristic, one.received_at, one.data)


def _outbox(path: Path) -> Outbox:
    return Outbox(path, new_epoch=1, today=_TODAY)


def _bare(directory: Path) -> sqlite3.Connection:
    bare = sqlite3.connect(directory / "bare.sqlite", isolation_level=None)
    bare.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, frame BLOB);"
    )
    return bare


def _insert(bare: sqlite3.Connection) -> None:
    bare.execute("INSERT INTO rows (frame) VALUES (?)", (_FRAME,))


def _insert_group(bare: sqlite3.Connection) -> None:
    bare.execute("BEGIN")
    bare.executemany("INSERT INTO rows (frame) VALUES (?)", ((_FRAME,) for _ in range(_GROUP)))
    bare.execute("COMMIT")
