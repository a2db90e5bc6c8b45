"""What can go wrong at a simulated station: the kinds of fault, and one fault with its time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class FaultKind(StrEnum):
    """A kind of fault; docs/faults.md says what each does."""

    POWER_CUT = "power_cut"
    OFFLINE = "offline"
    FLAPPING = "flapping"
    CLOCK_JUMP = "clock_jump"
    SENSOR_SILENT = "sensor_silent"
    CUFF_ERROR = "cuff_error"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    POISON = "poison"
    FULL_DISK = "full_disk"
    EXPIRED_CERTIFICATE = "expired_certificate"


@dataclass(frozen=True, slots=True)
class Amount:
    """What the amount of a kind of fault is: from `low` to `high`, in multiples of `step`."""

    meaning: str
    low: float
    high: float
    usual: float
    step: float | None = None

    def problem(self, amount: float) -> str | None:
        """What is wrong with an amount and what to write; None if it is right."""
        if not self.low <= amount <= self.high:
            return f"write {self.meaning}, from {self.low:g} to {self.high:g}"
        if self.step is not None and (amount % self.step or not amount):
            return f"write {self.meaning}, a multiple of {self.step:g} other than 0"
        return None


AMOUNTS: Mapping[FaultKind, Amount] = MappingProxyType(
    {
        FaultKind.FLAPPING: Amount("seconds of one flap", 1, 3600, 30),
        FaultKind.CLOCK_JUMP: Amount("hours by which the clock is wrong", -168, 168, 8, 0.25),
        FaultKind.CUFF_ERROR: Amount("a share of blood-pressure sessions", 0, 1, 1),
        FaultKind.DUPLICATED: Amount("a share of messages", 0, 1, 1),
        FaultKind.REORDERED: Amount("a share of messages", 0, 1, 1),
        FaultKind.POISON: Amount("a share of messages", 0, 1, 1),
        FaultKind.FULL_DISK: Amount("hours of usage for which there is room", 0, 8760, 1),
    }
)
"""The kinds that have an amount; the others are there or not."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one station, from `start` until before `end`; see AMOUNTS for `amount`."""

    kind: FaultKind
    start: datetime
    end: datetime
    amount: float = 1.0

    def holds(self, moment: datetime) -> bool:
        """Whether it is there at a moment."""
        return self.start <= moment < self.end
