"""The districts compared: what each has for its residents, and how evenly that is spread."""

from collections.abc import Iterable, Sequence

from contract.disclosure import SMALLEST_COUNT, rounded
from contract.places import DISTRICTS
from ingest import usage_answers as answers
from ingest import usage_measures as measures
from ingest.operations import Station
from ingest.store import Store
from ingest.usage import Hour, Kind
from ingest.usage_queries import Period, banded, digits, percent
from ingest.usage_uptake import released_sessions
from ingest.windows import Audience, Level

REACH_WEEKS = 4
"""How many weeks reach and equity cover."""


def reach(store: Store, stations: Sequence[Station], period: Period) -> list[answers.Reach]:
    """What each district has for its residents."""
    rows = []
    for adcode, district in DISTRICTS.items():
        here = sum(one.district == adcode for one in stations)
        came = measures.entries(_days(store, adcode, period)) if here else 0
        sessions = _recent_sessions(store, adcode) if here else 0
        rows.append(
            answers.Reach(
                district=adcode,
                residents=district.population,
                stations=here,
                stations_per_10000=round(measures.reach(here, district.population), 3),
                entries=banded(came),
                entries_per_10000=_rate(came, district.population),
                sessions=sessions,
                sessions_per_10000=_rate(sessions, district.population),
            )
        )
    return rows


def equity(rows: Iterable[answers.Reach]) -> list[answers.EquityRow]:
    """How even the reach of stations, entries and sessions is, of what `rows` show."""
    known = list(rows)
    residents = {one.district: one.residents for one in known}
    columns = {
        "stations": {one.district: one.stations for one in known},
        "entries": {
            one.district: _shown(one.entries) if one.stations else 0 for one in known if one.entries
        },
        "sessions": {one.district: one.sessions for one in known if one.sessions is not None},
    }
    return [
        _equity_row(name, measures.equity(counts, residents)) for name, counts in columns.items()
    ]


def _days(store: Store, adcode: str, period: Period) -> list[Hour]:
    return store.rollups.hours(Kind.AREA_DAY, adcode, period.since, period.until)


def _recent_sessions(store: Store, adcode: str) -> int | None:
    """The sessions of the last released weeks together; None if one of them is hidden."""
    released = released_sessions(store, Audience.INTERNAL, Level.DISTRICT, adcode)
    counts = list(released.values())[-REACH_WEEKS:]
    shown = [one for one in counts if one is not None]
    return sum(shown) if shown and len(shown) == len(counts) else None


def _equity_row(name: str, found: measures.Equity) -> answers.EquityRow:
    return answers.EquityRow(
        of=name,
        districts=found.districts,
        ratio=digits(found.ratio, 1),
        gini=digits(found.gini, 2),
        below_half_percent=percent(found.below_half),
    )


def _shown(count: str) -> int:
    """A shown count as a number; "<8" counts as its middle."""
    return SMALLEST_COUNT // 2 if count.startswith("<") else int(count)


def _rate(count: int | None, residents: int) -> float | None:
    if count is None or count < SMALLEST_COUNT:
        return None  # nor is nothing told apart from a few
    return round(measures.reach(rounded(count), residents), 2)
