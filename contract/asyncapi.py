"""The AsyncAPI 3 document of every topic, generated from topics and models. Pure."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from contract.schemas import MESSAGES
from contract.topics import Stream, topic

SPECIFICATION = "3.0.0"

_DIALECT = "application/schema+json;version=draft-2020-12"


class _Traffic(NamedTuple):
    """What travels on a stream: `sender` sends it, `retained` is kept by the broker."""

    sender: str
    retained: bool
    title: str
    summary: str


_TRAFFIC = {
    Stream.SCREENING: _Traffic(
        "station", False, "Screening batch",
        "A shuffled batch of sessions of one measure, dated by its first and last day.",
    ),
    Stream.USAGE: _Traffic(
        "station", False, "Usage windows", "Quarter-hour windows of occupancy, one or many.",
    ),
    Stream.STATUS: _Traffic(
        "station", True, "Status", "Birth, heartbeat, and the death that is the station's will.",
    ),
    Stream.RECEIPTS: _Traffic(
        "ingest", False, "Receipts",
        "Sent after the commit; only on a receipt does a station delete a message.",
    ),
    Stream.CONFIG: _Traffic(
        "operator", True, "Desired configuration", "Settings that the station is to try.",
    ),
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document, as JSON values; schemas are referred to in `schemas/`."""
    return {
        "asyncapi": SPECIFICATION,
        "info": {
            "title": "Health-kiosk stations",
            "version": "1",
            "description": "MQTT 5, QoS 1, JSON. A station's id is its client id, its user name"
            " and the common name of its certificate. Every numbered message is named for ever by"
            " (station, epoch, seq), so anything may be sent twice.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {stream.value: _channel(stream) for stream in _TRAFFIC},
        "operations": {
            f"{traffic.sender}-sends-{stream.value}": _operation(stream, traffic)
            for stream, traffic in _TRAFFIC.items()
        },
        "components": {
            "messages": {
                stream.value: _message(stream, traffic) for stream, traffic in _TRAFFIC.items()
            }
        },
    }


def text() -> str:
    """The document as committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _channel(stream: Stream) -> dict[str, Any]:
    return {
        "address": topic("{station}", stream),
        "parameters": {"station": {"description": "The station's id.", "examples": ["BJ-CY-012"]}},
        "messages": {stream.value: {"$ref": f"#/components/messages/{stream.value}"}},
    }


def _operation(stream: Stream, traffic: _Traffic) -> dict[str, Any]:
    """As AsyncAPI has it: `send` is what this application, the station, does."""
    return {
        "action": "send" if traffic.sender == "station" else "receive",
        "channel": {"$ref": f"#/channels/{stream.value}"},
        "summary": traffic.summary,
        "messages": [{"$ref": f"#/channels/{stream.value}/messages/{stream.value}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": traffic.retained, "bindingVersion": "0.2.0"}},
    }


def _message(stream: Stream, traffic: _Traffic) -> dict[str, Any]:
    if stream.value not in MESSAGES:
        raise KeyError(f"no model for {stream}")
    return {
        "name": stream.value,
        "title": traffic.title,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": _DIALECT,
            "schema": {"$ref": f"./schemas/{stream.value}.schema.json"},
        },
    }


if __name__ == "__main__":
    Path("docs/asyncapi.json").write_text(text(), encoding="utf-8")
