"""Doom: a process kills itself at one of its calls to SQLite, in a chosen step of the outbox."""

import os
import signal
import sqlite3
import sys
from types import FrameType
from typing import NamedTuple

_ROOM = f"{os.sep}edge_agent{os.sep}outbox"


class Doom(NamedTuple):
    """Dies at the `countdown`-th call to SQLite that the outbox's method `phase` makes."""

    phase: str
    countdown: int
    before: bool
    """Before the call, or just after it."""


def await_doom(doom: Doom, died_in: int) -> None:
    """Arm this thread. The phase is written to the file descriptor `died_in` at the last moment."""
    left = doom.countdown
    moment = "c_call" if doom.before else "c_return"

    def watch(frame: FrameType, event: str, called: object) -> None:
        nonlocal left
        if event != moment or not _is_sqlite(called) or _phase(frame) != doom.phase:
            return
        left -= 1
        if left == 0:
            os.write(died_in, doom.phase.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def _is_sqlite(called: object) -> bool:
    return isinstance(getattr(called, "__self__", None), sqlite3.Connection | sqlite3.Cursor)


def _phase(frame: FrameType | None) -> str | None:
    """The method of the outbox by which it was entered."""
    name = None
    while frame is not None and _ROOM in frame.f_code.co_filename:
        name = frame.f_code.co_name
        frame = frame.f_back
    return name
