"""The production store: InfluxDB, written in line protocol and read in InfluxQL.

| bucket | measurements |
|---|---|
| kiosk_raw | session; counted: how many sessions each release has counted, by their own week |
| kiosk_trends | trend: released cells; release: which weeks are sealed and frozen |
| kiosk_usage | usage: windows; hour: what they are rolled up to |
| kiosk_fleet | nothing yet |

A dashboard's token may read all but kiosk_raw.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from contract.errors import Reason
from contract.places import CITY_ADCODE
from ingest.calendar import ZONE, Week, week_of
from ingest.records import Record, SessionRecord
from ingest.settings import StoreSection
from ingest.store import HourOfWeek, Refusal, influxql
from ingest.store.influx_buckets import RAW, TRENDS, USAGE
from ingest.store.influx_connection import Connection, Precision
from ingest.store.influx_rollups import InfluxRollups
from ingest.store.influx_trends import InfluxTrends
from ingest.store.line_protocol import USAGE as WINDOWS
from ingest.store.line_protocol import session_line, usage_line
from ingest.trends import Cell, Counted
from ingest.turns import TakeTurn

_TOO_OLD = "older than the database keeps"


class _Lines:
    """The lines for one bucket, and which record each came from."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indices: list[int] = []

    def add(self, line: str, index: int) -> None:
        self.lines.append(line)
        self.indices.append(index)


class InfluxStore:
    """Fulfils `ingest.store.Store`; threads may share it."""

    def __init__(
        self, settings: StoreSection, take_turn: TakeTurn, clock: Callable[[], datetime]
    ) -> None:
        """Connect when something is asked for; `take_turn` keeps releases of workers apart."""
        self._connection = Connection(settings.influx)
        self._retention = settings.retention
        self._clock = clock
        self._trends = InfluxTrends(
            partial(self._connection.query, RAW),
            partial(self._connection.query, TRENDS),
            partial(self._connection.write, RAW, "ns"),
            partial(self._connection.write, TRENDS, "ns"),
            self._first_whole_week,
        )
        self._take_turn = take_turn
        self.rollups = InfluxRollups(
            partial(self._connection.query, USAGE),
            partial(self._connection.write, USAGE, "s"),
            take_turn,
        )

    def close(self) -> None:
        """Close every connection."""
        self._connection.close()

    def write(self, records: Sequence[Record]) -> list[Refusal]:
        """See `Store.write`."""
        sessions, usage = _Lines(), _Lines()
        refusals = []
        oldest_session, oldest_window = self._oldest_session(), self._oldest_window()
        for index, record in enumerate(records):
            if isinstance(record, SessionRecord):
                if record.at >= oldest_session:
                    sessions.add(session_line(record), index)
                    continue
            elif record.start >= oldest_window:
                usage.add(usage_line(record), index)
                continue
            refusals.append(Refusal(index, Reason.EXPIRED, _TOO_OLD))
        refusals += self._commit(RAW, "ns", sessions)
        refusals += self._commit(USAGE, "s", usage)
        return refusals

    def release(
        self, upto: Week, compute: Callable[[Iterable[Counted]], Sequence[Cell]]
    ) -> list[Week]:
        """See `Store.release`."""
        with self._take_turn():
            return self._trends.release(upto, compute)

    def released_weeks(self) -> list[Week]:
        """See `Store.released_weeks`."""
        return self._trends.released_weeks()

    def cells(self, area: str) -> list[Cell]:
        """See `Store.cells`."""
        return self._trends.cells(area)

    def session_count(self, week: Week) -> int:
        """See `Store.session_count`."""
        return self._trends.session_count(week)

    def usage_stations(self, since: int, area: str) -> int:
        """See `Store.usage_stations`."""
        by_station = (
            f"SELECT count(windows) AS n FROM {WINDOWS} WHERE {_usage_from(since, area)}"  # noqa: S608
            " GROUP BY station"
        )
        (found,) = self._connection.query(USAGE, f"SELECT count(n) FROM ({by_station})")  # noqa: S608
        return sum(series.rows[0]["count"] for series in found)

    def usage_profile(self, since: int, area: str) -> list[HourOfWeek]:
        """See `Store.usage_profile`."""
        (found,) = self._connection.query(
            USAGE,
            f"SELECT sum(mean), count(mean) FROM {WINDOWS} WHERE {_usage_from(since, area)}"  # noqa: S608
            " GROUP BY time(1h) fill(none)",
        )
        sums: dict[tuple[int, int], tuple[float, int]] = {}
        for row in (row for series in found for row in series.rows if row["count"]):
            local = datetime.fromtimestamp(row["time"] // influxql.NANOSECONDS, UTC).astimezone(
                ZONE
            )
            hour = (local.isoweekday(), local.hour)
            total, count = sums.get(hour, (0.0, 0))
            sums[hour] = (total + row["sum"], count + row["count"])
        return [HourOfWeek(*hour, total / count) for hour, (total, count) in sorted(sums.items())]

    def _commit(self, bucket: str, precision: Precision, batch: _Lines) -> list[Refusal]:
        return [
            Refusal(batch.indices[refused.position], refused.reason, refused.detail)
            for refused in self._connection.write(bucket, precision, batch.lines)
        ]

    def _first_whole_week(self) -> Week | None:
        """The earliest week of which nothing has expired; None if nothing ever does."""
        if not self._retention.raw_days:
            return None
        oldest = self._clock().astimezone(ZONE) - timedelta(days=self._retention.raw_days)
        return week_of(oldest.date()).following

    def _oldest_session(self) -> int:
        """Sessions before this, in nanoseconds, are in a week that is never counted any more."""
        week = self._first_whole_week()
        if week is None:
            return 0
        return int(datetime.combine(week.first, datetime.min.time(), ZONE).timestamp()) * 10**9

    def _oldest_window(self) -> int:
        if not self._retention.usage_days:
            return 0
        return int((self._clock() - timedelta(days=self._retention.usage_days)).timestamp())


def _usage_from(since: int, area: str) -> str:
    everywhere = f"time >= {since}s"
    if area == CITY_ADCODE:
        return everywhere
    return f"{everywhere} AND district = {influxql.text(area)}"
