"""Hours that must be made anew: a durable queue that loses nothing, whoever works it off.

Every mark is a row with a number of its own, never used twice. Who has worked a mark off deletes
that row and no other, so one that comes meanwhile stays, and a kill leaves all that is unfinished.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, product
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select

from ingest.operations.database import Database
from ingest.operations.tables import dirty_hours
from ingest.pieces import pieces
from ingest.usage import HOUR_SECONDS, StationHour, hour_of

_AREAS = ""
"""In place of a station: the hours of all areas that begin then."""
_ROWS_AT_A_TIME = 500
_STATIONS_AT_A_TIME = 100


class Mark(NamedTuple):
    """One row of the queue."""

    id: int
    station: str
    start: int


class DirtyHours:
    """Door to the queue; every method raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, connection: Connection, hours: Collection[StationHour]) -> None:
        """Ask, within a transaction, for these hours to be made anew."""
        if hours:
            # In order, so that whoever reads the queue finds hours of one kind together.
            rows = [{"station": station, "start": start} for station, start in sorted(hours)]
            connection.execute(dirty_hours.insert(), rows)

    def remake(self, stations: Collection[str], since: int, until: int) -> int:
        """Ask for every hour of these stations that starts in a span, in seconds since 1970.

        For windows that were stored before there were hours, and after the inventory was corrected:
        an hour takes venue, opening hours and seats as they are when it is made. Returns how many.
        """
        starts = range(hour_of(since), until, HOUR_SECONDS)
        names = iter(stations)
        while some := list(islice(names, _STATIONS_AT_A_TIME)):
            with self._database.begin() as connection:
                self.mark(connection, [StationHour(*one) for one in product(some, starts)])
        return len(stations) * len(starts)

    @contextmanager
    def stations(self, limit: int) -> Iterator[set[StationHour]]:
        """Some hours of stations, of `limit` marks, to be made anew within the block.

        After it they are done, and the hours of their areas marked; if it raises, all marks stay.
        """
        query = _MARKS.where(dirty_hours.c.station != _AREAS).limit(limit)
        with self._claimed(query) as marks:
            yield {StationHour(one.station, one.start) for one in marks}

    @contextmanager
    def areas(self, limit: int) -> Iterator[set[int]]:
        """The starts of at most `limit` hours whose areas are to be made anew, in the same way."""
        of_areas = _MARKS.where(dirty_hours.c.station == _AREAS)
        with self._database.look() as connection:
            first = {row.start for row in connection.execute(of_areas.limit(limit))}
        # One start is marked many times over; it is worked off once.
        with self._claimed(of_areas.where(dirty_hours.c.start.in_(first))) as marks:
            yield {one.start for one in marks}

    def count(self) -> int:
        """How many marks there are."""
        with self._database.look() as connection:
            return connection.execute(select(func.count()).select_from(dirty_hours)).scalar_one()

    @contextmanager
    def _claimed(self, query: Select[tuple[int, str, int]]) -> Iterator[list[Mark]]:
        if self._database.is_sqlite:
            # It has one writer at a time, which must not wait for the store: two workers may do
            # the same work twice, and that is all.
            with self._database.look() as connection:
                marks = [Mark._make(row) for row in connection.execute(query)]
            yield marks
            with self._database.begin() as connection:
                self._finish(connection, marks)
        else:
            with self._database.begin() as connection:
                taken = connection.execute(query.with_for_update(skip_locked=True))
                marks = [Mark._make(row) for row in taken]
                yield marks
                self._finish(connection, marks)

    def _finish(self, connection: Connection, marks: Sequence[Mark]) -> None:
        self.mark(connection, {StationHour(_AREAS, one.start) for one in marks if one.station})
        for some in pieces(marks, _ROWS_AT_A_TIME):
            ids = [one.id for one in some]
            connection.execute(dirty_hours.delete().where(dirty_hours.c.id.in_(ids)))


_MARKS = select(dirty_hours.c.id, dirty_hours.c.station, dirty_hours.c.start).order_by(
    dirty_hours.c.id
)
