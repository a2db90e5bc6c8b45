"""The form of an alert rule in Grafana's provisioning file, and how one behaves without data.

A rule asks (`asked`, `counted`), reduces each answer to its last value, and combines them into a
`condition` that is not 0 when the rule fires. Two things keep it from flapping:

- Every question is put so that health is an answer too: a comparison that filters would leave
  nothing, and nothing could not be told from a gap. So "no data" always means that nobody knows,
  and then the last state is kept (`KeepLast`): it must neither fire nor resolve.
- An error of the data source keeps the last state as well, but in one rule for each source
  (`tells_errors`): otherwise a dead database would be silence, or a dozen alarms at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from grafana_foundation_sdk.builders import expr, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from contract.places import Name
from dashboard.grafana.sources import InfluxQuery, InfluxTarget, Source

_EXPRESSION = "__expr__"
_KEEP, _TELL = "KeepLast", "Error"

Document = dict[str, object]


class Severity(StrEnum):
    """How soon somebody must come."""

    CRITICAL = "critical"  # data is being lost, or soon will be
    WARNING = "warning"  # within the day


@dataclass(frozen=True, slots=True)
class Question:
    """One query or expression of a rule; `seconds` is how far back it looks."""

    ref: str
    source: str
    seconds: int
    model: Builder[Dataquery]

    def document(self) -> Document:
        """The question as Grafana keeps it."""
        return {
            "refId": self.ref,
            "datasourceUid": self.source,
            "relativeTimeRange": {"from": self.seconds, "to": 0},
            "model": self.model.build(),
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule; `panel` is the number of the panel on `board` that shows what it is about."""

    uid: str
    title: Name
    says: Name
    todo: Name
    severity: Severity
    questions: Sequence[Question]
    lasting: str
    board: str
    panel: int
    tells_errors: bool = False

    def document(self) -> Document:
        """The rule as Grafana's file has it; its last question is the condition."""
        return {
            "uid": self.uid,
            "title": both(self.title, " · "),
            "condition": self.questions[-1].ref,
            "data": [one.document() for one in self.questions],
            "noDataState": _KEEP,
            "execErrState": _TELL if self.tells_errors else _KEEP,
            "for": self.lasting,
            "dashboardUid": f"{self.board}-zh",
            "panelId": self.panel,
            "labels": {"severity": self.severity.value, "programme": "health-kiosk"},
            "annotations": {
                "summary": both(self.says, "\n"),
                "description": both(self.todo, "\n"),
            },
            "isPaused": False,
        }


def both(name: Name, between: str) -> str:
    """Both languages: one rule speaks to all officers, for two would alarm twice."""
    return f"{name.zh}{between}{name.en}"


def group(name: str, folder: str, every: str, rules: Sequence[Rule]) -> Document:
    """A group of rules that are looked at together, `every` so often."""
    return {
        "orgId": 1,
        "name": name,
        "folder": folder,
        "interval": every,
        "rules": [rule.document() for rule in rules],
    }


def asked(ref: str, statement: str, seconds: int) -> Question:
    """An InfluxQL query of the fleet; each of its series is a case of its own."""
    target = InfluxTarget(InfluxQuery(Source.FLEET, ref, statement))
    return Question(ref, Source.FLEET, seconds, target)


def counted(ref: str, expression: str) -> Question:
    """A PromQL query of now."""
    model = (
        prometheus.Dataquery()
        .ref_id(ref)
        .datasource(Source.METRICS.reference)
        .expr(expression)
        .instant()
    )
    return Question(ref, Source.METRICS, 600, model)


def reduced(ref: str, of: str, reducer: Literal["last", "min"] = "last") -> Question:
    """One number of each series: its last or its least."""
    model = (
        expr.TypeReduce()
        .ref_id(ref)
        .datasource(_expressions())
        .expression(of)
        .reducer(reducer)
        .settings(expr.ExprTypeReduceSettings().mode("dropNN"))
    )
    return Question(ref, _EXPRESSION, 0, model)


def condition(expression: str) -> Question:
    """What fires when it is not 0: numbers by their letters, such as `$S > 3`."""
    model = expr.TypeMath().ref_id("X").datasource(_expressions()).expression(expression)
    return Question("X", _EXPRESSION, 0, model)


def _expressions() -> DataSourceRef:
    return DataSourceRef(type_val=_EXPRESSION, uid=_EXPRESSION)
