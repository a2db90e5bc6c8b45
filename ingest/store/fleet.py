"""How the fleet was, minute by minute: the protocol of a store's room for it, and no room."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

Value = int | str


class Point(NamedTuple):
    """Values at one time; the same measurement, tags and time again replace it. Time is seconds."""

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, Value]
    time: int


class Fleet(Protocol):
    """Where the state of the fleet is kept for dashboards."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all; if not, nobody need make points."""

    def write(self, points: Sequence[Point]) -> None:
        """Keep `points`; durable on return. Raises StoreUnavailable: some may be kept then."""


class NoFleet:
    """Keeps nothing: the page asks the operational database how the fleet is now."""

    keeps = False

    def write(self, points: Sequence[Point]) -> None:
        """See `Fleet.write`: the points are gone."""
