"""The outbox: everything that a station keeps, behind one name."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from edge_agent.outbox.accounts import Accounts
from edge_agent.outbox.counters import state
from edge_agent.outbox.journal import Journal
from edge_agent.outbox.messages import Messages
from edge_agent.outbox.numbering import Numbering
from edge_agent.outbox.opening import open_file
from edge_agent.outbox.records import Limits
from edge_agent.outbox.staging import Staging


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Outbox(Journal, Staging, Messages, Accounts):
    """The station's durable state; use it from one thread, as a context manager.

    Whatever a method was given is on disk when it returns. A method that writes raises
    OutboxUnavailable, having changed nothing, when disk, quota or a read-only file system refuse.
    Any method raises OutboxDamaged when the file turns out to be damaged: let the process end.
    """

    def __init__(
        self,
        path: Path,
        *,
        new_epoch: int,
        today: date,
        limits: Limits = Limits(),  # noqa: B008 -- frozen
        clock: Callable[[], datetime] = _system_clock,
    ) -> None:
        """Open, create or salvage the file.

        `new_epoch` is for a new file, and for the successor of a damaged one. `today` is the day
        a new file begins and a damaged one is laid aside; `clock` tells the hour of a number.
        Raises OutboxUnavailable, or OutboxTooNew for the file of a newer program.
        """
        self._limits = limits
        self._numbering = Numbering(clock)
        self._file = open_file(path, new_epoch=new_epoch, today=today, now=clock(), limits=limits)
        self.epoch: int = self._file.read(state).epoch

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def durability(self) -> tuple[str, int, int]:
        """SQLite's journal mode, `synchronous` (2 is FULL) and `secure_delete` (1 is on)."""
        mode, synchronous, secure = (
            self._file.all(f"PRAGMA {name}")[0][0]
            for name in ("journal_mode", "synchronous", "secure_delete")
        )
        return mode, synchronous, secure
