"""Usage windows and numbered messages: out in order of priority, gone on receipt only."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from contract.topics import Stream
from edge_agent.outbox.file import File
from edge_agent.outbox.numbering import Numbering, as_moment
from edge_agent.outbox.records import Backlog, Message
from edge_agent.outbox.schema import WINDOWS

_COLUMNS = "seq, stream, payload, epoch, numbered_at"
_EVERYTHING = -(2**62)


class Messages:
    """The part of the outbox that numbers, gives out and settles."""

    _file: File
    _numbering: Numbering
    epoch: int

    def keep_window(self, start: int, content: str) -> None:
        """Keep a closed usage window (JSON) until it leaves; its start names it.

        Raises OutboxUnavailable.
        """
        row = WINDOWS.row(start, content)
        self._file.write(lambda database: database.execute(WINDOWS.insert, row))

    def release_windows(
        self, limit: int, compose: Callable[[int, Sequence[str]], bytes], *, newest: bool = False
    ) -> bool:
        """Turn the oldest `limit` windows, or the newest, into one numbered message.

        `compose` gets the number and the windows, oldest first, and may be called twice. False
        if there are none. Raises OutboxUnavailable.
        """
        order = "DESC" if newest else "ASC"
        query = f"SELECT start, content FROM windows ORDER BY start {order} LIMIT ?"
        if not self._file.all(query, (1,)):
            return False

        def work(database: sqlite3.Connection) -> bool:
            found = sorted(database.execute(query, (limit,)).fetchall())
            if not found:  # they were given up to make room for this
                return False
            contents = [content for _, content in found]
            self._numbering.add(database, Stream.USAGE, lambda seq: compose(seq, contents))
            starts = [(start,) for start, _ in found]
            database.executemany("DELETE FROM windows WHERE start = ?", starts)
            return True

        return self._file.write(work)

    def pending(self, limit: int, *, after: int = 0) -> list[Message]:
        """Messages without a receipt: screening before usage, each by number.

        Those carried over from an earlier epoch come before their stream's own. `after` leaves
        them out, and all numbers of this epoch up to it.
        """
        bound = after if after > 0 else _EVERYTHING
        rows: list[tuple[int, str, bytes, int, int]] = []
        for stream in (Stream.SCREENING, Stream.USAGE):
            # The stream stands in the text so that SQLite uses the index of screening messages.
            query = (
                f"SELECT {_COLUMNS} FROM messages WHERE stream = '{stream}' AND place > ?"
                " ORDER BY place LIMIT ?"
            )
            if len(rows) < limit:
                rows += self._file.all(query, (bound, limit - len(rows)))
        return [
            Message(seq, Stream(stream), payload, epoch, as_moment(hour))
            for seq, stream, payload, epoch, hour in rows
        ]

    def mark_sent(self, seqs: Iterable[int]) -> None:
        """Note that messages of this epoch are about to be sent; see `split`.

        Raises OutboxUnavailable: then do not send them.
        """
        numbers = [(seq,) for seq in seqs]
        if numbers:
            update = "UPDATE messages SET sent = 1 WHERE place = ? AND sent = 0"
            self._file.write(lambda database: database.executemany(update, numbers))

    def split(self, seq: int, parts: Sequence[Callable[[int], bytes]]) -> tuple[int, ...]:
        """Put several messages in the place of the message `seq` of this epoch; their numbers.

        Each of `parts` makes its payload from its number; the first keeps `seq`, the others get
        new ones. Empty, and nothing has changed, if there is no such message, or if it is a
        screening message that may have been sent: its rows might count twice. Raises
        OutboxUnavailable.
        """
        query = "SELECT stream, sent FROM messages WHERE place = ?"

        def work(database: sqlite3.Connection) -> tuple[int, ...]:
            found = database.execute(query, (seq,)).fetchone()
            if found is None or not parts or (found[0] == Stream.SCREENING and found[1]):
                return ()
            stream = Stream(found[0])
            self._numbering.put(database, seq, self.epoch, seq, stream, parts[0](seq))
            return (seq, *(self._numbering.add(database, stream, one) for one in parts[1:]))

        return self._file.write(work)

    def settle(self, epoch: int, seqs: Iterable[int]) -> None:
        """Delete messages for which a receipt came, also those of a damaged file's epoch.

        Receipts of any other epoch change nothing. Raises OutboxUnavailable: then nothing was
        deleted, and the receipts have to be brought again.
        """
        if epoch == self.epoch:
            delete, numbers = "DELETE FROM messages WHERE place = ?", [(seq,) for seq in seqs]
        else:
            carried = self._file.all(
                "SELECT seq, place FROM messages WHERE place < 0 AND epoch = ?", (epoch,)
            )
            places = dict(carried)
            delete = "DELETE FROM messages WHERE place = ?"
            numbers = [(places[seq],) for seq in seqs if seq in places]
        if numbers:
            self._file.write(lambda database: database.executemany(delete, numbers), frees=True)

    def backlog(self) -> Backlog:
        """What waits to leave; the moment of the oldest is known to the hour."""
        return self._file.read(backlog)


def backlog(database: sqlite3.Connection) -> Backlog:
    """What waits to leave."""
    query = "SELECT count(*), min(nullif(numbered_at, 0)) FROM messages"
    messages, first = database.execute(query).fetchone()
    windows, start = database.execute("SELECT count(*), min(start) FROM windows").fetchone()
    known = [one for one in (first, start) if one is not None]
    oldest = datetime.fromtimestamp(min(known), UTC) if known else None
    return Backlog(messages, windows, oldest)
