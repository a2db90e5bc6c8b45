"""What dashboards alone read, in InfluxDB: points of `ingest.fleet` and of `ingest.ranking`."""

from collections.abc import Callable, Sequence

from ingest.store.fleet import Point, Value
from ingest.store.influx_connection import RefusedLine
from ingest.store.line_protocol import string, tag

Write = Callable[[Sequence[str]], list[RefusedLine]]


class InfluxFleet:
    """Fulfils `ingest.store.fleet.Fleet`; threads may share it."""

    keeps = True

    def __init__(self, write: Write) -> None:
        """`write`, by seconds, is that of the bucket of these points."""
        self._write = write

    def write(self, points: Sequence[Point]) -> None:
        """See `Fleet.write`; a point that InfluxDB refuses is a bug of ours, and raises."""
        for refused in self._write([line(one) for one in points]):
            raise RuntimeError(f"InfluxDB refused a point for dashboards: {refused.detail}")


def line(point: Point) -> str:
    """A point in line protocol, its tags in order of their names, as InfluxDB likes them."""
    tags = "".join(f",{name}={tag(value)}" for name, value in sorted(point.tags.items()))
    fields = ",".join(f"{name}={_value(value)}" for name, value in point.fields.items())
    return f"{point.measurement}{tags} {fields} {point.time}"


def _value(value: Value) -> str:
    if isinstance(value, int):
        return f"{value}i"
    return repr(value) if isinstance(value, float) else string(value)
