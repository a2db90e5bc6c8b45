"""Released trends in InfluxDB, which has neither transactions nor unique keys.

Nothing of a session changes when it is counted. A release of week W counts, for each week w up to W
and each district and category, the sessions of w less those that earlier releases counted; so a
session that comes late counts in the earliest week that is not sealed, and a replay counts nowhere.

The steps of a release, each safe to repeat: write what it counts (`counted`), *seal* the week,
write the cells, *freeze* the week. A release that breaks off before the seal starts anew; after the
seal it goes on with what it had counted. Only one worker at a time may release.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ingest.calendar import ZONE, Week, parse_week, week_of
from ingest.store.influx_connection import RefusedLine
from ingest.store.influxql import NANOSECONDS, Series, text
from ingest.store.line_protocol import SESSION, tag
from ingest.trends import Cell, Counted, State

Query = Callable[..., list[list[Series]]]
Write = Callable[[Sequence[str]], list[RefusedLine]]

# Trends are defined for blood pressure only: no glucose category has a place among their cells.
_RELEASED = "measure = 'bp'"
# InfluxDB's weeks begin on a Thursday, 00:00 UTC; ours 88 hours later, on Monday in Beijing.
_BY_WEEK = "time(7d, 88h)"


class _Part(NamedTuple):
    """What is counted apart: sessions of their own week, in a district, of a category."""

    own: Week
    district: str
    category: str


class InfluxTrends:
    """The weeks, cells and counts of one InfluxDB."""

    def __init__(
        self,
        query_raw: Query,
        query_trends: Query,
        write_raw: Write,
        write_trends: Write,
        first_whole_week: Callable[[], Week | None],
    ) -> None:
        self._query_raw = query_raw
        self._query_trends = query_trends
        self._write_raw = write_raw
        self._write_trends = write_trends
        self._first_whole_week = first_whole_week

    def release(
        self, upto: Week, compute: Callable[[Iterable[Counted]], Sequence[Cell]]
    ) -> list[Week]:
        """See `Store.release`; the caller has the turn."""
        weeks = []
        week = self._earliest_unfrozen()
        while week is not None and week <= upto:
            if week not in self._marked("sealed"):
                self._seal(week)
            cells = compute(_sessions(week, self._counted_in(week)))
            _all(self._write_trends([_cell_line(cell) for cell in cells]))
            self._mark(week, "frozen")
            weeks.append(week)
            week = week.following
        return weeks

    def released_weeks(self) -> list[Week]:
        """See `Store.released_weeks`."""
        return self._marked("frozen")

    def cells(self, area: str) -> list[Cell]:
        """See `Store.cells`."""
        frozen = set(self._marked("frozen"))
        (found,) = self._query_trends(
            f"SELECT state, n, count, share, low_precision FROM trend"  # noqa: S608
            f" WHERE area = {text(area)} GROUP BY category"
        )
        cells = [
            _cell(row, area, series.tags["category"]) for series in found for row in series.rows
        ]
        return sorted(
            (cell for cell in cells if cell.window in frozen),
            key=lambda cell: (cell.window, cell.category),
        )

    def session_count(self, week: Week) -> int:
        """See `Store.session_count`."""
        sealed = self._marked("sealed")
        if week in sealed:
            return sum(self._counted_in(week).values())
        open_week = sealed[-1].following if sealed else None
        fresh = self._uncounted(week)
        return sum(fresh.values()) if week == open_week else fresh[week]

    def _earliest_unfrozen(self) -> Week | None:
        frozen = self._marked("frozen")
        if frozen:
            return frozen[-1].following
        (found,) = self._query_raw(f"SELECT first(single) FROM {SESSION} WHERE {_RELEASED}")  # noqa: S608
        return _week(found[0].rows[0]) if found else None

    def _seal(self, week: Week) -> None:
        """Settle for ever which sessions count in `week`."""
        fresh = [own for own, count in self._uncounted(week).items() if count > 0]
        parts: Counter[_Part] = Counter()
        for own in fresh:
            parts.update(self._stored_in(own))
            parts.subtract(self._counted_of(own))
        _all(
            self._write_raw(
                [
                    f"counted,category={tag(part.category)},district={tag(part.district)}"
                    f",own={part.own} n={count}i {_start(week)}"
                    for part, count in parts.items()
                    if count > 0
                ]
            )
        )
        self._mark(week, "sealed")

    def _uncounted(self, upto: Week) -> Counter[Week]:
        """How many sessions of each week up to `upto` no release has counted."""
        span = f"time < {_start(upto.following)}"
        first = self._first_whole_week()
        if first is not None:
            span += f" AND time >= {_start(first)}"
        stored, counted = self._query_raw(
            f"SELECT count(single) FROM {SESSION} WHERE {_RELEASED} AND {span}"  # noqa: S608
            f" GROUP BY {_BY_WEEK} fill(none)",
            "SELECT sum(n) FROM counted GROUP BY own",
        )
        found = Counter({_week(row): row["count"] for series in stored for row in series.rows})
        found.subtract(
            {
                own: series.rows[0]["sum"]
                for series in counted
                if (own := parse_week(series.tags["own"])) in found
            }
        )
        return found

    def _stored_in(self, own: Week) -> Counter[_Part]:
        """How many sessions of one week each part has."""
        of_week = (
            f"FROM {SESSION} WHERE {_RELEASED}"
            f" AND time >= {_start(own)} AND time < {_start(own.following)}"
        )
        (names,) = self._query_raw(f"SELECT distinct(category) {of_week}")
        categories = [row["distinct"] for series in names for row in series.rows]
        answers = self._query_raw(
            *(
                f"SELECT count(single) {of_week} AND category = {text(one)} GROUP BY district"
                for one in categories
            )
        )
        return Counter(
            {
                _Part(own, series.tags["district"], category): series.rows[0]["count"]
                for category, found in zip(categories, answers, strict=True)
                for series in found
            }
        )

    def _counted_of(self, own: Week) -> Counter[_Part]:
        """What all releases have counted of one week's sessions."""
        return self._counted(f"own = {text(str(own))}")

    def _counted_in(self, week: Week) -> Counter[_Part]:
        """What the release of `week` has counted."""
        return self._counted(f"time = {_start(week)}")

    def _counted(self, where: str) -> Counter[_Part]:
        (found,) = self._query_raw(
            f"SELECT sum(n) FROM counted WHERE {where} GROUP BY own, district, category"  # noqa: S608
        )
        return Counter(
            {
                _Part(
                    parse_week(series.tags["own"]), series.tags["district"], series.tags["category"]
                ): series.rows[0]["sum"]
                for series in found
            }
        )

    def _marked(self, mark: str) -> list[Week]:
        (found,) = self._query_trends(f"SELECT {mark} FROM release")  # noqa: S608
        return [_week(row) for series in found for row in series.rows]

    def _mark(self, week: Week, mark: str) -> None:
        _all(self._write_trends([f"release {mark}=t {_start(week)}"]))


def _sessions(week: Week, parts: Counter[_Part]) -> Iterator[Counted]:
    for part, count in parts.items():
        session = Counted(week, part.district, part.category)
        yield from (session for _ in range(count))


def _cell_line(cell: Cell) -> str:
    fields = f'state="{cell.state}",low_precision={"t" if cell.low_precision else "f"}'
    for name in ("n", "count", "share"):
        value = getattr(cell, name)
        if value is not None:
            fields += f",{name}={value}i"
    series = f"trend,area={tag(cell.area)},category={tag(cell.category)}"
    return f"{series} {fields} {_start(cell.window)}"


def _cell(row: dict[str, Any], area: str, category: str) -> Cell:
    return Cell(
        _week(row),
        area,
        category,
        State(row["state"]),
        row["n"],
        row["count"],
        row["share"],
        row["low_precision"],
    )


def _all(refused: list[RefusedLine]) -> None:
    """Nothing that a release writes is ever refused, unless by a bug."""
    if refused:
        raise RuntimeError(f"InfluxDB refused a line of a release: {refused[0].detail}")


def _start(week: Week) -> int:
    return int(datetime.combine(week.first, datetime.min.time(), ZONE).timestamp()) * NANOSECONDS


def _week(row: dict[str, Any]) -> Week:
    moment = datetime.fromtimestamp(row["time"] // NANOSECONDS, UTC).astimezone(ZONE)
    return week_of(moment.date())
