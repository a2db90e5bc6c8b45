"""The data sources that boards and alerts read, by uids that never change, and queries to them.

InfluxDB is asked in InfluxQL, one source for each bucket that a dashboard may read; the builder
library has no InfluxDB query of its own.
"""

from dataclasses import dataclass
from enum import StrEnum

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef


class Source(StrEnum):
    """A data source's uid; of InfluxDB it is also the name of the bucket, with hyphens."""

    TRENDS = "kiosk-trends"
    USAGE = "kiosk-usage"
    FLEET = "kiosk-fleet"
    METRICS = "kiosk-metrics"

    @property
    def kind(self) -> str:
        """Grafana's name of the data source's type."""
        return "prometheus" if self is Source.METRICS else "influxdb"

    @property
    def reference(self) -> DataSourceRef:
        """The source as panels and queries name it."""
        return DataSourceRef(type_val=self.kind, uid=self.value)


@dataclass(frozen=True, slots=True)
class InfluxQuery(Dataquery):
    """One InfluxQL statement of a panel; `ref` is a letter that is unique in it."""

    source: Source
    ref: str
    text: str
    alias: str = ""
    as_table: bool = False

    def to_json(self) -> dict[str, object]:
        """The query as Grafana keeps it."""
        document: dict[str, object] = {
            "refId": self.ref,
            "datasource": self.source.reference,
            "query": self.text,
            "rawQuery": True,
            "resultFormat": "table" if self.as_table else "time_series",
        }
        return document | ({"alias": self.alias} if self.alias else {})


@dataclass(frozen=True, slots=True)
class InfluxTarget(Builder[InfluxQuery]):
    """An InfluxDB query in the builders' form."""

    query: InfluxQuery

    def build(self) -> InfluxQuery:
        """The query."""
        return self.query


def influx(
    source: Source, ref: str, text: str, alias: str = "", *, as_table: bool = False
) -> InfluxTarget:
    """A panel's InfluxQL query; of several series `alias` names each, such as `$tag_area`."""
    return InfluxTarget(InfluxQuery(source, ref, text, alias, as_table))


def metrics(ref: str, expression: str, legend: str = "") -> prometheus.Dataquery:
    """A panel's PromQL query over time."""
    return (
        prometheus.Dataquery()
        .ref_id(ref)
        .datasource(Source.METRICS.reference)
        .expr(expression)
        .legend_format(legend)
        .range()
    )
