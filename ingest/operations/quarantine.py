"""The quarantine: refused messages, kept whole until they are replayed or discarded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import ColumnElement, Connection, Select, func, select

from contract.errors import Reason
from ingest.operations.database import Database, Row
from ingest.operations.tables import counters, quarantine
from ingest.operations.times import aware, utc

_DISCARDED = "quarantine_discarded"

_LONGEST_TOPIC = 200
_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Refused:
    """A message for the quarantine, kept whole; `station` is whose topic it came on, if any."""

    topic: str
    payload: bytes
    reason: Reason
    detail: str
    station: str = ""

    @property
    def digest(self) -> str:
        """Names it for ever: the same message refused again is the same row."""
        digest = blake2b(self.topic.encode() + b"\0" + self.payload, digest_size=16)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A refused message in quarantine; of a list of them, each without its payload."""

    digest: str
    received_at: datetime
    topic: str
    station: str
    reason: Reason
    detail: str
    size: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Fill:
    """How full the quarantine is, and how many messages were ever discarded from it."""

    messages: int
    bytes: int
    discarded: int


class Quarantine:
    """Door to refused messages; raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, connection: Connection, refused: Iterable[Refused], now: datetime) -> None:
        """Keep messages, within a transaction; one that is there already is kept as it was."""
        rows = {one.digest: _row(one, now) for one in refused}
        if rows:
            statement = self._database.insert(quarantine).on_conflict_do_nothing()
            # In one order for all workers: see `Book.write`.
            connection.execute(statement, [rows[digest] for digest in sorted(rows)])

    def counts(self) -> dict[Reason, int]:
        """How many messages are in quarantine for each reason."""
        query = select(quarantine.c.reason, func.count()).group_by(quarantine.c.reason)
        with self._database.look() as connection:
            return {Reason(name): count for name, count in connection.execute(query)}

    def by_station(self) -> dict[str, int]:
        """How many messages that came on each station's topics are in quarantine; "" is nobody."""
        station = quarantine.c.station
        query = select(station, func.count().label("messages")).group_by(station)
        with self._database.look() as connection:
            return {row.station: row.messages for row in connection.execute(query)}

    def fill(self) -> Fill:
        """How full it is."""
        size = func.coalesce(func.sum(func.length(quarantine.c.payload)), 0)
        gone = select(counters.c.value).where(counters.c.name == _DISCARDED)
        with self._database.look() as connection:
            messages, length = connection.execute(select(func.count(), size)).one()
            return Fill(messages, int(length), connection.execute(gone).scalar() or 0)

    def page(
        self,
        limit: int,
        *,
        after: tuple[datetime, str] | None = None,
        reason: Reason | None = None,
        station: str | None = None,
    ) -> list[Kept]:
        """The oldest messages, from the one after (time, digest) on, of one reason or station.

        Without their payloads: hundreds of those could be too much for anybody's memory.
        """
        query = _DESCRIBED
        if after is not None:
            moment, digest = after
            query = query.where(
                (quarantine.c.received_at > utc(moment))
                | ((quarantine.c.received_at == utc(moment)) & (quarantine.c.digest > digest))
            )
        if reason is not None:
            query = query.where(quarantine.c.reason == reason.value)
        if station is not None:
            query = query.where(quarantine.c.station == station)
        return self._found(_oldest_first(query).limit(limit))

    def get(self, digest: str) -> Kept | None:
        """The message with this digest, if it is there."""
        found = self._found(_WHOLE.where(quarantine.c.digest == digest))
        return found[0] if found else None

    def beginning(self, start: str, limit: int) -> list[Kept]:
        """The messages whose digest begins with `start`."""
        query = _WHOLE.where(quarantine.c.digest.startswith(start, autoescape=True))
        return self._found(query.limit(limit))

    def waiting_for(self, stations: Sequence[str], limit: int) -> list[Kept]:
        """Messages refused because their station was unknown, of stations now in `stations`."""
        query = _WHOLE.where(
            quarantine.c.reason == Reason.UNKNOWN_STATION.value,
            quarantine.c.station.in_(stations),
        )
        return self._found(_oldest_first(query).limit(limit))

    def unknown_stations(self) -> list[str]:
        """Stations whose messages wait because they are not in the inventory."""
        query = select(quarantine.c.station).where(
            quarantine.c.reason == Reason.UNKNOWN_STATION.value, quarantine.c.station != ""
        )
        with self._database.look() as connection:
            return [station for (station,) in connection.execute(query.distinct())]

    def release(self, connection: Connection, digests: Sequence[str]) -> None:
        """Take messages out that are being stored after all, within that transaction."""
        if digests:
            connection.execute(quarantine.delete().where(quarantine.c.digest.in_(digests)))

    def refuse_anew(self, digest: str, reason: Reason, detail: str) -> None:
        """Note that a message was offered again and refused for another reason."""
        values = {"reason": reason.value, "detail": _text(detail, _LONGEST_DETAIL)}
        with self._database.begin() as connection:
            connection.execute(
                quarantine.update().where(quarantine.c.digest == digest).values(**values)
            )

    def discard(self, digest: str) -> bool:
        """Give a message up for good, and count it; whether it was there."""
        with self._database.begin() as connection:
            return self._discard(connection, quarantine.c.digest == digest) == 1

    def bound(self, *, messages: int, megabytes: int) -> int:
        """Discard the oldest until it is within its bounds; returns how many, all counted."""
        discarded = 0
        while True:
            fill = self.fill()
            over = max(fill.messages - messages, 0)
            if fill.bytes > megabytes * 2**20:
                over = max(over, fill.messages // 20, 1)
            if not over:
                return discarded
            oldest = _oldest_first(select(quarantine.c.digest)).limit(min(over, 1000))
            with self._database.begin() as connection:
                digests = [digest for (digest,) in connection.execute(oldest)]
                discarded += self._discard(connection, quarantine.c.digest.in_(digests))

    def _discard(self, connection: Connection, which: ColumnElement[bool]) -> int:
        count = connection.execute(quarantine.delete().where(which)).rowcount
        added = self._database.insert(counters).values(name=_DISCARDED, value=count)
        connection.execute(
            added.on_conflict_do_update(
                index_elements=counters.primary_key,
                set_={"value": counters.c.value + added.excluded.value},
            )
        )
        return count

    def _found(self, query: Select[*tuple[object, ...]]) -> list[Kept]:
        with self._database.look() as connection:
            return [
                Kept(
                    **dict(row)
                    | {"received_at": aware(row["received_at"]), "reason": Reason(row["reason"])}
                )
                for row in connection.execute(query).mappings()
            ]


_DESCRIBED = select(
    *(column for column in quarantine.columns if column is not quarantine.c.payload),
    func.length(quarantine.c.payload).label("size"),
)
_WHOLE = _DESCRIBED.add_columns(quarantine.c.payload)


def _oldest_first(query: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
    return query.order_by(quarantine.c.received_at, quarantine.c.digest)


def _row(refused: Refused, now: datetime) -> Row:
    return {
        "digest": refused.digest,
        "received_at": utc(now),
        "topic": _text(refused.topic, _LONGEST_TOPIC),
        "station": refused.station,
        "reason": refused.reason.value,
        "detail": _text(refused.detail, _LONGEST_DETAIL),
        "payload": refused.payload,
    }


def _text(said: str, longest: int) -> str:
    """As PostgreSQL takes it: a refusal may name a field that its sender has called anything."""
    return said.replace("\0", "\N{REPLACEMENT CHARACTER}")[:longest]
