"""What the HTTP API answers about single messages: ledgers and quarantine."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from contract.errors import Reason
from ingest.answers import Ledger


class Unbalanced(BaseModel):
    """A station whose ledger does not balance."""

    station: str
    epoch: int
    unaccounted: int = Field(description="Numbered, and ended in no way that is known.")


class LedgerSummary(Ledger):
    """The sum over all stations and epochs, and the stations at which it does not add up."""

    stations: int
    unbalanced: list[Unbalanced]


class NumberRange(BaseModel):
    """Message numbers from `first` to `last`."""

    first: int
    last: int


class EpochLedger(Ledger):
    """The ledger of one epoch; `claimed` tells whether the station has ever spoken of it."""

    epoch: int
    claimed: bool
    unaccounted: int
    missing: list[NumberRange] = Field(
        description="Numbers that never arrived: pending, dropped, or unaccounted for."
    )


class StationLedger(BaseModel):
    """Every epoch of one station."""

    station: str
    epochs: list[EpochLedger]


class Quarantined(BaseModel):
    """A refused message; `digest` is its name here."""

    digest: str
    received_at: datetime
    topic: str
    station: str | None = Field(description="Whose topic it came on; null if it was nobody's.")
    reason: Reason
    detail: str
    bytes: int


class QuarantinedMessage(Quarantined):
    """The same, with what it holds."""

    payload: str = Field(description="Bytes that are not UTF-8 are written as \\\\xNN.")


class QuarantineList(BaseModel):
    """A page of the quarantine, and how full it is."""

    messages: int
    bytes: int
    discarded: int = Field(description="How many were ever given up.")
    items: list[Quarantined]
    next: str | None = Field(description="Ask for what is `after` this; null on the last page.")


class Fix(BaseModel):
    """What to replay instead of the message as it is; without `payload`, as it is."""

    model_config = ConfigDict(extra="forbid")

    payload: str | None = Field(default=None, max_length=1_000_000)


class Replayed(BaseModel):
    """The message that is stored now and no longer in quarantine."""

    digest: str
