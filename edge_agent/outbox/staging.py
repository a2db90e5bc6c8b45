"""Staged rows: anonymous, and waiting for company; and what is remembered of devices."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from types import MappingProxyType

from contract.errors import Reason
from contract.topics import Stream
from edge_agent.outbox import giving_up
from edge_agent.outbox.counters import change, count, state
from edge_agent.outbox.file import File
from edge_agent.outbox.numbering import Numbering
from edge_agent.outbox.records import Staged
from edge_agent.outbox.schema import DEVICES, REJECTS, STAGED

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Staging:
    """The part of the outbox between a closed session and its batch."""

    _file: File
    _numbering: Numbering

    def stage(
        self,
        rows: Iterable[tuple[str, date, str]],
        *,
        rejects: Mapping[Reason, int],
        used: Iterable[int],
        memories: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Stage anonymous rows and wipe the journal entries they came from, in one step.

        A row is its measure, its day and its JSON. `memories` replace what was remembered of
        their devices. Raises OutboxUnavailable; then nothing has changed.
        """
        staged = [STAGED.row(measure, day.isoformat(), content) for measure, day, content in rows]
        numbers = [(number,) for number in used]
        remembered = [DEVICES.row(_digest(device), text) for device, text in memories.items()]

        def work(database: sqlite3.Connection) -> None:
            database.executemany(STAGED.insert, staged)
            counts = dict(database.execute("SELECT reason, count FROM rejects").fetchall())
            database.executemany(
                REJECTS.insert,
                [REJECTS.row(str(why), counts.get(why, 0) + many) for why, many in rejects.items()],
            )
            database.executemany("DELETE FROM journal WHERE number = ?", numbers)
            database.executemany(DEVICES.insert, remembered)

        self._file.write(work)
        self._file.empty_log()  # it still holds the frames

    def memory(self, device: str) -> str | None:
        """What `stage` was last told to remember of `device`, None if that is nothing."""
        query = "SELECT memory FROM devices WHERE digest = ?"
        found = self._file.all(query, (_digest(device),))
        return str(found[0][0]) if found else None

    def staged_counts(self) -> dict[str, int]:
        """How many rows of each measure wait for company; a measure without any is left out."""
        query = "SELECT measure, count(*) FROM staged GROUP BY measure ORDER BY measure"
        return dict(self._file.all(query))

    def expire_staged(self, before: date) -> int:
        """Give up rows of days before `before` that found no company; how many, also in `losses`.

        Raises OutboxUnavailable.
        """

        def work(database: sqlite3.Connection) -> int:
            gone = database.execute("DELETE FROM staged WHERE day < ?", (before.isoformat(),))
            count(database, giving_up.SESSIONS, gone.rowcount)
            return gone.rowcount

        if not self._file.all("SELECT 1 FROM staged WHERE day < ? LIMIT 1", (before.isoformat(),)):
            return 0
        return self._file.write(work, frees=True)

    def released_on(self) -> date:
        """The local day of the last daily release, done or found to be too small."""
        return date.fromisoformat(self._file.read(state).released_on)

    def pass_release(self, day: date) -> None:
        """Note that the daily release of `day` is over. Raises OutboxUnavailable."""
        self._file.write(
            lambda database: change(database, state(database)._replace(released_on=day.isoformat()))
        )

    def release(
        self,
        measure: str,
        limit: int,
        compose: Callable[[int, Sequence[Staged], Counter[Reason]], bytes],
    ) -> None:
        """Turn the oldest `limit` staged rows of one measure into one numbered message.

        `compose` gets the message's number, the rows and the rejects counted since the last
        batch of any measure, and returns the payload; it may be called twice. Raises
        OutboxUnavailable.
        """

        def work(database: sqlite3.Connection) -> None:
            found = database.execute(
                "SELECT number, day, content FROM staged WHERE measure = ? ORDER BY number LIMIT ?",
                (measure, limit),
            )
            rows = [Staged(number, date.fromisoformat(day), text) for number, day, text in found]
            counts = database.execute("SELECT reason, count FROM rejects")
            rejects = Counter({Reason(reason): many for reason, many in counts})
            self._numbering.add(database, Stream.SCREENING, lambda seq: compose(seq, rows, rejects))
            database.executemany(
                "DELETE FROM staged WHERE number = ?", [(row.number,) for row in rows]
            )
            database.execute("DELETE FROM rejects")

        self._file.write(work)


def _digest(device: str) -> bytes:
    """What stands for a device in its memory: its address is in this file only with its frames."""
    return blake2b(device.encode(), digest_size=16).digest()
