"""Station usage: 15-minute windows of occupancy, which are not personal and flow live."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field, model_validator

from contract.envelope import TOLERANT, Envelope

WINDOW_SECONDS = 900
"""The length of a usage window."""

MAX_WINDOWS = 1344
"""Two weeks of windows: the most that one message may carry."""


class Level(StrEnum):
    """How full a station is, as the public sees it."""

    FREE = "free"
    SOME = "some"
    BUSY = "busy"
    FULL = "full"


def level(peak: int, seats: int) -> Level:
    """How full a station looks when `peak` people are there: quarters and halves of its seats."""
    if peak >= seats:
        return Level.FULL
    if 2 * peak > seats:
        return Level.BUSY
    return Level.SOME if 4 * peak > seats else Level.FREE


class UsageWindow(BaseModel):
    """One quarter of an hour at one station; what no sensor can tell is absent, never zero."""

    model_config = TOLERANT

    start: int = Field(
        ge=0,
        multiple_of=WINDOW_SECONDS,
        description="Start, seconds since 1970 UTC: a quarter of an hour.",
    )
    entries: int | None = Field(default=None, ge=0, description="People who came in.")
    occupied: float | None = Field(default=None, ge=0, le=15, description="Minutes not empty.")
    mean: float | None = Field(default=None, ge=0, description="Mean number of people present.")
    peak: int | None = Field(default=None, ge=0, description="Most people present at once.")
    level: Level | None = Field(default=None, description="Absent while sensors are silent.")


class UsageBatch(Envelope):
    """Usage windows of one station: one when live, many when a backlog drains."""

    windows: tuple[UsageWindow, ...] = Field(min_length=1, max_length=MAX_WINDOWS)

    @model_validator(mode="after")
    def _windows_are_distinct(self) -> Self:
        starts = {window.start for window in self.windows}
        if len(starts) != len(self.windows):
            raise ValueError("two windows of one message start at the same time")
        return self
