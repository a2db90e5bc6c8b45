"""The time-series store: one protocol, and a module for each database that fulfils it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from contract.errors import Reason
from ingest.calendar import Week
from ingest.records import Record
from ingest.store.rollups import Rollups
from ingest.trends import Cell, Counted


@dataclass(frozen=True, slots=True)
class HourOfWeek:
    """Mean people present per station in one hour of the week (weekday 1 is Monday)."""

    weekday: int
    hour: int
    mean: float


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
    def rollups(self) -> Rollups:
        """The hours that usage windows were rolled up to."""

    def write(self, records: Sequence[Record]) -> Sequence[Refusal]:
        """Commit `records`; durable on return, and writing the same records again changes nothing.

        Returns those refused for good; all others are committed. After StoreUnavailable
        some may be committed: write them all again.

        A session whose week is released already counts in the earliest week that is not (R5).
        """

    def release(
        self, upto: Week, compute: Callable[[Iterable[Counted]], Sequence[Cell]]
    ) -> list[Week]:
        """Freeze every unreleased week up to `upto` with the cells that `compute` makes of it.

        `compute` is given blood pressure only: no other measure has trends yet.
        Returns the weeks frozen now. Each week is frozen once for ever, whoever asks and however
        often; no session can slip into it while it is computed.
        """

    def released_weeks(self) -> list[Week]:
        """Every frozen week, oldest first."""

    def cells(self, area: str) -> list[Cell]:
        """The released cells of one area, oldest week first."""

    def session_count(self, week: Week) -> int:
        """How many blood-pressure sessions will count in `week`; exact, so not for showing."""

    def usage_stations(self, since: int, area: str) -> int:
        """How many stations of `area` reported usage from `since` (seconds since 1970) on."""

    def usage_profile(self, since: int, area: str) -> list[HourOfWeek]:
        """Mean occupancy of `area` by hour of the week from `since` (seconds since 1970) on."""
