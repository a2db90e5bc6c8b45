"""A station's status: birth on connecting, heartbeat, and the death that the broker publishes."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from contract.condition import Condition
from contract.envelope import TOLERANT, Epoch, StationId


class Kind(StrEnum):
    """Which moment of a connection a status message tells of."""

    BIRTH = "birth"
    HEARTBEAT = "heartbeat"
    DEATH = "death"


class Release(StrEnum):
    """When a station lets a full batch go."""

    DAILY = "daily"
    WHEN_FULL = "when_full"
    IMMEDIATE = "immediate"


class LedgerCount(BaseModel):
    """The station's side of the ledger for the current epoch."""

    model_config = TOLERANT

    epoch: Epoch
    numbered: int = Field(ge=0, description="Highest number given to a message.")
    pending: int = Field(ge=0, description="Messages without a receipt.")
    dropped: int = Field(ge=0, description="Messages given up, each declared here.")


class Agent(BaseModel):
    """What runs at the station and with which privacy policy."""

    model_config = TOLERANT

    version: str = Field(max_length=32)
    min_batch: int = Field(ge=1)
    release: Release
    heartbeat_seconds: float = Field(gt=0)


class Status(BaseModel):
    """One status message; a birth or heartbeat says everything, a death only whose life ended.

    `boot` names one run of the agent, so that a late death cannot end a newer life.
    """

    model_config = TOLERANT

    v: Literal[1] = 1
    station: StationId
    kind: Kind
    boot: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    ledger: LedgerCount | None = None
    agent: Agent | None = None
    condition: Condition | None = None
    ended: tuple[LedgerCount, ...] = Field(
        default=(),
        max_length=8,
        description="Earlier epochs: files that were damaged, and what became of their messages.",
    )

    @model_validator(mode="after")
    def _the_living_say_everything(self) -> Self:
        if self.kind is not Kind.DEATH and (self.ledger is None or self.agent is None):
            raise ValueError(f"a {self.kind} carries `ledger` and `agent`")
        return self
