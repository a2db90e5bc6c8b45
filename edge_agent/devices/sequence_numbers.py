"""Which of a meter's records are new: numbers that wrap, begin again or run backwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import GlucoseReading
from edge_agent.devices.racp import LAST_SEQUENCE

_MODULUS = LAST_SEQUENCE + 1


class Order(Enum):
    """How a meter numbers its records."""

    ASCENDING = auto()
    DESCENDING = auto()
    """The newest is always 0 and the others move up (reported of TaiDoc's DM30b 1.2.4 in
    NightscoutFoundation/xDrip)."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """What is known of a meter's numbers: the order, and the newest record seen before.

    `last_base_time` may be None, but then a meter that began again at the very number
    `last_sequence` is not noticed.
    """

    order: Order = Order.ASCENDING
    last_sequence: int | None = None
    last_base_time: DeviceTime | None = None

    @property
    def counts(self) -> bool:
        """Whether a number says how a record lies to the last known one."""
        return self.order is Order.ASCENDING and self.last_sequence is not None

    @property
    def first_new(self) -> int | None:
        """The number from which to ask; None if there is none, or nothing comes after the last."""
        if not self.counts or self.last_sequence in (None, LAST_SEQUENCE):
            return None
        return self.last_sequence + 1

    def rank(self, sequence: int) -> int:
        """The higher, the newer; of numbers that count, above 0 is newer than the last known.

        Numbers wrap, so more than half of all numbers ahead means behind.
        """
        if self.order is Order.DESCENDING:
            return -sequence
        if self.last_sequence is None:
            return sequence
        return (sequence - self.last_sequence + _MODULUS // 2) % _MODULUS - _MODULUS // 2

    def is_new(self, reading: GlucoseReading) -> bool:
        """Whether `reading` is not known yet."""
        if self.counts:
            return self.rank(reading.sequence) > 0
        return (reading.sequence, reading.base_time) != (self.last_sequence, self.last_base_time)

    def reached_by(self, reading: GlucoseReading) -> bool:
        """Whether nothing can lie between the last known record and `reading`."""
        return not self.counts or self.rank(reading.sequence) in (0, 1)

    def lost_in(self, readings: Iterable[GlucoseReading]) -> bool:
        """Whether a meter that holds `readings`, the newest among them, began its numbers again.

        It has neither the last known record nor one after it, or has another one in its place.
        """
        if not self.counts:
            return False
        ranked = {self.rank(reading.sequence): reading for reading in readings}
        if 0 in ranked:
            return self.last_base_time not in (None, ranked[0].base_time)
        return max(ranked, default=0) < 0
