"""A frame: the bytes of one Bluetooth indication as they arrived, not yet looked at."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Frame:
    """One journalled indication: which device sent it, when it came, and its bytes."""

    number: int
    device: str
    received_at: datetime
    data: bytes
