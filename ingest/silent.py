"""The stations that are silent, by district, as points for a dashboard. Pure.

| measurement | tags | fields | time |
|---|---|---|---|
| silent | district; place: 001 to 100, the longest unheard first | listed: 0 or 1; station: string; last_seen, backlog_messages, ledger_gap, version, clock, storage, radio: as of `station` in `ingest.fleet` | midnight of the local day, and so replaced through the day |

InfluxDB would have to look at every station of a district to find the silent ones among them. A
place that no station has is written all the same, for nothing is ever deleted. Points of one time
come in no order: group by place.
"""  # noqa: E501  # a table's row is one line

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from contract.places import DISTRICTS
from ingest.calendar import ZONE
from ingest.fleet import State, station_point
from ingest.store.expiry import midnight
from ingest.store.fleet import Point, Value

SILENT = "silent"
PLACES = 100
"""How many are listed of a district: of more, something else is away than stations."""

_TOLD = ("last_seen", "backlog_messages", "ledger_gap", "version", "clock", "storage", "radio")
_NOBODY: Mapping[str, Value] = {
    "listed": 0, "station": "", "last_seen": 0, "backlog_messages": 0, "ledger_gap": 0,
    "version": "", "clock": "", "storage": "", "radio": "",
}  # fmt: skip


class SilentList:
    """What is written of the list, so that only what changed is written again."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, ...], Point] = {}

    def of(self, found: Iterable[State], now: datetime) -> list[Point]:
        """The points that are not written yet; call `written` when they are."""
        return [one for one in _points(found, now) if self._written.get(_place(one)) != one]

    def written(self, points: Iterable[Point]) -> None:
        """Remember that these are written."""
        self._written.update((_place(one), one) for one in points)

    def forget(self) -> None:
        """Let everything count as changed."""
        self._written.clear()


def _points(found: Iterable[State], now: datetime) -> Iterator[Point]:
    day = midnight(now.astimezone(ZONE).date())
    silent: defaultdict[str, list[State]] = defaultdict(list)
    for one in found:
        if one.counts.get("silent"):
            silent[one.district].append(one)
    for district in DISTRICTS:
        listed = sorted(silent[district], key=lambda one: (one.last_seen, one.id))[:PLACES]
        told = [*map(_fields, listed), *[_NOBODY] * (PLACES - len(listed))]
        for place, fields in enumerate(told, start=1):
            yield Point(SILENT, {"district": district, "place": f"{place:03d}"}, fields, day)


def _fields(one: State) -> Mapping[str, Value]:
    known = station_point(one, 0).fields
    return {"listed": 1, "station": one.id, **{name: known[name] for name in _TOLD}}


def _place(one: Point) -> tuple[str, ...]:
    return one.tags["district"], one.tags["place"]
