"""The envelope of every numbered message, and the field types that all messages share."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1
"""The contract version that this code speaks; it is also the `v1` of the topics."""

_STATION_ID = r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$"

StationId = Annotated[
    str,
    Field(
        pattern=_STATION_ID,
        description="Station id: letters, digits and hyphens. Also client id and user name.",
        examples=["BJ-CY-012"],
    ),
]
Epoch = Annotated[
    int,
    Field(
        ge=1,
        lt=2**53,
        description="Names one life of a station's outbox file; drawn at random when it is made.",
    ),
]
Seq = Annotated[
    int, Field(ge=1, lt=2**53, description="Number of a message within its epoch, from 1.")
]

STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
"""For the screening stream: an unknown field could identify a person, so it is refused.

No error quotes what it was given: a log that holds the traceback must not hold a value.
"""

TOLERANT = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
"""For every other stream: fields of a newer version are passed over."""

_station_id = re.compile(_STATION_ID)


def is_station_id(text: str) -> bool:
    """Whether `text` can name a station."""
    return _station_id.fullmatch(text) is not None


class Envelope(BaseModel):
    """What every numbered message carries; (station, epoch, seq) is its identity for ever."""

    model_config = TOLERANT

    v: Literal[1] = 1
    station: StationId
    epoch: Epoch
    seq: Seq
