"""InfluxQL, which InfluxDB 1.8, 2 and 3 speak: literals to put in, series that come out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer; `time`, always the first column, is nanoseconds since 1970."""

    tags: dict[str, str]
    columns: list[str]
    values: list[list[Any]]

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row by the names of its columns, which for many rows takes its time."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.values)


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
        yield Series(found.get("tags", {}), found["columns"], found.get("values", []))
