"""Asking a real InfluxDB what the boards ask, as the dashboards' user, and what is amiss in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ingest.calendar import ZONE
from tests.integration.grafana_city import NOW
from tests.integration.grafana_questions import METRICS, Question, choices, ready
from tests.integration.influx import DASHBOARDS, Influx

_AT_A_TIME = 40
Row = dict[str, Any]


def answered(influx: Influx, question: Question, **chosen: str) -> list[Row]:
    """Every row of the answer: its columns and the tags of its series; raises AssertionError."""
    (found,) = _told(influx, question.source, [ready(question, chosen, NOW)])
    assert "error" not in found, (question.name, found)
    return [
        {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
        for series in found.get("series", ())
        for values in series["values"]
    ]


def refused(
    influx: Influx, questions: Iterable[Question], written: Mapping[str, str]
) -> dict[str, str]:
    """The questions that InfluxDB will not answer, with whatever is chosen, and what it says."""
    statements: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in questions:
        if one.source != METRICS:
            for chosen in choices(one, written):
                statements[one.source][ready(one, chosen, NOW)].add(one.name)
    wrong: dict[str, str] = {}
    for source, names in statements.items():
        texts = list(names)
        for first in range(0, len(texts), _AT_A_TIME):
            some = texts[first : first + _AT_A_TIME]
            for text, told in zip(some, _told(influx, source, some), strict=True):
                if "error" in told:
                    wrong |= dict.fromkeys(names[text], told["error"])
    return wrong


def empty(
    influx: Influx, questions: Iterable[Question], looked_at: Sequence[Mapping[str, str]]
) -> set[str]:
    """The questions without an answer and the columns without a value, however it is chosen.

    A field that does not exist is no error to InfluxDB: its column is empty, or there is no row.
    """
    missing: set[str] = set()
    for one in questions:
        if one.source == METRICS:
            continue
        columns: dict[str, bool] = {}
        for chosen in looked_at:
            for row in answered(influx, one, **chosen):
                for column, value in row.items():
                    columns[column] = columns.get(column, False) or value not in (None, "")
        if not columns:
            missing.add(one.name)
        missing |= {f"{one.name}:{column}" for column, seen in columns.items() if not seen}
    return missing


def _told(influx: Influx, source: str, statements: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """What each statement is answered; one that is no InfluxQL spoils none of the others."""
    response = influx.ask_as(DASHBOARDS, ";\n".join(statements), source.replace("-", "_"))
    told = response.json()
    if response.status_code == 200 and len(told["results"]) == len(statements):
        return list(told["results"])
    if len(statements) == 1:
        return [{"error": f"{response.status_code} {response.text}"}]
    return [one for text in statements for one in _told(influx, source, [text])]


def value(rows: Sequence[Row]) -> Any:
    """The one number of an answer."""
    (row,) = rows
    (found,) = (one for column, one in row.items() if column != "time")
    return found


def day_of(row: Row) -> str:
    """The local day that a row is of."""
    return datetime.fromtimestamp(row["time"] // 10**9, ZONE).date().isoformat()
