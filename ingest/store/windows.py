"""What a store says of usage windows themselves: how many there are, for whoever audits it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from ingest.calendar import Week


class WindowSum(NamedTuple):
    """The windows of one station that begin in one week, and the people they say came in."""

    station: str
    week: Week
    windows: int
    entries: int


class Windows(Protocol):
    """Windows as they came; every method may raise StoreUnavailable."""

    def sums(self, weeks: Sequence[Week], stations: Collection[str]) -> Iterator[WindowSum]:
        """The sums of these stations in these weeks, none where there is no window.

        Counted from the windows and not from their hours; some hundred stations at a time.
        """
