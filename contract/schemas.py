"""JSON Schemas of the messages, generated from the models; `make schemas` writes them."""

import json
from pathlib import Path

from pydantic import BaseModel

from contract.desired import DesiredConfiguration
from contract.receipts import ReceiptBatch
from contract.screening_message import ScreeningMessage
from contract.status import Status
from contract.usage import UsageBatch

MESSAGES: dict[str, type[BaseModel]] = {
    "screening": ScreeningMessage,
    "usage": UsageBatch,
    "status": Status,
    "receipts": ReceiptBatch,
    "config": DesiredConfiguration,
}
"""The model of each stream's messages."""


def schema(stream: str) -> str:
    """The JSON Schema (draft 2020-12) of one stream's messages, as committed."""
    generated = MESSAGES[stream].model_json_schema(by_alias=True)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(dialect | generated, indent=2, ensure_ascii=False) + "\n"


def write(directory: Path) -> None:
    """Write every schema to `directory`."""
    for stream in MESSAGES:
        (directory / f"{stream}.schema.json").write_text(schema(stream), encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs/schemas"))
