"""The operational database: stations, ledger, quarantine, statuses, what is counted, API keys."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter

from contract.status import Status
from ingest.operations.book import Book, Entry
from ingest.operations.database import Database
from ingest.operations.dirty import DirtyHours
from ingest.operations.inventory import Inventory, Station
from ingest.operations.keys import Keys
from ingest.operations.quarantine import Quarantine, Refused
from ingest.operations.releases import Releases
from ingest.operations.rounds import Rounds
from ingest.operations.sightings import Sighting, Sightings
from ingest.usage import StationHour

__all__ = ["Entry", "Operations", "Refused", "Sighting", "Station"]


class Operations:
    """Door to the operational database; every method raises StoreUnavailable if it is not there."""

    def __init__(self, url: str) -> None:
        """Connect to the SQLAlchemy `url` and bring the tables to their present form."""
        self._database = Database(url)
        self.inventory = Inventory(self._database)
        self.book = Book(self._database)
        self.quarantine = Quarantine(self._database)
        self.sightings = Sightings(self._database)
        self.dirty = DirtyHours(self._database)
        self.keys = Keys(self._database)
        self.releases = Releases(self._database)
        self.rounds = Rounds(self._database)

    def close(self) -> None:
        """Let go of every connection; a process that ends need not."""
        self._database.close()

    def record(
        self,
        *,
        entries: Iterable[Entry] = (),
        refused: Iterable[Refused] = (),
        statuses: Iterable[Status] = (),
        replayed: Sequence[str] = (),
        dirty: Collection[StationHour] = (),
        now: datetime,
    ) -> None:
        """Commit what became of a batch of messages; recording it again changes nothing.

        `replayed` are the digests of messages that leave the quarantine by it, `dirty` the hours
        whose usage windows have come or changed.
        """
        with self._database.begin() as connection:
            self.book.write(connection, entries)
            self.quarantine.keep(connection, refused, now)
            self.quarantine.release(connection, replayed)
            self.dirty.mark(connection, dirty)
            # Workers lock rows in one order, or two with the same stations would stop each other.
            said = sorted(statuses, key=attrgetter("station"))
            self.book.claim(connection, said)
            self.sightings.note(connection, said, now)
