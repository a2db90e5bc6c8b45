"""The journal: frames as they came, until their visit is over."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from edge_agent.frame import Frame
from edge_agent.outbox import giving_up
from edge_agent.outbox.counters import count
from edge_agent.outbox.file import File
from edge_agent.outbox.schema import JOURNAL, mark

_COLUMNS = ", ".join(JOURNAL.marked)


class Journal:
    """The part of the outbox that keeps frames."""

    _file: File

    def journal(
        self,
        device: str,
        model: str,
        characteristic: str,
        received_at: datetime,
        data: bytes,
        boot: str = "",
    ) -> None:
        """Keep a frame before anybody looks at it; see `edge_agent.frame.Frame`.

        Raises OutboxUnavailable if no disk takes it.
        """
        row = JOURNAL.row(device, model, characteristic, received_at.timestamp(), data, boot)
        self._file.write(lambda database: database.execute(JOURNAL.insert, row))

    def journal_all(self, frames: Iterable[Frame]) -> None:
        """Keep many frames in one commit: all or none. Their `number` is given anew.

        Raises OutboxUnavailable if no disk takes them.
        """
        rows = [
            JOURNAL.row(
                one.device, one.model, one.characteristic, one.received_at.timestamp(),
                one.data, one.boot,
            )
            for one in frames
        ]  # fmt: skip
        if rows:
            self._file.write(lambda database: database.executemany(JOURNAL.insert, rows))

    def journalled(self) -> list[Frame]:
        """Every frame whose visit is not over, in order of arrival."""
        rows = self._file.all(f"SELECT number, {_COLUMNS} FROM journal ORDER BY number")
        return [
            Frame(number, device, model, uuid, datetime.fromtimestamp(at, UTC), data, boot)
            for number, device, model, uuid, at, data, boot in rows
        ]

    def redate(self, boot: str, shift: timedelta) -> None:
        """Move `received_at` of all frames that came in the machine's life `boot`.

        Raises OutboxUnavailable.
        """
        seconds = shift.total_seconds()

        def move(database: sqlite3.Connection) -> None:
            query = f"SELECT number, {_COLUMNS} FROM journal WHERE boot = ?"
            for number, device, model, uuid, at, data, _ in database.execute(
                query, (boot,)
            ).fetchall():
                moved = at + seconds
                database.execute(
                    "UPDATE journal SET received_at = ?, mark = ? WHERE number = ?",
                    (moved, mark(device, model, uuid, moved, data, boot), number),
                )

        self._file.write(move)

    def give_up_frames(self, many: int) -> None:
        """Count frames that no disk would take; they are gone. Raises OutboxUnavailable."""
        self._file.write(lambda database: count(database, giving_up.FRAMES, many))
