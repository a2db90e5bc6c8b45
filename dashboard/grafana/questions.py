"""InfluxQL for the boards: what is asked of usage, of released trends, and of the fleet.

Numbers of usage are shown as the API shows them: entries are rounded to five, and those of one
station's day are not shown at all below the smallest count.
"""

from contract.disclosure import ROUND_TO, SMALLEST_COUNT
from contract.places import CITY_ADCODE

RANGE = "$timeFilter"
"""The board's own range, which for usage is whole local days."""

LAST_HOUR = "time >= now() - 6h AND time < now() - 1h"
"""The last hours that are over; the newest of them is wanted."""

SEVEN_DAYS = "time >= now() - 8d AND $timeFilter"
"""The last seven days of a range that ends at the last midnight."""

LAST_WINDOW = "time > now() - 15d AND time <= now() - 8d"
"""The Monday of the last week that is due: a week is released a day after its end."""

LAST_FOUR_WINDOWS = "time > now() - 36d AND time <= now() - 8d"
"""The Mondays of the last four weeks that are due."""

MONDAYS = "time(7d, 88h)"
"""Weeks from Monday's midnight in Beijing, which is 88 hours into InfluxDB's weeks."""

STAY = "sum(stay) / sum(stay_entries)"
"""Mean minutes of a stay by Little's law."""

FULL = '100 * sum("full") / sum(levels)'
SEATED = "100 * sum(seated) / sum(seat_minutes)"
_LEAST_DAYS_OF_STAY = 7

SEEN = "stations > 0"
"""An area that its last station left has hours and days of none."""

_TOLD = "mean_windows > 0"
AREAS, STATIONS = "trend", "trend_station"
"""The measurements of released cells: stations, by the thousand, are apart."""

DISTRICTS = "place =~ /^1101/"


def entries(of: str = "entries") -> str:
    """A count as it is shown: rounded to five."""
    return f"round({of} / {ROUND_TO}) * {ROUND_TO}"


def usage(what: str, of: str, place: str, *conditions: str, span: str = RANGE) -> str:
    """A question about hours or days of areas or stations, such as `of` "area_day".

    `place` is a place, a variable, or a whole condition. A condition on a field, such as `SEEN`, is
    for areas: where there are thousands of series see `_among`.
    """
    where = place if " " in place else f"place = '{place}'"
    return f"SELECT {what} FROM {of} WHERE {' AND '.join([where, *conditions, span])}"  # noqa: S608


def shown_days(of: str, place: str) -> str:
    """Entries by day, without days of few."""
    rows = usage("entries", of, place)
    return _among(f"{entries()} AS entries", rows, f"entries >= {SMALLEST_COUNT}")


def mean_stay(of: str, place: str) -> str:
    """How long people stay, if there is enough to say it of, as the API has it."""
    what = f"{STAY} AS stay, sum(stay_entries) AS came, count(mean_windows) AS days"
    rows = usage("stay, stay_entries, mean_windows, stations", of, place)
    enough = (f"came >= {SMALLEST_COUNT}", f"days >= {_LEAST_DAYS_OF_STAY}")
    return _among("stay", _among(what, rows, SEEN, _TOLD), *enough)


def presence(of: str, place: str) -> str:
    """Of each hour what a mean occupancy is made of."""
    rows = usage("mean_sum, mean_windows, stations", of, place)
    return _among("mean_sum, mean_windows", rows, SEEN, _TOLD)


def _among(what: str, rows: str, *conditions: str) -> str:
    """A question about the rows of another one that fulfil conditions on fields.

    In one question InfluxDB would look at every series of the measurement for them.
    """
    return f"SELECT {what} FROM ({rows}) WHERE {' AND '.join(conditions)}"  # noqa: S608


def trend(what: str, *conditions: str, span: str = RANGE, of: str = AREAS) -> str:
    """A question about released cells of areas, or of stations."""
    return f"SELECT {what} FROM {of} WHERE {' AND '.join([*conditions, span])}"  # noqa: S608


def precise(rows: str, *, low: bool) -> str:
    """The sessions of each window of `rows`, which are `n, low_precision`: of few, or of enough."""
    return _among("n", rows, f"low_precision = {str(low).lower()}")


def tags(**values: str) -> tuple[str, ...]:
    """Conditions on tags, such as audience='internal'."""
    return tuple(f"{name} = '{value}'" for name, value in values.items())


def fleet(what: str, district: str = CITY_ADCODE, span: str = "time >= now() - 1h") -> str:
    """A question about the state of the fleet, of the city or a district."""
    return f"SELECT {what} FROM fleet WHERE district = '{district}' AND {span}"  # noqa: S608
