"""Receipts: ingest's word that a message is committed, on which alone a station deletes it."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from contract.envelope import TOLERANT, Epoch, Seq, StationId

MAX_RECEIPTS = 1000
"""The most receipts that one message may carry."""


class Outcome(StrEnum):
    """Where a message ended; both are final for the station."""

    STORED = "stored"
    QUARANTINED = "quarantined"


class Receipt(BaseModel):
    """The end of one message, sent only after the commit."""

    model_config = TOLERANT

    epoch: Epoch
    seq: Seq
    outcome: Outcome
    reason: str | None = Field(
        default=None,
        max_length=32,
        description="Why it is in quarantine. Open: a station understands reasons newer than it.",
    )


class ReceiptBatch(BaseModel):
    """Several receipts for one station."""

    model_config = TOLERANT

    v: Literal[1] = 1
    station: StationId
    receipts: tuple[Receipt, ...] = Field(min_length=1, max_length=MAX_RECEIPTS)
