"""Which stations are used most, in each area, as points for dashboards. Pure.

| measurement | tags | fields | time |
|---|---|---|---|
| ranking | area: the city, a district or a venue type; rank: 01 to 20 | station: string; entries, rounded: integer; stay, in minutes: float; full_percent: integer; of the last two -1 is not known | midnight of the day on which it was made |

Every rank of every area has a point each day; one that no station has, an empty name. Figures are
those of the API for the same four weeks. A station with almost no entries has no rank, and the
order is that of rounded entries, then of names: it tells nothing that the numbers do not.
"""  # noqa: E501  # a table's row is one line

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from contract.disclosure import SMALLEST_COUNT, rounded
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest import usage_measures as measures
from ingest.store.fleet import Point, Value
from ingest.usage import Hour

RANKING = "ranking"
RANKS = 20
WEEKS = 4
"""How many weeks, up to the last midnight, are ranked by."""

NOT_KNOWN = -1

_NOBODY: dict[str, Value] = {
    "station": "", "entries": 0, "stay": float(NOT_KNOWN), "full_percent": NOT_KNOWN,
}  # fmt: skip


class Standing(NamedTuple):
    """How much a station was used; `entries` are rounded, `stay` is minutes; None is not known."""

    station: str
    areas: tuple[str, ...]
    entries: int
    stay: float | None
    full_percent: int | None


def standing(station: str, areas: tuple[str, ...], days: Sequence[Hour]) -> Standing | None:
    """How much the station of these `areas` was used on `days`; None if that is not told."""
    came = measures.entries(days)
    if came is None or came < SMALLEST_COUNT:
        return None
    stay, full = measures.mean_stay(days), measures.full_share(days)
    return Standing(
        station,
        areas,
        rounded(came),
        None if stay is None else round(stay, 1),
        None if full is None else round(100 * full),
    )


def ranking_points(standings: Iterable[Standing], day: int) -> Iterator[Point]:
    """The ranking of the day that begins at `day`, in seconds since 1970."""
    ordered = sorted(standings, key=lambda one: (-one.entries, one.station))
    for area in (CITY_ADCODE, *DISTRICTS, *VENUES):
        first = [one for one in ordered if area in one.areas][:RANKS]
        told = [*map(_fields, first), *[_NOBODY] * (RANKS - len(first))]
        for rank, fields in enumerate(told, start=1):
            yield Point(RANKING, {"area": area, "rank": f"{rank:02d}"}, fields, day)


def _fields(one: Standing) -> dict[str, Value]:
    return {
        "station": one.station,
        "entries": one.entries,
        # A field that is absent the second time would keep its value.
        "stay": float(NOT_KNOWN if one.stay is None else one.stay),
        "full_percent": NOT_KNOWN if one.full_percent is None else one.full_percent,
    }
