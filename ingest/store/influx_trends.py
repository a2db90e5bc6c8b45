"""Sessions to count and released cells in InfluxDB, which has neither transactions nor unique keys.

None is needed: nothing of a session changes when it is counted, and the same cells are the same
points. A population is one wide point, so that a dashboard can draw its parts without joining. We
read its cells from one field instead, which is many times faster than a hundred:

| measurement | tags | fields | time |
|---|---|---|---|
| trend, of areas; trend_station, of stations | audience, level, area, measure, weeks, of stations district | n: integer; low_precision: boolean; epsilon: float; see: string; cells, percentiles: all that follows, packed, as strings; of each part `_state`, `_rule`: string, `_count`, `_share`, `_low`, `_high`, `_per_thousand`: integer; of each percentile its value: float, or `_rule` | midnight of its first Monday |
| release | none | released: always true | midnight of the Monday of a released week |
"""  # noqa: E501  # a table's row is one line

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

from ingest.calendar import ZONE, Week, week_of
from ingest.disclosure import Cell, Weekly
from ingest.pieces import pieces
from ingest.store.expiry import Expiry, midnight
from ingest.store.influx_connection import RefusedLine
from ingest.store.influxql import NANOSECONDS, Series, text
from ingest.store.line_protocol import SESSION, neighbours
from ingest.store.populations import (
    Common,
    Name,
    Population,
    in_order,
    is_percentile,
    populations,
    unpacked,
)
from ingest.store.trend_lines import TREND, measurement_of, trend_line
from ingest.windows import Audience, Block, Level, block_of

_T = TypeVar("_T")

Query = Callable[..., list[list[Series]]]
Write = Callable[[Sequence[str]], list[RefusedLine]]

_WEEKS_AT_A_TIME = 20
_SERIES_AT_A_TIME = 50  # of some hundred stations
_LONGEST_CONDITION = 6_000
"""How much of the address of a request the names of stations may take; proxies allow 8 KiB."""
_POINTS_AT_A_TIME = 1_000
_COUNTS = "audience, level, area, weeks, measure, district, n, low_precision, epsilon, see, cells"
_COLUMNS = f"{_COUNTS}, percentiles"


class InfluxTrends:
    """Fulfils `ingest.store.trends.Trends`."""

    def __init__(
        self, query_raw: Query, query_trends: Query, write_trends: Write, expiry: Expiry
    ) -> None:
        """`write_trends` is by nanoseconds."""
        self._query_raw = query_raw
        self._query_trends = query_trends
        self._write_trends = write_trends
        self._expiry = expiry

    def weeks(self) -> list[Week]:
        """See `Trends.weeks`."""
        since = self._expiry.first_whole_week()
        span = "" if since is None else f" WHERE time >= {_start(since)}"
        ends = self._query_raw(
            f"SELECT first(single) FROM {SESSION}{span}",  # noqa: S608
            f"SELECT last(single) FROM {SESSION}{span}",  # noqa: S608
        )
        times = [row[0] for found in ends for series in found for row in series.values]
        if not times:
            return []
        weeks = [_week(times[0])]
        while weeks[-1] < _week(times[1]):
            weeks.append(weeks[-1].following)
        return [week for some in pieces(weeks, _WEEKS_AT_A_TIME) for week in self._held(some)]

    def _held(self, weeks: Sequence[Week]) -> Iterator[Week]:
        """Those of which there is any session."""
        answers = self._query_raw(
            *(f"SELECT single FROM {SESSION} WHERE {_during(week)} LIMIT 1" for week in weeks)  # noqa: S608
        )
        return (week for week, found in zip(weeks, answers, strict=True) if found)

    def session_counts(self, week: Week) -> dict[str, int]:
        """See `Trends.session_counts`; in pieces, for all at once would take too long."""
        (found,) = self._query_raw(f"SHOW TAG VALUES FROM {SESSION} WITH KEY = stations")
        names = [row[1] for series in found for row in series.values]
        counts: Counter[str] = Counter()
        for these in _either(["", *names]):
            (found,) = self._query_raw(
                f"SELECT station FROM {SESSION} WHERE {_during(week)} AND ({these})"  # noqa: S608
            )
            counts.update(station for series in found for _, station in series.values)
        return dict(counts)

    def sessions(self, week: Week, stations: Collection[str]) -> Iterator[Weekly]:
        """See `Trends.sessions`."""
        wanted = set(stations)
        for these in _either(sorted({neighbours(station) for station in wanted})):
            (found,) = self._query_raw(
                "SELECT station, district, venue, measure, category, systolic, diastolic,"  # noqa: S608
                f" glucose, single FROM {SESSION} WHERE {_during(week)} AND ({these})"
            )
            for row in (row for series in found for row in series.values):
                if row[1] in wanted:
                    row[0] = week
                    yield Weekly(*row)

    def publish(self, cells: Iterable[Cell], homes: Mapping[str, str]) -> None:
        """See `Trends.publish`."""
        lines = map(trend_line, populations(cells, homes))
        while some := list(islice(lines, _POINTS_AT_A_TIME)):
            self._keep(some)

    def mark_released(self, week: Week) -> None:
        """See `Trends.mark_released`."""
        self._keep([f"release released=t {_start(week)}"])

    def released_weeks(self) -> list[Week]:
        """See `Trends.released_weeks`."""
        (found,) = self._query_trends("SELECT released FROM release")
        return sorted(_week(time) for series in found for time, _ in series.values)

    def cells(self, audience: Audience, level: Level, area: str, measure: str) -> list[Cell]:
        """See `Trends.cells`."""
        return self._found(level, area=area, audience=audience, measure=measure)

    def compared(
        self,
        audience: Audience,
        level: Level,
        window: Block,
        measure: str,
        district: str = "",
        part: str = "",
    ) -> list[Cell]:
        """See `Trends.compared`."""
        return self._found(
            level,
            f"time = {midnight(window.first)}s",
            columns=_COLUMNS if not part or is_percentile(part) else _COUNTS,
            part=part,
            audience=audience,
            measure=measure,
            weeks=str(window.weeks),
            **({"district": district} if level is Level.STATION else {}),
        )

    def cells_within(self, block: Block, district: str = "") -> list[Cell]:
        """See `Trends.cells_within`."""
        first, end = midnight(block.first), midnight(block.following.first)
        span = f"time >= {first}s AND time < {end}s"
        if district:
            found = self._found(Level.STATION, span, columns=_COUNTS, district=district)
        else:
            found = self._found(None, span, columns=_COUNTS)
        return [cell for cell in found if block.covers(cell.window)]

    def _found(
        self,
        level: Level | None,
        *conditions: str,
        columns: str = _COLUMNS,
        part: str = "",
        **tags: str,
    ) -> list[Cell]:
        """The cells that fit, of a level or of all levels but stations."""
        if level is not None and level is not Level.STATION:  # which has a measurement of its own
            tags["level"] = level
        of = TREND if level is None else measurement_of(level)
        where = " AND ".join([*conditions, *(f"{key} = {text(tags[key])}" for key in tags)])
        (found,) = self._query_trends(f"SELECT {columns} FROM {of} WHERE {where}")  # noqa: S608
        return in_order(_population(row, part) for series in found for row in series.values)

    def _keep(self, lines: Sequence[str]) -> None:
        for refused in self._write_trends(lines):  # which only a bug can bring about
            raise RuntimeError(f"InfluxDB refused a line of a release: {refused.detail}")


def _either(names: Iterable[str]) -> Iterator[str]:
    """Conditions that together select all these stations and their neighbours."""
    for some in pieces([f"stations = {text(name)}" for name in names], _SERIES_AT_A_TIME):
        length = max(len(quote(" OR " + one)) for one in some)
        for few in pieces(some, max(1, _LONGEST_CONDITION // length)):
            yield " OR ".join(few)


def _population(row: list[Any], part: str) -> Population:
    time, audience, level, area, weeks, measure, district, n, low_precision, epsilon, see, *told = (
        row
    )
    window = block_of(_week(time), int(weeks))
    return Population(
        # An empty text is no tag.
        Name(Audience(audience), Level(level), area or "", window, measure),
        district or "",
        Common(n, low_precision, _real(epsilon), Level(see) if see else None),
        unpacked(*told, only=part),
    )


def _real(number: float | None) -> float | None:
    """A number as it was written: JSON has 131 where the field has 131.0."""
    return None if number is None else float(number)


def _during(week: Week) -> str:
    return f"time >= {_start(week)} AND time < {_start(week.following)}"


def _start(week: Week) -> int:
    return midnight(week.first) * NANOSECONDS


def _week(time: int) -> Week:
    return week_of(datetime.fromtimestamp(time // NANOSECONDS, UTC).astimezone(ZONE).date())
