"""The Record Access Control Point 0x2A52 of the Glucose Service: requests and responses, both ways.

A frame is op code, operator, operand. A collector writes requests; the meter indicates a number
of records, or one response that ends the procedure. There is no request for deleting, on
purpose: the records belong to the meter's owner, and a meter that still holds them is the
second copy of what was downloaded.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from contract.errors import DecodeError, Reason
from edge_agent.devices.fields import Fields, named

CHARACTERISTIC_UUID = "00002a52-0000-1000-8000-00805f9b34fb"

LAST_SEQUENCE = 0xFFFF
"""The highest sequence number; the next record has 0."""

_BY_SEQUENCE = 1  # the filter type; 2 would be the time that the meter shows


class OpCode(IntEnum):
    """What is asked or answered."""

    REPORT = 1
    DELETE = 2
    ABORT = 3
    COUNT = 4
    COUNT_RESPONSE = 5
    RESPONSE = 6
    COMBINED_REPORT = 7
    COMBINED_RESPONSE = 8


class Operator(IntEnum):
    """Which records are meant; the bounds are inclusive."""

    NULL = 0
    ALL = 1
    UP_TO = 2
    FROM = 3
    WITHIN = 4
    FIRST = 5
    LAST = 6


class Outcome(IntEnum):
    """How a procedure ended."""

    SUCCESS = 1
    OP_CODE_UNSUPPORTED = 2
    INVALID_OPERATOR = 3
    OPERATOR_UNSUPPORTED = 4
    INVALID_OPERAND = 5
    NO_RECORDS_FOUND = 6
    ABORT_UNSUCCESSFUL = 7
    NOT_COMPLETED = 8
    OPERAND_UNSUPPORTED = 9
    SERVER_BUSY = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What a collector wrote; codes that the standard does not name stay numbers."""

    op_code: OpCode | int
    operator: Operator | int
    operand: bytes = b""

    @property
    def sequences(self) -> range | None:
        """The sequence numbers that the operand selects; None if it is no such operand."""
        filter_type, bounds = self.operand[:1], self.operand[1:]
        if filter_type != bytes((_BY_SEQUENCE,)) or len(bounds) not in (2, 4):
            return None
        numbers = [number for (number,) in struct.iter_unpack("<H", bounds)]
        match self.operator, numbers:
            case Operator.UP_TO, [last]:
                return range(last + 1)
            case Operator.FROM, [first]:
                return range(first, LAST_SEQUENCE + 1)
            case Operator.WITHIN, [first, last]:
                return range(first, last + 1)
        return None


@dataclass(frozen=True, slots=True)
class RecordCount:
    """The answer to a request for the number of records."""

    records: int


@dataclass(frozen=True, slots=True)
class Response:
    """The end of a procedure; codes that the standard does not name stay numbers."""

    request: OpCode | int
    outcome: Outcome | int


def report_all() -> bytes:
    """Ask for every stored record."""
    return _request(OpCode.REPORT, Operator.ALL)


def report_first() -> bytes:
    """Ask for the oldest record."""
    return _request(OpCode.REPORT, Operator.FIRST)


def report_last() -> bytes:
    """Ask for the newest record."""
    return _request(OpCode.REPORT, Operator.LAST)


def report_from(sequence: int) -> bytes:
    """Ask for the records numbered `sequence` and above."""
    return _request(OpCode.REPORT, Operator.FROM, sequence)


def report_up_to(sequence: int) -> bytes:
    """Ask for the records numbered `sequence` and below."""
    return _request(OpCode.REPORT, Operator.UP_TO, sequence)


def report_within(first: int, last: int) -> bytes:
    """Ask for the records numbered `first` to `last`, both included."""
    return _request(OpCode.REPORT, Operator.WITHIN, first, last)


def count_all() -> bytes:
    """Ask how many records are stored."""
    return _request(OpCode.COUNT, Operator.ALL)


def count_from(sequence: int) -> bytes:
    """Ask how many records are numbered `sequence` and above."""
    return _request(OpCode.COUNT, Operator.FROM, sequence)


def abort() -> bytes:
    """Ask to end the procedure that is running."""
    return _request(OpCode.ABORT, Operator.NULL)


def decode_request(frame: bytes) -> Request:
    """What a collector wrote; raises DecodeError (TRUNCATED) if a code is missing."""
    fields = Fields(frame)
    op_code, operator = named(OpCode, fields.byte()), named(Operator, fields.byte())
    return Request(op_code, operator, frame[2:])


def decode_response(frame: bytes) -> RecordCount | Response:
    """What the meter indicated.

    The operator, always 0, is not looked at. Raises DecodeError: TRUNCATED if a field is cut
    off, UNKNOWN_OP_CODE for anything that is neither a count nor a response.
    """
    fields = Fields(frame)
    op_code, _ = fields.byte(), fields.byte()
    if op_code == OpCode.RESPONSE:
        return Response(named(OpCode, fields.byte()), named(Outcome, fields.byte()))
    if op_code == OpCode.COUNT_RESPONSE:
        # Two bytes here, four in the services that share the control point.
        size = 2 if len(frame) == 4 else 4
        return RecordCount(int.from_bytes(fields.take(size), "little"))
    raise DecodeError(Reason.UNKNOWN_OP_CODE, f"op code {op_code} is no answer")


def encode_response(response: RecordCount | Response) -> bytes:
    """The indication for `response`."""
    if isinstance(response, RecordCount):
        return bytes((OpCode.COUNT_RESPONSE, Operator.NULL)) + response.records.to_bytes(
            2, "little"
        )
    return bytes((OpCode.RESPONSE, Operator.NULL, response.request, response.outcome))


def _request(op_code: OpCode, operator: Operator, *sequences: int) -> bytes:
    frame = bytes((op_code, operator))
    if sequences:
        frame += bytes((_BY_SEQUENCE,)) + b"".join(n.to_bytes(2, "little") for n in sequences)
    return frame
