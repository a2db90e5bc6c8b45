"""Opening the station's file: checked, brought up to date, and salvaged if it is damaged."""

import os
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from contract.errors import OutboxUnavailable
from edge_agent.outbox import checking, counters, schema, succession
from edge_agent.outbox.counters import State
from edge_agent.outbox.failures import NoRoom, OutboxDamaged, Outcome, outcome, translated
from edge_agent.outbox.file import File, connect, connect_to_read, limit, try_to_write
from edge_agent.outbox.records import Limits
from edge_agent.outbox.reserve import Reserve

T = TypeVar("T")


def open_file(path: Path, *, new_epoch: int, today: date, now: datetime, limits: Limits) -> File:
    """Open or create the file at `path`; a damaged one is replaced by what can be saved of it.

    Raises OutboxUnavailable if disk or quota refuse, OutboxTooNew for the file of a newer
    program. On a read-only file system a sound file is opened for reading.
    """
    first = State(schema.VERSION, new_epoch, 0, 0, today.isoformat())

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        succession.finish(path)
        file = _open_or_salvage(path, first, now, limits)
        if not file.is_read_only:
            succession.forget(path, now=now, days=limits.damaged_days)
    except OSError as error:
        raise OutboxUnavailable(f"the station's file cannot be opened: {error.strerror}") from error
    return file


def _open_or_salvage(path: Path, first: State, now: datetime, limits: Limits) -> File:
    try:
        return _with_reserve(path, limits, lambda: _open(path, first, limits))
    except OutboxDamaged:
        salvage = partial(succession.succeed, path, first, now=now)
        try:
            _with_reserve(path, limits, salvage)
        except NoRoom:
            with translated(path):
                salvage(usage=False)
        return _open(path, first, limits)


def _with_reserve(path: Path, limits: Limits, work: Callable[[], T]) -> T:
    """Do `work`; if the disk is full, again without the reserve."""
    try:
        with translated(path):
            return work()
    except NoRoom:
        Reserve(path, limits.reserve_bytes).spend()
        with translated(path):
            return work()


def _open(path: Path, first: State, limits: Limits) -> File:
    checking.check_bytes(path)
    with translated(path):
        try:
            if not path.exists():
                path.touch(mode=0o600)
            database = connect(path)
        except (sqlite3.Error, OSError):
            if os.access(path.parent, os.W_OK) or not path.exists():
                raise
            return _open_to_read(path, limits)
        try:
            _bring_up_to_date(database, _check(database, path), first)
            limit(database, limits)
        except BaseException:
            database.close()
            raise
    file = File(path, limits, database)
    file.empty_log()  # a kill may have left exact values of a closed session in it
    return file


def _open_to_read(path: Path, limits: Limits) -> File:
    """Open the file on a read-only file system."""
    database = connect_to_read(path)
    try:
        if _check(database, path) != schema.VERSION:
            try_to_write(database)  # raises: an older file has to be brought up to date
    except BaseException:
        database.close()
        raise
    return File(path, limits, database, is_read_only=True)


def _check(database: sqlite3.Connection, path: Path) -> int | None:
    """The version of a sound file; raises OutboxDamaged for any other."""
    try:
        checking.check_pages(database)
        version = checking.version_of(database)
        if version == schema.VERSION:
            checking.check_rows(database)
    except sqlite3.Error as error:
        # Questions that any sound file answers: a bug would show with every file.
        if outcome(error, path) is Outcome.BUG:
            raise OutboxDamaged(f"the station's file is damaged: {error}") from error
        raise
    return version


def _bring_up_to_date(database: sqlite3.Connection, version: int | None, first: State) -> None:
    if version == schema.VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    if version is None:
        schema.create(database)
    else:
        schema.migrate(database)
    if not database.execute("SELECT 1 FROM outbox").fetchone():
        counters.begin(database, first)
    database.execute("COMMIT")
