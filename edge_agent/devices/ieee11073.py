"""The 16-bit SFLOAT of IEEE 11073-20601, Bluetooth's `medfloat16`: decode and encode."""

from decimal import Decimal
from enum import IntEnum

_SMALLEST_EXPONENT, _LARGEST_EXPONENT = -8, 7
_LARGEST_MANTISSA = 2045  # 2046 and 2047 with exponent 0 are special values


class SpecialValue(IntEnum):
    """The five words that are not numbers; they exist with exponent 0 only."""

    NAN = 0x07FF
    NRES = 0x0800
    POSITIVE_INFINITY = 0x07FE
    NEGATIVE_INFINITY = 0x0802
    RESERVED = 0x0801


_SPECIAL_WORDS = frozenset(SpecialValue)


def decode_sfloat(raw: int) -> float | SpecialValue:
    """The value of a 16-bit word: mantissa (bits 0-11) times ten to the exponent (bits 12-15).

    Both parts are two's complement. Decimal arithmetic keeps 0xF4F6 at exactly 127.0.
    """
    if raw in _SPECIAL_WORDS:
        return SpecialValue(raw)
    mantissa = _signed(raw & 0x0FFF, bits=12)
    exponent = _signed(raw >> 12, bits=4)
    return float(Decimal(mantissa).scaleb(exponent))


def encode_sfloat(value: float | SpecialValue) -> int:
    """The word with the shortest mantissa for `value`, rounded to what 12 bits can hold.

    Raises ValueError for a value outside the format, or one that is not finite.
    """
    if isinstance(value, SpecialValue):
        return int(value)
    number = Decimal(repr(value))
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value}")
    for exponent in range(_SMALLEST_EXPONENT, _LARGEST_EXPONENT + 1):
        mantissa = int(number.scaleb(-exponent).to_integral_value())
        if abs(mantissa) <= _LARGEST_MANTISSA:
            mantissa, exponent = _shortest(mantissa, exponent)
            return (exponent & 0xF) << 12 | mantissa & 0x0FFF
    raise ValueError(f"too large for an SFLOAT: {value}")


def _shortest(mantissa: int, exponent: int) -> tuple[int, int]:
    if mantissa == 0:
        return 0, 0
    while mantissa % 10 == 0 and exponent < 0:
        mantissa //= 10
        exponent += 1
    return mantissa, exponent


def _signed(value: int, *, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
