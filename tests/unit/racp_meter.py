"""A scripted glucose meter without a radio: it answers requests straight into a download."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from edge_agent.devices import glucose, racp
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import GlucoseContext, GlucoseReading
from edge_agent.devices.racp import OpCode, Operator, Outcome, Request, Response
from edge_agent.devices.racp_download import Download


def at(minute: int) -> DeviceTime:
    """A base time so many minutes into March."""
    return DeviceTime(2026, 3, 1 + minute // 1440, minute // 60 % 24, minute % 60, 0)


def taken(numbers: Iterable[int], *, since: int = 0) -> list[GlucoseReading]:
    """Records with these numbers, oldest first, one each minute."""
    return [
        GlucoseReading(number, at(since + age), glucose_mmol_l=5.0)
        for age, number in enumerate(numbers)
    ]


@dataclass
class Meter:
    """A meter that answers one request at a time, and what it was asked."""

    memory: list[GlucoseReading]
    contexts: dict[int, GlucoseContext] = field(default_factory=dict)
    refuses: dict[Operator, Outcome] = field(default_factory=dict)
    silent_after: int | None = None
    """How many records it sends, of those asked for, before it falls silent for good."""
    asked: list[bytes] = field(default_factory=list)

    def converse(self, download: Download) -> Download:
        """Answer until the download ends."""
        frame: bytes | None = download.start()
        while frame is not None:
            self.asked.append(frame)
            frame = self._answer(racp.decode_request(frame), download)
        return download

    def _answer(self, request: Request, download: Download) -> bytes | None:
        if request.op_code == OpCode.ABORT:
            answer = Response(OpCode.ABORT, Outcome.SUCCESS)
            return download.response_received(racp.encode_response(answer))
        if refusal := self.refuses.get(Operator(request.operator)):
            return self._end(refusal, download)
        meant = self._meant(request)
        for reading in meant[: self.silent_after]:
            download.measurement_received(glucose.encode_measurement(reading))
        for context in self.contexts.values():
            download.context_received(glucose.encode_context(context))
        if self.silent_after is not None:
            return download.timed_out()
        return self._end(Outcome.SUCCESS if meant else Outcome.NO_RECORDS_FOUND, download)

    def _meant(self, request: Request) -> list[GlucoseReading]:
        by_place = {Operator.FIRST: slice(0, 1), Operator.LAST: slice(-1, None)}
        place = by_place.get(Operator(request.operator), slice(None))
        wanted = request.sequences
        return [
            reading
            for reading in self.memory[place]
            if wanted is None or reading.sequence in wanted
        ]

    def _end(self, outcome: Outcome, download: Download) -> bytes | None:
        return download.response_received(racp.encode_response(Response(OpCode.REPORT, outcome)))


def numbers(download: Download) -> list[int]:
    """The sequence numbers of the new records, in the order in which they are given."""
    return [record.reading.sequence for record in download.records()]


def remembered(download: Download) -> int | None:
    """The sequence number that the next download starts from, if there is a new one."""
    return None if download.newest is None else download.newest.sequence
