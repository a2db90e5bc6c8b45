"""What the boards and alerts ask, as it stands in the JSON for Grafana, made ready to be asked.

Grafana fills in its macros and variables before a data source is asked; so does this, by the same
rules, at a moment that is given. Only what the boards use is here; anything else fails.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from ingest.calendar import ZONE

ROOT = Path(__file__).parent.parent.parent
RENDERED = ROOT / "dashboard/grafana/rendered"
ALERTS = ROOT / "deploy/grafana/provisioning/alerting/health-kiosk.json"
LANGUAGES = ("zh", "en")
METRICS = "kiosk-metrics"

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RANGE = re.compile(r"now(?:-(\d+)([mhdwMy]))?(/d)?")
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::(?P<form>\w+))?\}|(?P<plain>\w+))")
_POINTS = 1_000  # of a panel about so many pixels wide
_INTERVALS = (1, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 86_400)
_SCRAPE_SECONDS = 15  # as the data source is provisioned

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """The time that is asked about, in milliseconds since 1970, both ends in it."""

    since: int
    until: int

    @property
    def interval(self) -> int:
        """Grafana's $__interval in seconds."""
        wanted = (self.until - self.since) / 1_000 / _POINTS
        return next(one for one in _INTERVALS if one >= wanted)


@dataclass(frozen=True, slots=True)
class Question:
    """One query as it stands in the JSON: of a panel by its number, or of an alert rule."""

    board: str
    panel: str
    ref: str
    source: str
    text: str
    variables: Mapping[str, tuple[str, ...]]
    since: str
    until: str

    @property
    def name(self) -> str:
        """Where it stands, without the language: `kiosk-usage/3/A`."""
        return f"{self.board}/{self.panel}/{self.ref}"


def of_board(board: Json) -> Iterator[Question]:
    """Every query of a board, also of panels in a row."""
    variables = {one["name"]: _values(one) for one in board.get("templating", {}).get("list", ())}
    for panel in _panels(board["panels"]):
        assert not {"timeFrom", "timeShift", "repeat"} & panel.keys(), "not known here"
        for target in panel.get("targets", ()):
            yield Question(
                board["uid"].rpartition("-")[0],
                str(panel["id"]),
                target["refId"],
                target["datasource"]["uid"],
                target["query"] if "query" in target else target["expr"],
                variables,
                board["time"]["from"],
                board["time"]["to"],
            )


def of_alerts(document: Json) -> Iterator[Question]:
    """Every query of every rule, but not what Grafana reckons with the answers."""
    for rule in (one for group in document["groups"] for one in group["rules"]):
        for asked in rule["data"]:
            model, span = asked["model"], asked["relativeTimeRange"]
            if asked["datasourceUid"] != "__expr__":
                yield Question(
                    rule["uid"],
                    "alert",
                    asked["refId"],
                    asked["datasourceUid"],
                    model["query"] if "query" in model else model["expr"],
                    {},
                    f"now-{span['from'] // 60}m",
                    f"now-{span['to'] // 60}m",
                )


def all_questions(language: str) -> list[Question]:
    """Every query of all boards in one language, and of the alerts."""
    boards = sorted((RENDERED / language).glob("*.json"))
    found = [one for path in boards for one in of_board(json.loads(path.read_text("utf-8")))]
    return [*found, *of_alerts(json.loads(ALERTS.read_text("utf-8")))]


def choices(question: Question, written: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Every way to choose the variables that a query uses; `written` are those without a list."""
    used = {one["braced"] or one["plain"] for one in _VARIABLE.finditer(question.text)}
    lists = {
        name: values or (written[name],)
        for name, values in question.variables.items()
        if name in used
    }
    for values in product(*lists.values()):
        yield dict(zip(lists, values, strict=True))


def ready(question: Question, chosen: Mapping[str, str], now: datetime) -> str:
    """The statement that Grafana sends at a moment, with these values chosen.

    InfluxDB's own now() is this moment as well, for the city of the tests lives in it.
    """
    span = Range(_moment(question.since, now, last=False), _moment(question.until, now, last=True))
    rate = max(span.interval + _SCRAPE_SECONDS, 4 * _SCRAPE_SECONDS)
    macros = {
        "timeFilter": f"time >= {span.since}ms and time <= {span.until}ms",
        "__interval": f"{span.interval}s",
        "__interval_ms": str(span.interval * 1_000),
        "__rate_interval": f"{rate}s",
        "__from": str(span.since),
        "__to": str(span.until),
    }
    known = {**macros, **chosen}

    def filled(found: re.Match[str]) -> str:
        assert found["form"] in (None, "raw", "text", "csv"), found[0]
        name = found["braced"] or found["plain"]
        return known[name]  # what Grafana would leave as it stands is an error here

    text = _VARIABLE.sub(filled, question.text)
    at = now.astimezone(ZONE).isoformat()
    return text if question.source == METRICS else text.replace("now()", f"'{at}'")


def _moment(told: str, now: datetime, *, last: bool) -> int:
    """A board's `now-8w/d` in milliseconds: its day's first if it begins a range, or its last."""
    found = _RANGE.fullmatch(told)
    assert found, told
    number, unit, whole = int(found[1] or 0), found[2] or "d", found[3]
    local = now.astimezone(ZONE)
    if unit == "y":
        local = local.replace(year=local.year - number)
    else:
        local -= timedelta(**{_UNITS[unit]: number})
    if whole:
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if last:
            local += timedelta(days=1, milliseconds=-1)
    return round(local.timestamp() * 1_000)


def _values(variable: Json) -> tuple[str, ...]:
    """The fixed list of a variable; nothing for one that is written."""
    assert variable["type"] in ("custom", "textbox"), variable["type"]
    return tuple(
        one["value"] for one in variable.get("options", ()) if variable["type"] == "custom"
    )


def _panels(panels: Iterable[Json]) -> Iterator[Json]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", ()))
