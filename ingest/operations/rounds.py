"""Rounds that one worker goes for all: who takes a round's number first goes it, nobody else."""

from contextlib import AbstractContextManager

from sqlalchemy import select

from ingest.operations.database import Database
from ingest.operations.tables import counters
from ingest.operations.turn import turn


class Rounds:
    """Door to rounds; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self, name: str) -> AbstractContextManager[None]:
        """Wait for the turn to go a round, among all workers, and have it for a block.

        For a round that must not be left out: go it in the block, and take its number at the end.
        """
        return turn(self._database, name)

    def last(self, name: str) -> int:
        """The number of the last round called `name` that was taken; 0 before the first."""
        with self._database.look() as connection:
            query = select(counters.c.value).where(counters.c.name == name)
            return int(connection.execute(query).scalar() or 0)

    def take(self, name: str, number: int) -> int | None:
        """Take round `number` of the rounds called `name`; the number of the one before it.

        None if that round, or a later one, is taken already; 0 is the one before the first. A
        worker that dies on its way leaves out that round and no other.
        """
        mine = counters.c.name == name
        query = select(counters.c.value).where(mine).with_for_update()
        with self._database.begin() as connection:
            before = connection.execute(query).scalar()
            if before is None:
                added = self._database.insert(counters).values(name=name, value=number)
                first = added.on_conflict_do_nothing().returning(counters.c.value)
                return None if connection.execute(first).scalar() is None else 0
            if before >= number:
                return None
            connection.execute(counters.update().where(mine).values(value=number))
            return int(before)
