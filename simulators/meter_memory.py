"""What a virtual glucose meter has stored, and which of it a request selects."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from edge_agent.devices.glucose import GlucoseReading
from edge_agent.devices.glucose_context import GlucoseContext
from edge_agent.devices.racp import LAST_SEQUENCE, Operator, Outcome, Request
from edge_agent.devices.racp_download import Record
from edge_agent.devices.sequence_numbers import Order

_BY_SEQUENCE = b"\x01"
_WITH_BOUNDS = frozenset({Operator.UP_TO, Operator.FROM, Operator.WITHIN})


class MeterMemory:
    """The newest records, numbered as the meter does it."""

    def __init__(self, *, size: int, order: Order, first_sequence: int) -> None:
        self._order = order
        self._first_sequence = self._next_sequence = first_sequence
        self._records: deque[Record] = deque(maxlen=size)

    def keep(self, reading: GlucoseReading, context: GlucoseContext | None) -> None:
        """Stores a record under the next number, whatever number it bears."""
        self._records.append(_numbered(Record(reading, context), self._next_sequence))
        self._next_sequence = (self._next_sequence + 1) % (LAST_SEQUENCE + 1)

    def reset(self) -> None:
        """All is lost, and the numbers begin again."""
        self._records.clear()
        self._next_sequence = self._first_sequence

    def records(self) -> tuple[Record, ...]:
        """Everything stored: the first is what this meter takes for its first."""
        if self._order is Order.ASCENDING:
            return tuple(self._records)
        return tuple(_numbered(record, n) for n, record in enumerate(reversed(self._records)))

    def newest(self) -> tuple[Record, ...]:
        """The record of the last test, if there is one."""
        records = self.records()
        return records[-1:] if self._order is Order.ASCENDING else records[:1]

    def select(self, request: Request) -> Sequence[Record] | Outcome:
        """The records that a request for a report or a number means, or why it means none."""
        if request.operator in _WITH_BOUNDS:
            return self._select_by_number(request)
        if request.operator == Operator.NULL:
            return Outcome.INVALID_OPERATOR
        if request.operator not in (Operator.ALL, Operator.FIRST, Operator.LAST):
            return Outcome.OPERATOR_UNSUPPORTED
        if request.operand:
            return Outcome.INVALID_OPERAND
        records = self.records()
        if request.operator == Operator.FIRST:
            return records[:1]
        return records[-1:] if request.operator == Operator.LAST else records

    def _select_by_number(self, request: Request) -> Sequence[Record] | Outcome:
        if request.operand[:1] not in (_BY_SEQUENCE, b""):
            return Outcome.OPERAND_UNSUPPORTED
        if not request.sequences:
            return Outcome.INVALID_OPERAND
        wanted = request.sequences
        return [record for record in self.records() if record.reading.sequence in wanted]


def _numbered(record: Record, sequence: int) -> Record:
    context = record.context
    return Record(
        replace(record.reading, sequence=sequence),
        None if context is None else replace(context, sequence=sequence),
    )
