"""InfluxQL, which InfluxDB 1.8, 2 and 3 speak: literals to put in, series that come out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer; a row's `time` is nanoseconds since 1970."""

    tags: dict[str, str]
    rows: tuple[dict[str, Any], ...]


class QueryFailed(Exception):
    """InfluxDB answered a statement with an error, which is the message."""


def text(value: str) -> str:
    """A string literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def name(value: str) -> str:
    """An identifier: a measurement, a field or a database."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def answers(document: dict[str, Any]) -> list[list[Series]]:
    """The series that each statement of a query returned; raises QueryFailed."""
    return [list(_series(result)) for result in document.get("results", ())]


def _series(result: dict[str, Any]) -> Iterator[Series]:
    if "error" in result:
        raise QueryFailed(result["error"])
    for found in result.get("series", ()):
        columns = found["columns"]
        rows = tuple(dict(zip(columns, values, strict=True)) for values in found["values"])
        yield Series(found.get("tags", {}), rows)
