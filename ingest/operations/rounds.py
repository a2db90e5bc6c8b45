"""Rounds that one worker goes for all: who takes a round's number first goes it, nobody else."""

from sqlalchemy import select

from ingest.operations.database import Database
from ingest.operations.tables import counters


class Rounds:
    """Door to rounds; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
