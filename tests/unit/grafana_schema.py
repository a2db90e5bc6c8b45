"""Grafana's own schema of a dashboard, as JSON Schema: derived from the models of its builder.

Grafana generates those models from the schema that it publishes for each of its versions, so what
they allow is what that version reads. Every object is closed: a name that Grafana does not know is
an error. The options of a panel are those of its plugin.
"""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from importlib import import_module
from types import NoneType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard, prometheus

_PLAIN: Mapping[object, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_PANELS = (
    "barchart", "bargauge", "gauge", "geomap", "heatmap", "stat", "state-timeline", "table", "text",
    "timeseries",
)  # fmt: skip

Schema = dict[str, Any]


def dashboard_schema() -> Schema:
    """The schema of a whole dashboard."""
    schemas = _Schemas()
    schema = schemas.of(dashboard.Dashboard)
    schemas.known["dashboard.Panel"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(_PANELS)}},
        "allOf": [_when_type(name, _panel(schemas, name)) for name in _PANELS],
    }
    schemas.of(prometheus.Dataquery)
    return {**schema, "$defs": schemas.known}


@lru_cache
def settable(panel_type: str) -> frozenset[str]:
    """The names of properties that an override of such a panel may set."""
    custom = getattr(_module(panel_type), "FieldConfig", None)
    own = {f"custom.{name}" for name in _keys(custom)} if custom else set()
    return frozenset(_keys(dashboard.FieldConfig)) - {"custom"} | own


class _Schemas:
    """What is known so far, by module and class."""

    def __init__(self) -> None:
        self.known: Schema = {}

    def of(self, what: Any) -> Schema:
        """The schema of a type, as it stands in an annotation."""
        if what in _PLAIN:
            return {"type": _PLAIN[what]}
        if what is object or what is Any:
            return {}
        if get_origin(what):
            return self._made_of(get_origin(what), get_args(what))
        if issubclass(what, Enum):
            return {"enum": [one.value for one in what]}
        return _query(self) if what is Dataquery else self._reference(what)

    def _made_of(self, origin: object, inside: tuple[Any, ...]) -> Schema:
        if origin is Literal:
            return {"enum": list(inside)}
        if origin is list:
            return {"type": "array", "items": self.of(inside[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(inside[1])}
        return {"anyOf": [self.of(one) for one in inside if one is not NoneType]}

    def _reference(self, what: type) -> Schema:
        name = f"{what.__module__.rpartition('.')[2]}.{what.__qualname__}"
        if name not in self.known:
            self.known[name] = {}  # it may hold itself
            self.known[name] = self.object(what)
        return {"$ref": f"#/$defs/{name}"}

    def object(self, what: type) -> Schema:
        """The schema of a class of the builder's models."""
        hints, keys, plain = get_type_hints(what), _keys(what), _json(what())
        properties = {key: self.of(hints[attribute]) for key, attribute in keys.items()}
        for key, value in plain.items():
            if value is None:  # written even when it is nothing
                properties[key] = {"anyOf": [properties[key], {"type": "null"}]}
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [key for key, attribute in keys.items() if not _optional(hints[attribute])],
            "properties": properties,
        }


def _panel(schemas: _Schemas, panel_type: str) -> Schema:
    """A panel with the options and the fields' settings of its plugin."""
    schema, module = schemas.object(dashboard.Panel), _module(panel_type)
    fields = schemas.object(dashboard.FieldConfigSource)
    defaults = schemas.object(dashboard.FieldConfig)
    custom = getattr(module, "FieldConfig", None)
    if custom:
        defaults["properties"]["custom"] = schemas.of(custom)
    fields["properties"]["defaults"] = defaults
    schema["properties"] |= {"options": schemas.of(module.Options), "fieldConfig": fields}
    return schema


def _query(schemas: _Schemas) -> Schema:
    """Queries belong to data sources: Prometheus's is in the models, InfluxDB's is not."""
    influx = {
        "type": "object",
        "additionalProperties": False,
        "required": ["refId", "datasource", "query", "rawQuery", "resultFormat"],
        "properties": {
            "refId": {"type": "string"},
            "datasource": schemas.of(dashboard.DataSourceRef),
            "query": {"type": "string"},
            "rawQuery": {"const": True},
            "resultFormat": {"enum": ["time_series", "table", "logs"]},
            "alias": {"type": "string"},
        },
    }
    return {"anyOf": [influx, {"$ref": "#/$defs/prometheus.Dataquery"}]}


def _when_type(panel_type: str, schema: Schema) -> Schema:
    return {"if": {"properties": {"type": {"const": panel_type}}}, "then": schema}


def _module(panel_type: str) -> Any:
    return import_module(f"grafana_foundation_sdk.models.{panel_type.replace('-', '')}")


def _keys(what: type) -> dict[str, str]:
    """The names that stand in JSON, with those of the attributes that they come from."""
    mark = object()
    keys: dict[str, str] = {}
    for attribute in get_type_hints(what):
        one = what()
        setattr(one, attribute, mark)
        keys |= {key: attribute for key, value in _json(one).items() if value is mark}
    return keys


def _json(one: Any) -> dict[str, Any]:
    told: dict[str, Any] = one.to_json()
    return told


def _optional(what: Any) -> bool:
    return get_origin(what) is Union and NoneType in get_args(what)
