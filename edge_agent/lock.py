"""A lock beside the station's file, so that two agents never work on it at once."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from contract.errors import Unavailable

_ATTEMPTS = 5
_PAUSE_SECONDS = 0.05


class Locked(Unavailable):
    """Another process holds the lock, or nobody can."""


@contextmanager
def held(outbox: Path) -> Iterator[None]:
    """Hold the lock of the file `outbox`; raises Locked, naming the process that has it.

    The kernel lets go when the process ends, however it ends. The process number is written into
    the lock's file only to be told; on a full disk it is missing and nothing else.
    """
    descriptor = _open(outbox)
    try:
        if not _taken_over(descriptor):
            pid = _written(descriptor)
            who = "another agent" if pid is None else f"another agent (process {pid})"
            raise Locked(f"{who} works on {outbox}; stop it first")
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_held(outbox: Path) -> bool:
    """Whether a process holds the lock of the file `outbox`; raises OSError if it may not look."""
    with _looking(outbox) as descriptor:
        return descriptor is not None and _is_taken(descriptor)


def holder(outbox: Path) -> int | None:
    """The number of the process that holds the lock, None if none does or it is not known."""
    with _looking(outbox) as descriptor:
        if descriptor is None or not _is_taken(descriptor):
            return None
        return _written(descriptor)


def _open(outbox: Path) -> int:
    path = _path(outbox)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        with suppress(OSError):  # a file system that became read-only still locks
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        problem = f"cannot use {path.parent} ({error.strerror}); see `health-kiosk doctor`"
        raise Locked(problem) from error


def _taken_over(descriptor: int) -> bool:
    """Take the lock; one who only looks has it for an instant, hence more than one attempt."""
    for _ in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


@contextmanager
def _looking(outbox: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(_path(outbox), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    try:
        # Shared and for a moment: two who look at once do not take each other for an agent.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _written(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None


def _path(outbox: Path) -> Path:
    return outbox.with_name(outbox.name + ".lock")
