"""The AsyncAPI document is the one that the code gives, and is one."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from contract import asyncapi
from contract.topics import Stream, parse

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "asyncapi-3.0.0.schema.json"


def test_the_committed_document_is_the_one_that_topics_and_models_give() -> None:
    assert (ROOT / "docs" / "asyncapi.json").read_text("utf-8") == asyncapi.text()


def test_the_document_is_asyncapi_3() -> None:
    validator = jsonschema.Draft7Validator(json.loads(GOLDEN.read_text("utf-8")))
    assert [error.message for error in validator.iter_errors(asyncapi.document())] == []
    spoilt = asyncapi.document()
    spoilt["channels"]["usage"]["adress"] = "x"
    assert list(validator.iter_errors(spoilt)) != []


def test_every_topic_is_in_it_and_leads_to_a_schema() -> None:
    channels: dict[str, Any] = asyncapi.document()["channels"]
    addresses = {parse(one["address"].format(station="A")).stream for one in channels.values()}
    assert addresses == set(Stream)
    for message in asyncapi.document()["components"]["messages"].values():
        assert (ROOT / "docs" / message["payload"]["schema"]["$ref"]).is_file()
