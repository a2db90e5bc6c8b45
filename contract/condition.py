"""How a station is: coarse, slow words that cannot move because somebody measured."""

from enum import StrEnum

from pydantic import BaseModel, Field

from contract.disclosure import Band
from contract.envelope import TOLERANT


class Clock(StrEnum):
    """Where a station has the time from."""

    SYNCHRONISED = "synchronised"
    KEPT = "kept"  # by a real-time clock, or trusted because the settings say so
    WAITING = "waiting"  # unknown: windows and sessions are held until it is known


class Storage(StrEnum):
    """Whether the station's file takes what it is given."""

    SOUND = "sound"
    FULL = "full"
    READ_ONLY = "read_only"


class Radio(StrEnum):
    """Whether the station's Bluetooth adapter hears anything at all."""

    HEARING = "hearing"
    DEAF = "deaf"
    ABSENT = "absent"  # no adapter, or no BlueZ
    UNUSED = "unused"


class Space(StrEnum):
    """How much of the disk is free."""

    AMPLE = "ample"  # a fifth and more
    SCARCE = "scarce"
    CRITICAL = "critical"  # less than a twentieth


class Battery(StrEnum):
    """How full a device's battery is."""

    GOOD = "good"
    LOW = "low"  # below 30 %
    EMPTY = "empty"  # below 10 %


class LastHeard(StrEnum):
    """How long ago a device was talked to: too coarse to tell a visit."""

    WEEK = "week"
    MONTH = "month"
    LONGER = "longer"
    NEVER = "never"


class Outcome(StrEnum):
    """What became of the desired configuration."""

    APPLIED = "applied"
    REFUSED = "refused"  # it breaks a rule, or names what may not be set from afar
    ROLLED_BACK = "rolled_back"  # the agent did not come up healthy with it


class Device(BaseModel):
    """One meter or cuff by its alias at the station; said anew once a day, never on use."""

    model_config = TOLERANT

    alias: str = Field(pattern=r"^(bp|glu|dev)[1-9][0-9]?$", examples=["bp1"])
    heard: LastHeard
    battery: Battery | None = Field(default=None, description="Absent if it does not tell.")


class Backlog(BaseModel):
    """What waits to leave; staged sessions are not in it."""

    model_config = TOLERANT

    messages: int = Field(ge=0, description="Messages without a receipt.")
    windows: int = Field(ge=0, description="Usage windows that are in no message yet.")
    oldest_hours: int = Field(ge=0, description="Age of the oldest of them, in whole hours.")


class Losses(BaseModel):
    """What this file has lost, ever, apart from messages: those are in the ledger."""

    model_config = TOLERANT

    sessions: Band = Field(default="<8", description="Sessions that never found company.")
    frames: Band = Field(default="<8", description="Frames that no disk would take.")
    windows: int = Field(default=0, ge=0, description="Usage windows too old, or without room.")
    damaged_files: int = Field(default=0, ge=0, description="Files laid aside as damaged.")


class Configuration(BaseModel):
    """The desired configuration that the station has last looked at."""

    model_config = TOLERANT

    revision: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    outcome: Outcome
    problem: str | None = Field(default=None, max_length=300)


class Condition(BaseModel):
    """Everything that a heartbeat says about the station's health."""

    model_config = TOLERANT

    backlog: Backlog
    clock: Clock
    storage: Storage
    radio: Radio
    space: Space
    devices: tuple[Device, ...] = Field(default=(), max_length=64)
    losses: Losses = Losses()
    configuration: Configuration | None = None
