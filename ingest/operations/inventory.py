"""The inventory: the stations that there are, were, and what is expected of each."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from ingest.operations.database import Database
from ingest.operations.tables import stations
from ingest.operations.times import aware, utc


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the inventory.

    `opening_hours` is "08:00-20:00" in local time; `devices` are the kinds that are expected to
    report: "bp", "glu", "door". A retired station sends nothing any more, and its past stays.
    """

    id: str
    name_zh: str
    name_en: str
    district: str
    venue: str
    seats: int
    place: str = ""
    opening_hours: str = "00:00-24:00"
    devices: tuple[str, ...] = ()
    retired_at: datetime | None = None


class Inventory:
    """Door to the stations; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, added: Iterable[Station]) -> None:
        """Add stations, or change those that are there; all of them or none."""
        rows = [asdict(one) | {"devices": ",".join(one.devices)} for one in added]
        for row in rows:
            row["retired_at"] = row["retired_at"] and utc(row["retired_at"])
        with self._database.begin() as connection:
            self._database.upsert(connection, stations, rows)

    def retire(self, station: str, now: datetime) -> bool:
        """Take a station out of service; whether it was in service."""
        query = stations.update().where(stations.c.id == station, stations.c.retired_at.is_(None))
        with self._database.begin() as connection:
            return connection.execute(query.values(retired_at=utc(now))).rowcount == 1

    def all(self, *, retired: bool = False) -> list[Station]:
        """The stations in service, and the retired ones if asked for, by district and id."""
        query = select(stations).order_by(stations.c.district, stations.c.id)
        if not retired:
            query = query.where(stations.c.retired_at.is_(None))
        with self._database.look() as connection:
            return [_station(*row) for row in connection.execute(query).all()]

    def places(self) -> dict[str, tuple[str, str]]:
        """District and venue of every station in service; quick, for it is asked once a minute."""
        columns = select(stations.c.id, stations.c.district, stations.c.venue)
        query = columns.where(stations.c.retired_at.is_(None))
        with self._database.look() as connection:
            return {row.id: (row.district, row.venue) for row in connection.execute(query)}

    def page(
        self, limit: int, *, after: str = "", district: str | None = None, search: str = ""
    ) -> Sequence[Station]:
        """Stations in service by id, from the one after `after` on, of one district if given.

        With `search` only those in whose id, name or place it occurs.
        """
        query = _in_service(select(stations), after, district, search)
        with self._database.look() as connection:
            rows = connection.execute(query.order_by(stations.c.id).limit(limit))
            return [_station(*row) for row in rows]

    def count(self, *, district: str | None = None, search: str = "") -> int:
        """How many stations are in service, or how many `page` would give without a limit."""
        query = _in_service(select(func.count()).select_from(stations), "", district, search)
        with self._database.look() as connection:
            return int(connection.execute(query).scalar_one())

    def ids(self, *, after: str = "", district: str | None = None, search: str = "") -> list[str]:
        """The ids of what `page` would give without a limit."""
        query = _in_service(select(stations.c.id), after, district, search)
        with self._database.look() as connection:
            return list(connection.execute(query.order_by(stations.c.id)).scalars())

    def some(self, ids: Sequence[str]) -> list[Station]:
        """Stations in service by id, maybe a thousand."""
        query = _in_service(select(stations), "", None, "").where(stations.c.id.in_(ids))
        with self._database.look() as connection:
            rows = connection.execute(query.order_by(stations.c.id)) if ids else ()
            return [_station(*row) for row in rows]

    def names(self, district: str) -> list[str]:
        """The ids of a district's stations in service."""
        query = select(stations.c.id).where(
            stations.c.district == district, stations.c.retired_at.is_(None)
        )
        with self._database.look() as connection:
            return list(connection.execute(query.order_by(stations.c.id)).scalars())

    def get(self, station: str) -> Station | None:
        """One station, retired or not."""
        with self._database.look() as connection:
            query = select(stations).where(stations.c.id == station)
            row = connection.execute(query).first()
        return None if row is None else _station(*row)


def _in_service(
    query: Select[*tuple[Any, ...]], after: str, district: str | None, search: str
) -> Select[*tuple[Any, ...]]:
    query = query.where(stations.c.id > after, stations.c.retired_at.is_(None))
    if district is not None:
        query = query.where(stations.c.district == district)
    if search:
        told = (stations.c.id, stations.c.name_zh, stations.c.name_en, stations.c.place)
        query = query.where(or_(*(one.icontains(search, autoescape=True) for one in told)))
    return query


def _station(*row: Any) -> Station:
    """The station of a row of the table, whose columns are in the order of the fields."""
    station, name_zh, name_en, district, venue, seats, place, hours, devices, retired_at = row
    return Station(
        station, name_zh, name_en, district, venue, seats, place, hours,
        devices=tuple(devices.split(",")) if devices else (),
        retired_at=None if retired_at is None else aware(retired_at),
    )  # fmt: skip
