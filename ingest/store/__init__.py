"""The time-series store: one protocol, and a module for each database that fulfils it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from contract.errors import Reason
from ingest.records import Record
from ingest.store.fleet import Fleet
from ingest.store.rollups import Rollups
from ingest.store.trends import Trends
from ingest.store.windows import Windows


class Refusal(NamedTuple):
    """A record that the store will never take: its place in what was written, and why.

    `detail` says it without the record's values, which may be personal.
    """

    position: int
    reason: Reason
    detail: str


class Store(Protocol):
    """Where committed data lives. Every method raises StoreUnavailable if it cannot be reached."""

    @property
    def trends(self) -> Trends:
        """Sessions to be counted, and the cells that were released of them."""

    @property
    def rollups(self) -> Rollups:
        """The hours that usage windows were rolled up to."""

    @property
    def windows(self) -> Windows:
        """How many usage windows there are, counted from themselves."""

    @property
    def fleet(self) -> Fleet:
        """How the stations were, minute by minute, for dashboards."""

    @property
    def ranking(self) -> Fleet:
        """Which stations are used most, day by day, for dashboards."""

    def write(self, records: Sequence[Record]) -> Sequence[Refusal]:
        """Commit `records`; durable on return, and writing the same records again changes nothing.

        Returns those refused for good, among them what is older than the store keeps; all others
        are committed. After StoreUnavailable some may be committed: write them all again.
        """

    def expire(self) -> int:
        """Delete for good what is older than the store keeps; how many rows went.

        Writers are not kept out meanwhile. A database that does so by itself does nothing here.
        """
