"""Usage windows counted in the embedded store."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager

from ingest.calendar import Week
from ingest.store.expiry import midnight
from ingest.store.windows import WindowSum

Open = Callable[[], AbstractContextManager[sqlite3.Connection]]

# A station's windows stand in the order of time, so this reads nothing beside the week.
_SUMS = (
    "SELECT count(*), coalesce(sum(entries), 0) FROM usage"
    " WHERE station = ? AND start >= ? AND start < ?"
)


class SqliteWindows:
    """Fulfils `ingest.store.windows.Windows`."""

    def __init__(self, connection: Open) -> None:
        """`connection` is to read by."""
        self._connection = connection

    def sums(self, weeks: Sequence[Week], stations: Collection[str]) -> Iterator[WindowSum]:
        """See `Windows.sums`."""
        spans = [(week, midnight(week.first), midnight(week.following.first)) for week in weeks]
        with self._connection() as database:
            for station in stations:
                for week, since, until in spans:
                    windows, entries = database.execute(_SUMS, (station, since, until)).fetchone()
                    if windows:
                        yield WindowSum(station, week, windows, entries)
