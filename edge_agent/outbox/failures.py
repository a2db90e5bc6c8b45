"""What SQLite's errors mean for the station's file: each is one of five outcomes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

from contract.errors import OutboxUnavailable

_NEARLY_NOTHING = 128 * 1024
"""Bytes: less free space than this explains a write that failed for no stated reason."""


class Outcome(Enum):
    """What an error of SQLite's means."""

    FULL = auto()
    UNWRITABLE = auto()
    DAMAGED = auto()
    BUG = auto()


class NoRoom(OutboxUnavailable):
    """Disk or quota is full."""


class OutboxDamaged(Exception):
    """The file is damaged. Let the process end: the next start lays it aside and salvages it."""


class OutboxTooNew(Exception):
    """A newer version of this program has written the file; this one must not touch it."""


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_UNWRITABLE = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_PROTOCOL,
)
_INVALID_TEXT = "Could not decode to UTF-8"


def outcome(error: sqlite3.Error, path: Path) -> Outcome:
    """The outcome that `error`, met while working on the file at `path`, stands for."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return Outcome.DAMAGED if _INVALID_TEXT in str(error) else Outcome.BUG
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return Outcome.FULL
    if primary == sqlite3.SQLITE_IOERR:
        return Outcome.FULL if free_bytes(path) < _NEARLY_NOTHING else Outcome.UNWRITABLE
    if primary in _UNWRITABLE:
        return Outcome.UNWRITABLE
    return Outcome.DAMAGED if primary in _DAMAGED else Outcome.BUG


def free_bytes(path: Path) -> int:
    """How many bytes the file system of `path` has left for this program."""
    state = os.statvfs(path.parent)
    return state.f_bavail * state.f_frsize


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise OutboxUnavailable or OutboxDamaged for errors of SQLite's that mean them."""
    try:
        yield
    except sqlite3.Error as error:
        raise_for(error, outcome(error, path))
        raise
    except UnicodeDecodeError as error:  # SQLite's own message quotes what it cannot read
        raise OutboxDamaged("the station's file is damaged: unreadable names") from error


def raise_for(error: sqlite3.Error, meaning: Outcome) -> None:
    """Raise what `meaning` asks for; a bug is left to the caller to raise again."""
    if meaning is Outcome.FULL:
        raise NoRoom("no room for the station's file") from error
    if meaning is Outcome.UNWRITABLE:
        raise OutboxUnavailable(f"the station's file cannot be used now: {error}") from error
    if meaning is Outcome.DAMAGED:
        raise OutboxDamaged(f"the station's file is damaged: {error}") from error
