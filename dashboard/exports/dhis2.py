"""Released numbers as a DHIS2 data value set: aggregate counts of sessions, never of persons.

A cell that is hidden is not sent, and least of all as a zero. DHIS2 has no period of four weeks:
the numbers of such a block have data elements of their own, whose codes end with `_4W`, and are
booked on the last week of the block.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from dashboard.exports.shown import Place

ELEMENTS = {
    "bp": ("KSK_BP_SESSIONS", "KSK_BP_HIGH"),
    "glu_casual": ("KSK_GLU_CASUAL_SESSIONS", "KSK_GLU_CASUAL_HIGH"),
}
"""The codes of the data elements of a measure: all sessions, and those that are high."""

ENTRIES = "KSK_ENTRIES"

_COMMENT = "sessions, not persons; screening, not diagnosis; rounded to 5"
_ENTRIES_COMMENT = "entries, not persons; rounded to 5"

Json = dict[str, object]


def data_value_set(places: Iterable[Place]) -> Json:
    """The body for POST /api/dataValueSets; elements and organisation units by their code."""
    return {
        "dataElementIdScheme": "CODE",
        "orgUnitIdScheme": "CODE",
        "dataValues": [value for place in places for value in _values(place)],
    }


def period_of(day: date) -> str:
    """The ISO week of a day as DHIS2 writes it: 2026W6."""
    year, week, _ = day.isocalendar()
    return f"{year}W{week}"


def _values(place: Place) -> Iterator[Json]:
    for measure, (sessions, high) in ELEMENTS.items():
        if share := place.shares.get(measure):
            noise = "" if share.epsilon is None else f"; with noise, epsilon {share.epsilon:g}"
            yield from _value(place, sessions, share.sessions, _COMMENT + noise)
            yield from _value(place, high, share.numerator, _COMMENT + noise)
    yield from _value(place, ENTRIES, place.entries, _ENTRIES_COMMENT)


def _value(place: Place, element: str, count: int | None, comment: str) -> Iterator[Json]:
    if count is None:
        return
    suffix = "" if place.weeks == 1 else f"_{place.weeks}W"
    yield {
        "dataElement": element + suffix,
        "period": period_of(place.last),
        "orgUnit": place.code,
        "value": str(count),
        "comment": comment,
        "followUp": False,
    }
