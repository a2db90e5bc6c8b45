"""One download of a meter's new records: what to ask for next, without input or output.

The caller writes to 0x2A52 what `start`, `response_received` and `timed_out` return, hands in
every frame that arrives, and keeps the time. Once there is an `ending`, `records` holds each
new record once. A meter that knows nothing of sequence numbers is asked in other ways, always
after an abort (a Yuwell meter is reported to need that):

    from the next number → the newest → all → from number 1 → numbers 0 to 65535
"""

from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.devices import racp
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import (
    GlucoseContext,
    GlucoseReading,
    decode_context,
    decode_measurement,
)
from edge_agent.devices.racp import LAST_SEQUENCE, OpCode, Outcome, Response
from edge_agent.devices.sequence_numbers import Numbering, Order

_NOT_UNDERSTOOD = frozenset(
    {
        Outcome.OP_CODE_UNSUPPORTED,
        Outcome.INVALID_OPERATOR,
        Outcome.OPERATOR_UNSUPPORTED,
        Outcome.INVALID_OPERAND,
        Outcome.OPERAND_UNSUPPORTED,
    }
)


class Ending(Enum):
    """How a download ended."""

    COMPLETE = auto()
    PARTIAL = auto()
    """The meter fell silent, hung up, was busy or gave up: what arrived is good."""
    REFUSED = auto()
    """The meter understood none of the requests."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record with its context, if the meter sent one."""

    reading: GlucoseReading
    context: GlucoseContext | None


class _Step(Enum):
    SINCE = auto()
    NEWEST = auto()
    ALL = auto()
    FROM_ONE = auto()
    RANGE = auto()


_INSTEAD = {
    _Step.SINCE: _Step.NEWEST,
    _Step.NEWEST: _Step.ALL,
    _Step.ALL: _Step.FROM_ONE,
    _Step.FROM_ONE: _Step.RANGE,
}


class Download:
    """The conversation with one meter, from `start` to an `ending`.

    `last_sequence` and `last_base_time` are those of the newest record that is known already.
    Without them, and of a meter that numbers in descending order, only the newest record is
    taken: older ones are not of a visit to this station.

    A write that the meter refuses counts as a timeout. Frames may still come in after the
    ending, because the last response can overtake a record; call `records` a moment later.
    """

    def __init__(
        self,
        last_sequence: int | None = None,
        last_base_time: DeviceTime | None = None,
        *,
        order: Order = Order.ASCENDING,
    ) -> None:
        self._numbers = Numbering(order, last_sequence, last_base_time)
        self._newest_only = not self._numbers.counts
        self._requests = _requests(self._numbers)
        self._step = _Step.SINCE if _Step.SINCE in self._requests else _Step.NEWEST
        self._aborting = False
        self._after_abort: _Step | None = None
        self._ending: Ending | None = None
        self._reset = False
        self._readings: dict[int, GlucoseReading] = {}
        self._contexts: dict[int, GlucoseContext] = {}
        self._given: set[int] = set()

    @property
    def ending(self) -> Ending | None:
        """How the download ended; None while it is going on."""
        return self._ending

    @property
    def was_reset(self) -> bool:
        """Whether the meter has lost the last known record, because its memory was emptied.

        All that it holds is new then, and the last known record is to be forgotten.
        """
        return self._reset

    @property
    def newest(self) -> GlucoseReading | None:
        """The record to remember as the last known one; None if that is still the old one."""
        sequence = max(self._readings, key=self._numbers.rank, default=None)
        if sequence is None or not self._numbers.is_new(self._readings[sequence]):
            return None
        return self._readings[sequence]

    def start(self) -> bytes:
        """The first request."""
        return self._requests[self._step]

    def measurement_received(self, frame: bytes) -> None:
        """A notification of 0x2A18 arrived.

        Raises DecodeError for one that breaks its profile; the download can go on.
        """
        reading = decode_measurement(frame)
        self._readings[reading.sequence] = reading

    def context_received(self, frame: bytes) -> None:
        """A notification of 0x2A34 arrived, before or after its measurement.

        Raises DecodeError for one that breaks its profile; the download can go on.
        """
        context = decode_context(frame)
        self._contexts[context.sequence] = context

    def response_received(self, frame: bytes) -> bytes | None:
        """An indication of 0x2A52 arrived; returns the request to write next, if any.

        An answer to something that was not asked changes nothing. Raises DecodeError for one
        that breaks its profile; the download can go on.
        """
        response = racp.decode_response(frame)
        awaited = OpCode.ABORT if self._aborting else OpCode.REPORT
        if not isinstance(response, Response) or response.request != awaited or self._ending:
            return None
        if self._aborting:
            return self._aborted()
        if response.outcome == Outcome.SUCCESS:
            return self._transferred()
        if response.outcome == Outcome.NO_RECORDS_FOUND:
            return self._nothing_found()
        if response.outcome in _NOT_UNDERSTOOD:
            return self._not_understood()
        self._ending = Ending.PARTIAL
        return None

    def timed_out(self) -> bytes | None:
        """Nothing arrived for too long; returns the request to write next, if any."""
        if self._ending:
            return None
        return self._aborted() if self._aborting else self._abort(then=None)

    def link_lost(self) -> None:
        """The meter hung up, or the link broke; before the ending that makes it partial."""
        if not self._ending:
            self._ending = Ending.PARTIAL

    def records(self) -> tuple[Record, ...]:
        """The new records that this method has not returned before; none before the ending.

        Contexts are joined only now, because one that comes late can still say that its record
        is no person's.
        """
        if not self._ending:
            return ()
        newest = self.newest
        fresh = [
            reading
            for reading in self._readings.values()
            if reading.sequence not in self._given
            and self._numbers.is_new(reading)
            and (reading is newest or not self._newest_only)
        ]
        self._given.update(reading.sequence for reading in fresh)
        return tuple(Record(reading, self._contexts.get(reading.sequence)) for reading in fresh)

    def _transferred(self) -> bytes | None:
        if self._step is _Step.SINCE:
            if LAST_SEQUENCE in self._readings:  # what came after it has low numbers again
                return self._read_all()
            if self.newest is None:
                return self._go(_Step.NEWEST)
            return self._complete()
        lost = self._numbers.lost_in(self._readings.values())
        if lost:
            self._forget()
        newest = self.newest
        gap = newest is not None and not self._numbers.reached_by(newest)
        if self._step is _Step.NEWEST and (lost or gap):
            return self._read_all()
        return self._complete()

    def _nothing_found(self) -> bytes | None:
        if self._step is _Step.SINCE:
            # Either nobody has measured, or the meter has begun again: its newest record tells.
            return self._go(_Step.NEWEST)
        if self._numbers.counts:
            self._forget()
        return self._complete()

    def _not_understood(self) -> bytes | None:
        if self._step in _INSTEAD:
            return self._abort(then=_INSTEAD[self._step])
        self._ending = Ending.REFUSED
        return None

    def _complete(self) -> bytes | None:
        self._ending = Ending.COMPLETE
        return None

    def _forget(self) -> None:
        self._reset = True
        self._numbers = Numbering(self._numbers.order)

    def _abort(self, *, then: _Step | None) -> bytes:
        self._aborting, self._after_abort = True, then
        return racp.abort()

    def _aborted(self) -> bytes | None:
        self._aborting = False
        if self._after_abort is not None:
            return self._go(self._after_abort)
        self._ending = Ending.PARTIAL
        return None

    def _read_all(self) -> bytes:
        # If this breaks off, what has arrived must reach from the oldest record without a gap.
        self._readings.clear()
        return self._go(_Step.ALL)

    def _go(self, step: _Step) -> bytes:
        self._step = step
        return self._requests[step]


def _requests(numbers: Numbering) -> dict[_Step, bytes]:
    ascending = numbers.order is Order.ASCENDING
    requests = {
        _Step.NEWEST: racp.report_last() if ascending else racp.report_first(),
        _Step.ALL: racp.report_all(),
        _Step.FROM_ONE: racp.report_from(1),
        _Step.RANGE: racp.report_within(0, LAST_SEQUENCE),
    }
    if numbers.first_new is not None:
        requests[_Step.SINCE] = racp.report_from(numbers.first_new)
    return requests
