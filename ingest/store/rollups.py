"""Hours and days of usage in a store: the protocol that each database fulfils."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from ingest.usage import Hour, Kind, Presence, Site, StationHour


class Rollups(Protocol):
    """Where hours are made and kept. Every method raises StoreUnavailable if it cannot be reached.

    Both ways of making hours may be repeated, and broken off, at will. No two workers make hours
    at the same time, so what is written is never older than what it replaces.
    """

    def roll_up(self, hours: Collection[StationHour], sites: Mapping[str, Site]) -> None:
        """Make these hours of stations, and their days, anew from windows; durable on return."""

    def roll_up_areas(self, starts: Collection[int]) -> None:
        """Make the hours of all areas that begin at `starts`, and their days, anew."""

    def hours(self, kind: Kind, place: str, since: int, until: int) -> list[Hour]:
        """The hours or days of a place that start from `since` on and before `until`, in order."""

    def station_days(self, stations: Collection[str], since: int, until: int) -> Iterator[Hour]:
        """The days of these stations, some hundred at a time; those of a station are in order."""

    def presence(self, kind: Kind, place: str, since: int, until: int) -> list[Presence]:
        """Of the same hours only what their means are made of, which takes a fraction of the time.

        Those of which no sensor told anything may be missing.
        """
