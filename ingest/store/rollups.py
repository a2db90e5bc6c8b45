"""Hours of usage in a store: the protocol that each database fulfils."""

from collections.abc import Collection, Mapping
from typing import Protocol

from ingest.usage import Hour, Kind, Site, StationHour


class Rollups(Protocol):
    """Where hours are made and kept. Every method raises StoreUnavailable if it cannot be reached.

    Both ways of making hours may be repeated, and broken off, at will. No two workers make hours
    at the same time, so what is written is never older than what it replaces.
    """

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """Make these hours of stations anew from their windows; durable on return."""

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """Make the hours of all areas that begin at `starts` anew from the stations' hours."""

    def hours(self, kind: Kind, place: str, since: int, until: int) -> list[Hour]:
        """The hours of a place that start from `since` on and before `until`, in order."""
