"""Usage windows counted in InfluxDB, which does so station by station."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from urllib.parse import quote

from ingest.calendar import Week
from ingest.store.expiry import midnight
from ingest.store.influxql import Series, text
from ingest.store.line_protocol import USAGE
from ingest.store.windows import WindowSum

Query = Callable[..., list[list[Series]]]

_STATIONS_AT_A_TIME = 50
_LONGEST_CONDITION = 6_000  # in the address of a request


class InfluxWindows:
    """Fulfils `ingest.store.windows.Windows`."""

    def __init__(self, query: Query) -> None:
        """`query` is that of the bucket of usage."""
        self._query = query

    def sums(self, weeks: Sequence[Week], stations: Collection[str]) -> Iterator[WindowSum]:
        """See `Windows.sums`."""
        for these in _either(stations):
            for week in weeks:
                since, until = midnight(week.first), midnight(week.following.first)
                (found,) = self._query(
                    f"SELECT count(windows), sum(entries) FROM {USAGE}"  # noqa: S608
                    f" WHERE time >= {since}s AND time < {until}s AND ({these}) GROUP BY station"
                )
                for series in found:
                    for _, windows, entries in series.values:
                        yield WindowSum(series.tags["station"], week, windows, entries or 0)


def _either(stations: Collection[str]) -> Iterator[str]:
    """Conditions that together select these stations; none is longer than a proxy allows."""
    names = iter(stations)
    while some := list(islice(names, _STATIONS_AT_A_TIME)):
        pieces = [f"station = {text(one)}" for one in some]
        while pieces:
            few: list[str] = []
            length = 0
            while pieces and length < _LONGEST_CONDITION:
                length += len(quote(" OR " + pieces[-1]))
                few.append(pieces.pop())
            yield " OR ".join(few)
