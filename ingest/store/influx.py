"""The production store: InfluxDB, written in line protocol and read in InfluxQL.

| bucket | measurements |
|---|---|
| kiosk_raw | session |
| kiosk_trends | trend, trend_station: released cells; release: which weeks are released |
| kiosk_usage | usage: windows; hours and days, see `line_protocol`; ranking, see `ingest.ranking` |
| kiosk_fleet | fleet, versions, station, silent: see `ingest.fleet`, `ingest.silent` |

A dashboard's token may read all but kiosk_raw, which may be in an InfluxDB of its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from contract.errors import Reason
from ingest.records import Record, SessionRecord
from ingest.settings import StoreSection
from ingest.store import Refusal
from ingest.store.expiry import TOO_OLD, Expiry
from ingest.store.influx_buckets import FLEET, RAW, TRENDS, USAGE
from ingest.store.influx_connection import Connection, Precision
from ingest.store.influx_fleet import InfluxFleet
from ingest.store.influx_rollups import InfluxRollups
from ingest.store.influx_trends import InfluxTrends
from ingest.store.influx_windows import InfluxWindows
from ingest.store.line_protocol import session_line, usage_line
from ingest.turns import TakeTurn


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
        """Connect when something is asked for; `take_turn` keeps workers apart that make hours."""
        self._connection = Connection(settings.influx)
        influx = settings.influx
        self._sessions = Connection(influx.of_sessions()) if influx.raw_url else self._connection
        self._expiry = Expiry(settings.retention, clock)
        self.trends = InfluxTrends(
            partial(self._sessions.query, RAW),
            partial(self._connection.query, TRENDS),
            partial(self._connection.write, TRENDS, "ns"),
            self._expiry,
        )
        self.rollups = InfluxRollups(
            partial(self._connection.query, USAGE),
            partial(self._connection.write, USAGE, "s"),
            take_turn,
        )
        self.windows = InfluxWindows(partial(self._connection.query, USAGE))
        self.fleet = InfluxFleet(partial(self._connection.write, FLEET, "s"))
        self.ranking = InfluxFleet(partial(self._connection.write, USAGE, "s"))

    def close(self) -> None:
        """Close every connection."""
        for one in {self._connection, self._sessions}:
            one.close()

    def write(self, records: Sequence[Record]) -> list[Refusal]:
        """See `Store.write`."""
        sessions, usage = _Lines(), _Lines()
        refusals = []
        oldest_session, oldest_window = self._expiry.oldest_session(), self._expiry.oldest_window()
        for index, record in enumerate(records):
            if isinstance(record, SessionRecord):
                if record.at >= oldest_session:
                    sessions.add(session_line(record), index)
                    continue
            elif record.start >= oldest_window:
                usage.add(usage_line(record), index)
                continue
            refusals.append(Refusal(index, Reason.EXPIRED, TOO_OLD))
        refusals += _commit(self._sessions, RAW, "ns", sessions)
        refusals += _commit(self._connection, USAGE, "s", usage)
        return refusals

    def expire(self) -> int:
        """See `Store.expire`: InfluxDB does so by itself."""
        return 0


def _commit(
    connection: Connection, bucket: str, precision: Precision, batch: _Lines
) -> list[Refusal]:
    return [
        Refusal(batch.indices[refused.position], refused.reason, refused.detail)
        for refused in connection.write(bucket, precision, batch.lines)
    ]
