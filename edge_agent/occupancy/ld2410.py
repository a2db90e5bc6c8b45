"""Reports of the Hi-Link LD2410, a 24 GHz radar for one target: find them in a stream, decode them.

Layout (Hi-Link serial protocol): F4 F3 F2 F1, length of the body, body, F8 F7 F6 F5; all numbers
little-endian. Body: type (02 basic, 01 engineering, which adds energies by gate), AA, state,
distance and energy of what moves, distance and energy of what keeps still, detection distance,
and at its end 55 and a byte of no meaning. 256,000 baud, ten reports a second.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contract.errors import DecodeError, Reason

BAUD: Final = 256_000

_HEADER: Final = b"\xf4\xf3\xf2\xf1"
_TAIL: Final = b"\xf8\xf7\xf6\xf5"
_LENGTH: Final = struct.Struct("<H")
_BODY_AT: Final = len(_HEADER) + _LENGTH.size
_LONGEST_BODY: Final = 64
_BODY: Final = struct.Struct("<BBBHBHBH")
_SHORTEST_BODY: Final = _BODY.size + 2
_TYPES: Final = frozenset({1, 2})
_BODY_MARK: Final = 0xAA
_BODY_END: Final = 0x55
_MOVING: Final = 1
_STILL: Final = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What the radar sees: distances in cm, energies in percent."""

    is_moving: bool
    is_still: bool
    moving_cm: int
    moving_energy: int
    still_cm: int
    still_energy: int
    detection_cm: int

    @property
    def is_occupied(self) -> bool:
        """Whether it sees anybody."""
        return self.is_moving or self.is_still


def decode(frame: bytes) -> Report:
    """The report in one frame, header and tail included.

    Raises DecodeError: TRUNCATED, or SCHEMA if something is not where it belongs.
    """
    if len(frame) < _BODY_AT + _SHORTEST_BODY + len(_TAIL):
        raise DecodeError(Reason.TRUNCATED, f"{len(frame)} bytes; a report has at least 23")
    body = frame[_BODY_AT : -len(_TAIL)]
    if not (frame.startswith(_HEADER) and frame.endswith(_TAIL) and _length(frame) == len(body)):
        raise DecodeError(Reason.SCHEMA, "header, length and tail do not enclose one body")
    type_, mark, state, *seen = _BODY.unpack_from(body)
    if type_ not in _TYPES or mark != _BODY_MARK or body[-2] != _BODY_END:
        raise DecodeError(Reason.SCHEMA, "the body is not a report")
    if state > _MOVING | _STILL:
        raise DecodeError(Reason.SCHEMA, f"state {state}: the radar is calibrating itself")
    return Report(bool(state & _MOVING), bool(state & _STILL), *seen)


class Framer:
    """Finds the frames in what a serial port delivers, in pieces of any size."""

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The frames that `piece` completes, header and tail included; the rest waits.

        Where a header is not followed by a frame it looks on one byte later, so that noise costs
        no more than the frames it hits.
        """
        self._waiting += piece
        while (at := self._waiting.find(_HEADER)) >= 0:
            self._waiting = self._waiting[at:]
            size = _frame_size(self._waiting)
            if size is not None and len(self._waiting) < size:
                return
            frame = self._waiting[:size]
            if size is not None and frame.endswith(_TAIL):
                self._waiting = self._waiting[size:]
                yield frame
            else:
                self._waiting = self._waiting[1:]
        self._waiting = self._waiting[1 - len(_HEADER) :]  # it may end in half a header


def _frame_size(frame: bytes) -> int | None:
    """The size of the frame that begins here, as far as it is known; None if none can."""
    if len(frame) < _BODY_AT:
        return _BODY_AT
    length = _length(frame)
    return _BODY_AT + length + len(_TAIL) if length <= _LONGEST_BODY else None


def _length(frame: bytes) -> int:
    length: int = _LENGTH.unpack_from(frame, len(_HEADER))[0]
    return length
