"""What may be asked of usage: a station by its id, and spans from a fixed list."""

from enum import StrEnum
from typing import Annotated

from fastapi import Path, Query

from contract.envelope import StationId


class Weeks(StrEnum):
    """The spans that usage is shown of."""

    FOUR = "4"
    EIGHT = "8"
    TWELVE = "12"


WantedStation = Annotated[StationId, Path(description="The station's id.", examples=["BJ-CY-012"])]
WantedWeeks = Annotated[Weeks, Query(description="Whole weeks up to the last midnight.")]
