"""A damaged file and its successor: built beside it, then the two change places.

Any step may be the last before a power cut; the next opening finishes or begins again.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_agent.outbox import schema
from edge_agent.outbox.counters import State
from edge_agent.outbox.file import connect
from edge_agent.outbox.grafting import graft
from edge_agent.outbox.salvage import salvage

_STAMP = "%Y%m%dT%H%M%SZ"
_PARTS = ("", "-wal", "-shm")
_CHUNK = 65_536


def succeed(path: Path, first: State, *, now: datetime, usage: bool = True) -> None:
    """Lay the file at `path` aside and put what can be saved of it in its place.

    `first` is the state the new file begins with. Raises OSError or an error of SQLite's; the
    damaged file is then still in its place.
    """
    building, grafted = _beside(path, ".building"), _beside(path, ".grafted")
    _remove(building)
    try:
        _private(building)
        with closing(connect(building)) as new, _source(path) as damaged:
            new.execute("BEGIN IMMEDIATE")
            schema.create(new)
            salvage(damaged, new, first, usage=usage)
            new.execute("COMMIT")
    except BaseException:
        _remove(building)
        raise
    finally:
        if grafted.exists():
            _wipe(grafted)
    building.rename(_beside(path, ".successor"))
    _sync(path.parent)
    _lay_aside(path, now)
    finish(path)


def finish(path: Path) -> None:
    """Put a successor in its place if the power failed after the damaged file had left it."""
    grafted, successor = _beside(path, ".grafted"), _beside(path, ".successor")
    if grafted.exists():
        _wipe(grafted)
    if not successor.exists():
        return
    if path.exists():
        _remove(successor)  # the damaged file is still there: begin again
        return
    stamped = sorted(path.parent.glob(f"{path.name}.damaged-*Z"))
    for part in _PARTS[1:]:
        stray = _beside(path, part)
        if stray.exists() and stamped:
            stray.replace(_beside(stamped[-1], part))
        stray.unlink(missing_ok=True)
    successor.rename(path)
    _sync(path.parent)


def forget(path: Path, *, now: datetime, days: int) -> None:
    """Overwrite and delete damaged files that were laid aside more than `days` ago."""
    for part in sorted(path.parent.glob(f"{path.name}.damaged-*")):
        stamp = part.name.removeprefix(f"{path.name}.damaged-").split("-")[0]
        try:
            laid_aside = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # not ours
        # The clock may not have been set when the file was laid aside.
        changed = datetime.fromtimestamp(part.stat().st_mtime, UTC)
        if now - max(laid_aside, changed) > timedelta(days=days):
            _wipe(part)


def _lay_aside(path: Path, now: datetime) -> None:
    aside = _beside(path, f".damaged-{now.astimezone(UTC).strftime(_STAMP)}")
    while aside.exists():
        now += timedelta(seconds=1)
        aside = _beside(path, f".damaged-{now.astimezone(UTC).strftime(_STAMP)}")
    for part in _PARTS:  # the file first: without its log it must never be opened
        there = _beside(path, part)
        if there.exists():
            there.chmod(0o600)
            there.rename(_beside(aside, part))
    _sync(path.parent)


@contextmanager
def _source(path: Path) -> Iterator[sqlite3.Connection]:
    """The damaged file, never written to: with its log, without it, or with a new first page."""
    grafted = _beside(path, ".grafted")
    for there, how in ((path, "mode=ro"), (path, "immutable=1"), (grafted, "immutable=1")):
        if there is grafted:
            graft(path, grafted)
        uri = f"{there.absolute().as_uri()}?{how}"
        with closing(sqlite3.connect(uri, uri=True)) as damaged:
            try:
                found = damaged.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'")
                is_readable = found.fetchone() is not None
            except (sqlite3.Error, UnicodeDecodeError):
                is_readable = False
            if is_readable or there is grafted:
                yield damaged
                return


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _private(path: Path) -> None:
    """Make the file, for its owner only, before SQLite does."""
    path.touch(mode=0o600, exist_ok=True)


def _remove(path: Path) -> None:
    for part in _PARTS:
        _beside(path, part).unlink(missing_ok=True)


def _wipe(path: Path) -> None:
    """Overwrite and delete: it may hold the frames of a visit."""
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, _CHUNK)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
