"""The Record Access Control Point of a virtual glucose meter: one procedure at a time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from contract.errors import DecodeError
from edge_agent.devices.glucose import CONTEXT_UUID, MEASUREMENT_UUID, encode_measurement
from edge_agent.devices.glucose_context import encode_context
from edge_agent.devices.racp import (
    CHARACTERISTIC_UUID,
    OpCode,
    Operator,
    Outcome,
    RecordCount,
    Request,
    Response,
    decode_request,
    encode_response,
)
from edge_agent.devices.racp_download import Record
from simulators.bluez.peripheral import AttError, Link
from simulators.meter_habits import MeterHabits
from simulators.meter_memory import MeterMemory

INVALID_LENGTH: Final = 0x0D
CONFIGURATION_IMPROPER: Final = 0xFD
PROCEDURE_IN_PROGRESS: Final = 0xFE

_DELIVERIES: Final = (
    Response(OpCode.REPORT, Outcome.SUCCESS),
    Response(OpCode.REPORT, Outcome.NO_RECORDS_FOUND),
)


class ControlPoint:
    """Answers requests for as long as `serve` runs; what happens only once happens only once."""

    def __init__(self, memory: MeterMemory, habits: MeterHabits) -> None:
        self._memory = memory
        self._habits = habits
        self._requests: asyncio.Queue[Request] = asyncio.Queue()
        self._running = False
        self._abort = asyncio.Event()
        self._busy_for = habits.busy_for
        self._drops_after = habits.drops_after
        self._gives_up_after = habits.gives_up_after
        self.heard: list[Request] = []
        """Every request that was not refused outright, in order."""
        self.delivered = False
        """Whether a report has come to its end since this was last set to False."""

    @property
    def running(self) -> bool:
        """Whether a procedure is under way."""
        return self._running

    def write(self, link: Link, frame: bytes) -> None:
        """The central writes a request; raises AttError if it cannot be taken up."""
        if not link.subscribed(CHARACTERISTIC_UUID):
            raise AttError(CONFIGURATION_IMPROPER)
        try:
            request = decode_request(frame)
        except DecodeError as error:
            raise AttError(INVALID_LENGTH) from error
        aborts = request.op_code == OpCode.ABORT
        if self._running and (not aborts or self._abort.is_set()):
            raise AttError(PROCEDURE_IN_PROGRESS)
        if request.op_code == OpCode.REPORT and not link.subscribed(MEASUREMENT_UUID):
            raise AttError(CONFIGURATION_IMPROPER)
        self.heard.append(request)
        if self._running:
            self._abort.set()
        else:
            self._running = True
            self._requests.put_nowait(request)

    async def serve(self, link: Link) -> None:
        """Carries out what is written, until the central disables the answers or the link ends."""
        self._requests, self._running = asyncio.Queue(), False
        self._abort.clear()
        try:
            while True:
                await self._carry_out(link, await self._requests.get())
                self._running = False
        finally:
            self._running = False

    def send(self, link: Link, record: Record) -> None:
        """Notifies one record, and its context if the central wants that."""
        if link.subscribed(MEASUREMENT_UUID):
            frame = encode_measurement(record.reading, unit=self._habits.unit)
            link.notify(MEASUREMENT_UUID, frame)
        if record.context is not None and link.subscribed(CONTEXT_UUID):
            link.notify(CONTEXT_UUID, encode_context(record.context))

    async def _carry_out(self, link: Link, request: Request) -> None:
        answer = await self._perform(link, request)
        if answer in _DELIVERIES:  # a central may hang up before its confirmation has arrived
            self.delivered = True
        if answer is not None:
            await link.indicate(CHARACTERISTIC_UUID, encode_response(answer))
        if self._abort.is_set():  # even if it came when all had been sent
            await self._answer_abort(link)

    async def _perform(self, link: Link, request: Request) -> Response | RecordCount | None:
        """The answer, or None if the procedure was aborted."""
        outcome = self._refusal(request)
        if outcome is None and request.op_code == OpCode.ABORT:
            outcome = Outcome.SUCCESS  # nothing to end is no failure
        if outcome is not None:
            return Response(request.op_code, outcome)
        selected = self._memory.select(request)
        if isinstance(selected, Outcome):
            return Response(request.op_code, selected)
        if request.op_code == OpCode.COUNT:
            return RecordCount(len(selected))
        if not selected:
            return Response(request.op_code, Outcome.NO_RECORDS_FOUND)
        transferred = await self._transfer(link, selected)
        return None if transferred is None else Response(request.op_code, transferred)

    def _refusal(self, request: Request) -> Outcome | None:
        if self._busy_for:
            self._busy_for -= 1
            return Outcome.SERVER_BUSY
        if request.op_code not in (OpCode.REPORT, OpCode.COUNT, OpCode.ABORT):
            return Outcome.OP_CODE_UNSUPPORTED
        if request.op_code == OpCode.ABORT and request.operator != Operator.NULL:
            return Outcome.INVALID_OPERATOR
        if request.operator in self._habits.unsupported_operators:
            return Outcome.OPERATOR_UNSUPPORTED
        return None

    async def _transfer(self, link: Link, records: Sequence[Record]) -> Outcome | None:
        for sent, record in enumerate(records, start=1):
            if not link.subscribed(MEASUREMENT_UUID):
                return Outcome.NOT_COMPLETED
            self.send(link, record)
            if sent == self._drops_after:
                self._drops_after = None
                link.drop()
                await asyncio.Event().wait()  # the end of the link ends this too
            if sent == self._gives_up_after:
                self._gives_up_after = None
                return Outcome.NOT_COMPLETED
            if sent < len(records) and await self._aborted(link):
                return None
        return Outcome.SUCCESS

    async def _aborted(self, link: Link) -> bool:
        """Waits until the next record is due; whether the transfer is to end before that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._habits.record_seconds):
                await self._abort.wait()
        if self._abort.is_set() and not self._habits.can_abort:
            await self._answer_abort(link)
        return self._abort.is_set()

    async def _answer_abort(self, link: Link) -> None:
        outcome = Outcome.SUCCESS if self._habits.can_abort else Outcome.ABORT_UNSUCCESSFUL
        response = encode_response(Response(OpCode.ABORT, outcome))
        await link.indicate(CHARACTERISTIC_UUID, response)
        self._abort.clear()
