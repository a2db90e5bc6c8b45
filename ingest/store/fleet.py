"""Points for dashboards alone, such as how the fleet was: a protocol, and what keeps nothing."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

Value = int | float | str


class Point(NamedTuple):
    """Values at one time; the same measurement, tags and time again replace it. Time is seconds."""

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, Value]
    time: int


class Fleet(Protocol):
    """Where the state of the fleet, or the ranking of stations, is kept for dashboards."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all; if not, nobody need make points."""

    def write(self, points: Sequence[Point]) -> None:
        """Keep `points`; durable on return. Raises StoreUnavailable: some may be kept then."""


class NoFleet:
    """Keeps nothing: the page asks the API, which needs none of it."""

    keeps = False

    def write(self, points: Sequence[Point]) -> None:
        """See `Fleet.write`: the points are gone."""
