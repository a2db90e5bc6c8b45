"""Version 1 of the messages stays version 1: whoever spoke it first is still understood."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.schemas import schema
from tests.contract.compatibility import breaks

FIRST = Path(__file__).parent.parent / "golden" / "v1"
"""The schemas as version 1 was first written; they never change."""


def first(stream: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIRST / f"{stream}.schema.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("stream", ["screening", "usage", "status"])
def test_ingest_understands_what_the_first_stations_send(stream: str) -> None:
    assert breaks(first(stream), json.loads(schema(stream))) == []


@pytest.mark.parametrize("stream", ["receipts", "config"])
def test_the_first_stations_understand_what_is_sent_to_them(stream: str) -> None:
    assert breaks(json.loads(schema(stream)), first(stream)) == []


def _of(document: dict[str, Any], name: str) -> Any:
    return document["$defs"][name]["properties"]


BREAKING: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "a field is required": ("usage", lambda d: d["required"].append("temperature")),
    "a field is gone from a strict message": (
        "screening",
        lambda d: _of(d, "ScreeningBatch").pop("rejects"),
    ),
    "a field becomes another type": (
        "usage",
        lambda d: d["properties"]["seq"].update(type="string"),
    ),
    "a value is no longer allowed": ("status", lambda d: d["$defs"]["Kind"]["enum"].pop()),
    "a limit is tighter": ("usage", lambda d: d["properties"]["windows"].update(maxItems=96)),
    "a pattern differs": ("usage", lambda d: d["properties"]["station"].update(pattern="^BJ-")),
    "the version is another": ("usage", lambda d: d["properties"]["v"].update(const=2)),
    "null is no longer allowed": (
        "usage",
        lambda d: _of(d, "UsageWindow")["entries"]["anyOf"].pop(),
    ),
    "unknown fields are refused": ("status", lambda d: d.update(additionalProperties=False)),
    "a measure is gone": ("screening", lambda d: d["oneOf"].pop()),
    "a key of a map is no longer allowed": (
        "screening",
        lambda d: d["$defs"]["Reason"]["enum"].remove("resent"),
    ),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_found(change: str) -> None:
    stream, spoil = BREAKING[change]
    spoilt = copy.deepcopy(first(stream))
    spoil(spoilt)
    assert breaks(first(stream), spoilt) != []


def test_a_wider_message_breaks_nothing() -> None:
    wider = copy.deepcopy(first("usage"))
    wider["properties"]["windows"]["maxItems"] *= 2
    wider["properties"]["mood"] = {"type": "string"}
    wider["required"].remove("seq")
    assert breaks(first("usage"), wider) == []
