"""From records to InfluxDB's line protocol; the type of each field is fixed here for ever. Pure.

| measurement | tags | fields | time |
|---|---|---|---|
| session | district, measure, station | category, subtype: string; systolic, diastolic, pulse: integer; glucose: float; single: boolean | its identity, ns |
| usage | district, station | windows (always 1), entries, peak: integer; occupied, mean: float; level: string | its start, s |
| hour | kind, place | as `ingest.usage.Hour`: counts: integer; occupied, mean_sum, stay: float; district, venue: string | its start, s |

A point is its measurement, tags and time. Writing it again replaces the fields that it has; one that
is absent the second time keeps its value. `single` and `windows` are always there to be counted.
"""  # noqa: E501  # a table's row is one line

from functools import lru_cache

from ingest.records import SessionRecord, UsageRecord
from ingest.usage import Hour

SESSION, USAGE, HOUR = "session", "usage", "hour"

_HOUR_FIELDS = Hour._fields[3:]
_SERIES_KEPT = 131_072
_TEXTS_KEPT = 1_024


def session_line(record: SessionRecord) -> str:
    """The point of one session; its time is in nanoseconds."""
    fields = f"category={_text(record.category)},single={'t' if record.single else 'f'}"
    if record.subtype is not None:
        fields += f",subtype={_text(record.subtype)}"
    if record.systolic is not None:
        fields += f",systolic={record.systolic}i"
    if record.diastolic is not None:
        fields += f",diastolic={record.diastolic}i"
    if record.pulse is not None:
        fields += f",pulse={record.pulse}i"
    if record.glucose is not None:
        fields += f",glucose={float(record.glucose)!r}"
    return (
        f"{_session_series(record.district, record.measure, record.station)} {fields} {record.at}"
    )


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
        fields += f",level={_text(record.level)}"
    return f"{_usage_series(record.district, record.station)} {fields} {record.start}"


def hour_line(hour: Hour) -> str:
    """The point of one hour of usage; its time is in seconds."""
    told = zip(_HOUR_FIELDS, hour[3:], strict=True)
    fields = ",".join(f"{name}={_value(value)}" for name, value in told if value is not None)
    return f"{HOUR},kind={hour.kind},place={tag(hour.place)} {fields} {hour.start}"


@lru_cache(_TEXTS_KEPT)
def tag(value: str) -> str:
    """A tag's value, escaped."""
    return value.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def _value(value: object) -> str:
    if isinstance(value, int):
        return f"{value}i"
    return repr(value) if isinstance(value, float) else _text(str(value))


@lru_cache(_SERIES_KEPT)
def _session_series(district: str, measure: str, station: str) -> str:
    return f"{SESSION},district={tag(district)},measure={tag(measure)},station={tag(station)}"


@lru_cache(_SERIES_KEPT)
def _usage_series(district: str, station: str) -> str:
    return f"{USAGE},district={tag(district)},station={tag(station)}"


@lru_cache(_TEXTS_KEPT)
def _text(value: str) -> str:
    escaped = str(value).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
