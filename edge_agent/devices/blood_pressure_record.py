"""Blood Pressure Record 0x2B36 of the Blood Pressure Service 1.1: one segment, decode and encode.

Layout (GATT Specification Supplement): a segmentation header, the record's sequence number, the
UUID of the characteristic that is carried, and a part of its value. Whether a CRC ends the last
segment is told by the Blood Pressure Feature alone, so it stays a part of the value here. No
retail cuff is known to send records, and the agent subscribes to none.
"""

from dataclasses import dataclass

from edge_agent.devices.fields import Fields

CHARACTERISTIC_UUID = "00002b36-0000-1000-8000-00805f9b34fb"

_FIRST, _LAST = 0x01, 0x02
_COUNTER_SHIFT = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stored record; `counter` runs from 0 to 63 and around."""

    is_first: bool
    is_last: bool
    counter: int
    sequence: int
    uuid: int
    value: bytes


def decode(frame: bytes) -> Segment:
    """The segment in one notification; raises DecodeError (TRUNCATED) if it is cut off."""
    fields = Fields(frame)
    header = fields.byte()
    return Segment(
        is_first=bool(header & _FIRST),
        is_last=bool(header & _LAST),
        counter=header >> _COUNTER_SHIFT,
        sequence=fields.word(),
        uuid=fields.word(),
        value=fields.rest(),
    )


def encode(segment: Segment) -> bytes:
    """The notification for `segment`."""
    header = segment.counter << _COUNTER_SHIFT | _LAST * segment.is_last | _FIRST * segment.is_first
    numbers = (
        header.to_bytes(1),
        *(n.to_bytes(2, "little") for n in (segment.sequence, segment.uuid)),
    )
    return b"".join(numbers) + segment.value
