"""What a newer JSON Schema no longer accepts of what an older one did."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_SAME = ("pattern", "multipleOf", "format", "uniqueItems", "discriminator")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Where `new` refuses a message that `old` accepts; a change that it cannot judge counts."""
    return list(_breaks(_Place(old, old, "$"), _Place(new, new, "$")))


class _Place:
    """A schema, the document that its references lead into, and the way to it."""

    def __init__(self, schema: Schema, document: Schema, path: str) -> None:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = {**document["$defs"][name], **{k: v for k, v in schema.items() if k != "$ref"}}
        self.schema, self.document, self.path = schema, document, path

    def at(self, schema: Schema, step: str) -> "_Place":
        return _Place(schema, self.document, f"{self.path}.{step}")

    def parts(self, key: str) -> list["_Place"]:
        return [self.at(one, f"{key}{number}") for number, one in enumerate(self.schema[key])]


def _breaks(old: _Place, new: _Place) -> Iterator[str]:
    for key in ("anyOf", "oneOf"):
        if key in old.schema or key in new.schema:
            yield from _choices(old, new, key)
            return
    allowed = old.schema.get("enum", [old.schema["const"]] if "const" in old.schema else None)
    permitted = new.schema.get("enum", [new.schema["const"]] if "const" in new.schema else None)
    if permitted is not None and (allowed is None or not set(allowed) <= set(permitted)):
        yield f"{new.path}: allows only {permitted}"
    if new.schema.get("type") not in (None, old.schema.get("type")):
        yield f"{new.path}: is {new.schema['type']} and was {old.schema.get('type')}"
    yield from _limits(old, new)
    yield from _properties(old, new)
    for key in ("items", "propertyNames"):
        if key in new.schema:
            yield from _breaks(old.at(old.schema.get(key, {}), key), new.at(new.schema[key], key))


def _choices(old: _Place, new: _Place, key: str) -> Iterator[str]:
    """Each old alternative must fit some new one."""
    ways = new.parts(key) if key in new.schema else [new]
    for one in old.parts(key) if key in old.schema else [old]:
        if all(list(_breaks(one, way)) for way in ways):
            yield f"{new.path}: no longer accepts {one.path}"


def _limits(old: _Place, new: _Place) -> Iterator[str]:
    for key in _UPPER:
        if key in new.schema and not old.schema.get(key, float("inf")) <= new.schema[key]:
            yield f"{new.path}: {key} is {new.schema[key]}"
    for key in _LOWER:
        if key in new.schema and not old.schema.get(key, float("-inf")) >= new.schema[key]:
            yield f"{new.path}: {key} is {new.schema[key]}"
    for key in _SAME:
        if key in new.schema and new.schema[key] != old.schema.get(key):
            yield f"{new.path}: {key} is {new.schema[key]!r} and was {old.schema.get(key)!r}"


def _properties(old: _Place, new: _Place) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    for name in set(new.schema.get("required", ())) - set(old.schema.get("required", ())):
        yield f"{new.path}: {name} is required"
    for name in before:
        if name in after:
            yield from _breaks(old.at(before[name], name), new.at(after[name], name))
        elif new.schema.get("additionalProperties") is False:
            yield f"{new.path}: {name} is refused"
    others = new.schema.get("additionalProperties", True)
    if others is False and old.schema.get("additionalProperties", True) is not False:
        yield f"{new.path}: refuses what it does not know"
    if isinstance(others, dict):
        former = old.schema.get("additionalProperties", {})
        yield from _breaks(
            old.at(former if isinstance(former, dict) else {}, "*"), new.at(others, "*")
        )
