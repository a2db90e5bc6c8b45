"""API keys: who may ask for what. Only a digest of a key is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import RowMapping, select

from ingest.operations.database import Database
from ingest.operations.tables import api_keys
from ingest.operations.times import aware, utc


class Scope(StrEnum):
    """What a key opens."""

    OFFICER = "officer"  # released data and the state of stations, to read
    OPERATOR = "operator"  # that, and to manage stations and quarantine


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: never the secret."""

    id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None = None


class Keys:
    """Door to API keys; raises StoreUnavailable if the database is not there.

    A key is written `ID.SECRET`, both drawn at random by the caller. Its secret has 256 bits, so
    a plain digest is enough: there is nothing to guess.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: Key, secret: str) -> str:
        """Keep a new key; returns what its holder has to send."""
        row = {
            "id": key.id,
            "name": key.name,
            "scope": key.scope.value,
            "digest": _digest(secret),
            "created_at": utc(key.created_at),
        }
        with self._database.begin() as connection:
            connection.execute(api_keys.insert(), row)
        return f"{key.id}.{secret}"

    def holder(self, presented: str) -> Key | None:
        """Whose key was presented, None if it is nobody's or was revoked."""
        identifier, _, secret = presented.partition(".")
        with self._database.look() as connection:
            query = select(api_keys).where(api_keys.c.id == identifier)
            row = connection.execute(query).mappings().first()
        if row is None or not compare_digest(row["digest"], _digest(secret)):
            return None
        return None if row["revoked_at"] else _key(row)

    def all(self) -> list[Key]:
        """Every key there ever was, oldest first."""
        with self._database.look() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at)).mappings()
            return [_key(row) for row in rows]

    def revoke(self, identifier: str, now: datetime) -> bool:
        """Make a key worthless; whether it was worth anything."""
        valid = (api_keys.c.id == identifier) & api_keys.c.revoked_at.is_(None)
        with self._database.begin() as connection:
            query = api_keys.update().where(valid).values(revoked_at=utc(now))
            return connection.execute(query).rowcount == 1


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _key(row: RowMapping) -> Key:
    return Key(
        row["id"],
        row["name"],
        Scope(row["scope"]),
        aware(row["created_at"]),
        row["revoked_at"] and aware(row["revoked_at"]),
    )
