"""A frame: the bytes of one Bluetooth notification as they arrived, not yet looked at."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Frame:
    """One journalled notification or indication, and all that is needed to understand it later.

    `model` is the title of the device's row in the table of models, `characteristic` the full
    UUID that the bytes came from. `received_at` counts from 1970 since the start of the machine
    that `boot` names; without one it is the real time.
    """

    number: int
    device: str
    model: str
    characteristic: str
    received_at: datetime
    data: bytes
    boot: str = ""
