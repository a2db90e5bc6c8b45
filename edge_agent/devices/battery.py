"""Battery Level 0x2A19 of the Battery Service 0x180F: decode and encode.

Read it after the data: some cuffs hold their transfer back when it is read first.
"""

from contract.errors import DecodeError, Reason
from edge_agent.devices.fields import Fields

SERVICE_UUID = "0000180f-0000-1000-8000-00805f9b34fb"
LEVEL_UUID = "00002a19-0000-1000-8000-00805f9b34fb"


def decode(value: bytes) -> int:
    """The charge in percent; raises DecodeError (TRUNCATED, or OUT_OF_RANGE above 100)."""
    percent = Fields(value).byte()
    if percent > 100:
        raise DecodeError(Reason.OUT_OF_RANGE, "more than full")
    return percent


def encode(percent: int) -> bytes:
    """The value of 0x2A19 for a charge in percent."""
    return bytes((percent,))
