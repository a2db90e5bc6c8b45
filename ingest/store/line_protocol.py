"""From records to InfluxDB's line protocol; the type of each field is fixed here for ever. Pure.

| measurement | tags | fields | time |
|---|---|---|---|
| session | stations: a station's name but for its last letter | station, district, venue, measure, category, subtype: string; systolic, diastolic, pulse: integer; glucose: float; single: boolean | its identity, ns |
| usage | district, station | windows (always 1), entries, peak: integer; occupied, mean: float; level: string | its start, s |
| area_hour, area_day, station_hour, station_day | place | as `ingest.usage.Hour`: counts: integer; occupied, mean_sum, stay: float; district, venue: string | its start, s |

A point is its measurement, tags and time. Writing it again replaces the fields that it has; one that
is absent the second time keeps its value. `single` and `windows` are always there to be counted.
Hours and days have measurements of their own, and stations too, for InfluxDB takes its time for each
series of a measurement that it is asked about.
Of a session nothing is a tag that may change between its coming and a replay, for that would make
two points of it; and ten neighbours share a series, because InfluxDB takes a millisecond for each
series that it groups by, and there are 20,000 stations.
"""  # noqa: E501  # a table's row is one line

from functools import lru_cache

from ingest.records import SessionRecord, UsageRecord
from ingest.usage import Hour, Kind

SESSION, USAGE = "session", "usage"
HOURS = {
    Kind.AREA: "area_hour",
    Kind.AREA_DAY: "area_day",
    Kind.STATION: "station_hour",
    Kind.STATION_DAY: "station_day",
}
"""The measurement of each kind of hours."""

_HOUR_FIELDS = Hour._fields[3:]
_SERIES_KEPT = 131_072
_TEXTS_KEPT = 1_024


def session_line(record: SessionRecord) -> str:
    """The point of one session; its time is in nanoseconds."""
    fields = (
        f"{_session_fields(record.station, record.district, record.venue, record.measure)}"
        f",category={string(record.category)},single={'t' if record.single else 'f'}"
    )
    if record.subtype is not None:
        fields += f",subtype={string(record.subtype)}"
    if record.systolic is not None:
        fields += f",systolic={record.systolic}i"
    if record.diastolic is not None:
        fields += f",diastolic={record.diastolic}i"
    if record.pulse is not None:
        fields += f",pulse={record.pulse}i"
    if record.glucose is not None:
        fields += f",glucose={float(record.glucose)!r}"
    return f"{SESSION}{_tag_of_neighbours(record.station)} {fields} {record.at}"


def neighbours(station: str) -> str:
    """What the sessions of a station and of nine others are kept under."""
    return station[:-1]


def usage_line(record: UsageRecord) -> str:
    """The point of one usage window; its time is in seconds."""
    fields = "windows=1i"
    if record.entries is not None:
        fields += f",entries={record.entries}i"
    if record.occupied is not None:
        fields += f",occupied={float(record.occupied)!r}"
    if record.mean is not None:
        fields += f",mean={float(record.mean)!r}"
    if record.peak is not None:
        fields += f",peak={record.peak}i"
    if record.level is not None:
        fields += f",level={string(record.level)}"
    return f"{_usage_series(record.district, record.station)} {fields} {record.start}"


def hour_line(hour: Hour) -> str:
    """The point of one hour of usage; its time is in seconds."""
    told = zip(_HOUR_FIELDS, hour[3:], strict=True)
    fields = ",".join(f"{name}={_value(value)}" for name, value in told if value is not None)
    return f"{HOURS[hour.kind]},place={tag(hour.place)} {fields} {hour.start}"


@lru_cache(_TEXTS_KEPT)
def tag(value: str) -> str:
    """A tag's value, escaped."""
    return value.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


@lru_cache(_TEXTS_KEPT)
def string(value: str) -> str:
    """A field's value that is a text."""
    escaped = str(value).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _value(value: object) -> str:
    if isinstance(value, int):
        return f"{value}i"
    return repr(value) if isinstance(value, float) else string(str(value))


@lru_cache(_SERIES_KEPT)
def _tag_of_neighbours(station: str) -> str:
    shared = neighbours(station)
    return f",stations={tag(shared)}" if shared else ""  # an empty text is no tag


@lru_cache(_SERIES_KEPT)
def _session_fields(station: str, district: str, venue: str, measure: str) -> str:
    told = {"station": station, "district": district, "venue": venue, "measure": measure}
    return ",".join(f"{key}={string(value)}" for key, value in told.items())


@lru_cache(_SERIES_KEPT)
def _usage_series(district: str, station: str) -> str:
    return f"{USAGE},district={tag(district)},station={tag(station)}"
