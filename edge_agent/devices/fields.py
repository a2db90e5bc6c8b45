"""The fields of a frame, taken one after the other, and the numbers in them that have names."""

from enum import IntEnum
from typing import Literal, TypeVar

from contract.errors import DecodeError, Reason
from edge_agent.devices.ieee11073 import SpecialValue, decode_sfloat

Named = TypeVar("Named", bound=IntEnum)
ByteOrder = Literal["little", "big"]


def named(names: type[Named], value: int) -> Named | int:
    """The member of `names` for `value`, or `value` itself where the standard has no name yet."""
    try:
        return names(value)
    except ValueError:
        return value


class Fields:
    """What is left of a frame; every method raises DecodeError (TRUNCATED) if it is too short."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._offset = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self._offset + size
        if end > len(self._frame):
            raise DecodeError(
                Reason.TRUNCATED, f"{end} bytes or more are promised, got {len(self._frame)}"
            )
        field = self._frame[self._offset : end]
        self._offset = end
        return field

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def word(self, order: ByteOrder = "little") -> int:
        """The next two bytes as an unsigned number."""
        return int.from_bytes(self.take(2), order)

    def double_word(self) -> int:
        """The next four bytes as an unsigned number."""
        return int.from_bytes(self.take(4), "little")

    def rest(self) -> bytes:
        """Everything that is left, which may be nothing."""
        return self.take(len(self._frame) - self._offset)

    def signed_word(self) -> int:
        """The next two bytes as a signed number."""
        return int.from_bytes(self.take(2), "little", signed=True)

    def sfloat(self, order: ByteOrder = "little") -> float | SpecialValue:
        """The next two bytes as an SFLOAT."""
        return decode_sfloat(self.word(order))
