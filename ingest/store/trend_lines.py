"""A population of released cells as a point in InfluxDB's line protocol. Pure."""

from collections.abc import Iterator

from ingest.store.expiry import midnight
from ingest.store.influxql import NANOSECONDS
from ingest.store.line_protocol import string, tag
from ingest.store.populations import NUMBERS, Population, Told, is_percentile, packed
from ingest.windows import Level

TREND, TREND_STATION = "trend", "trend_station"


def measurement_of(level: Level) -> str:
    """Where cells of a level are: stations, by the thousand, are apart from the few areas.

    InfluxDB takes its time for each series of a measurement, also for those that are not asked for.
    """
    return TREND_STATION if level is Level.STATION else TREND


def trend_line(one: Population) -> str:
    """The point of one population; its time is in nanoseconds."""
    audience, level, area, window, measure = one.name
    tags = {
        "area": area,
        "audience": audience,
        "district": one.district,
        "level": level,
        "measure": measure,
        "weeks": str(window.weeks),
    }
    series = "".join(f",{key}={tag(value)}" for key, value in tags.items() if value)
    cells, percentiles = packed(one.told)
    fields = [f"cells={string(cells)}", f"percentiles={string(percentiles)}"]
    n, low_precision, epsilon, see = one.common
    fields.append(f"low_precision={'t' if low_precision else 'f'}")
    if n is not None:
        fields.append(f"n={n}i")
    if epsilon is not None:
        fields.append(f"epsilon={float(epsilon)!r}")
    if see is not None:
        fields.append(f"see={string(see)}")
    fields += (field for told in one.told for field in _fields(told))
    return (
        f"{measurement_of(level)}{series} {','.join(fields)} {midnight(window.first) * NANOSECONDS}"
    )


def _fields(told: Told) -> Iterator[str]:
    part, state, rule, *numbers, value = told
    if rule is not None:
        yield f"{part}_rule={string(rule)}"
    if is_percentile(part):
        if value is not None:
            yield f"{part}={float(value)!r}"
        return
    yield f"{part}_state={string(state)}"
    for name, number in zip(NUMBERS, numbers, strict=True):
        if number is not None:
            yield f"{part}_{name}={number}i"
