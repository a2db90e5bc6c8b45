"""The number formats of IEEE 11073-20601, SFLOAT (16 bits) and FLOAT (32 bits): decode and encode.

Bluetooth calls them `medfloat16` and `medfloat32`. Both are a mantissa times ten to an exponent,
each in two's complement; decimal arithmetic keeps 0xF4F6 at exactly 127.0.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class SpecialValue(Enum):
    """The five words that are not numbers; they exist with exponent 0 only.

    The value is the word of the SFLOAT.
    """

    NAN = 0x07FF
    NRES = 0x0800
    POSITIVE_INFINITY = 0x07FE
    NEGATIVE_INFINITY = 0x0802
    RESERVED = 0x0801


@dataclass(frozen=True, slots=True)
class _Format:
    """A number of bits for the mantissa, the rest of the word for the exponent above it."""

    name: str
    mantissa_bits: int
    exponent_bits: int
    words: dict[SpecialValue, int]

    def decode(self, raw: int) -> float | SpecialValue:
        for special, word in self.words.items():
            if raw == word:
                return special
        mantissa = _signed(raw, bits=self.mantissa_bits)
        exponent = _signed(raw >> self.mantissa_bits, bits=self.exponent_bits)
        return float(Decimal(mantissa).scaleb(exponent))

    def encode(self, value: float | SpecialValue) -> int:
        if isinstance(value, SpecialValue):
            return self.words[value]
        number = Decimal(repr(value))
        if not number.is_finite():
            raise ValueError(f"not a finite number: {value}")
        limit = 1 << (self.exponent_bits - 1)
        for exponent in range(-limit, limit):
            mantissa = int(number.scaleb(-exponent).to_integral_value())
            if _signed(mantissa, bits=self.mantissa_bits) != mantissa:
                continue
            word = self._word(*_shortest(mantissa, exponent))
            if word not in self.words.values():
                return word
        raise ValueError(f"too large for {self.name}: {value}")

    def _word(self, mantissa: int, exponent: int) -> int:
        low = mantissa & (1 << self.mantissa_bits) - 1
        return (exponent & (1 << self.exponent_bits) - 1) << self.mantissa_bits | low


_SFLOAT = _Format("an SFLOAT", 12, 4, {special: special.value for special in SpecialValue})
_FLOAT = _Format(
    "a FLOAT",
    24,
    8,
    {
        SpecialValue.NAN: 0x007F_FFFF,
        SpecialValue.NRES: 0x0080_0000,
        SpecialValue.POSITIVE_INFINITY: 0x007F_FFFE,
        SpecialValue.NEGATIVE_INFINITY: 0x0080_0002,
        SpecialValue.RESERVED: 0x0080_0001,
    },
)


def decode_sfloat(raw: int) -> float | SpecialValue:
    """The value of a 16-bit word: mantissa in bits 0-11, exponent in bits 12-15."""
    return _SFLOAT.decode(raw)


def encode_sfloat(value: float | SpecialValue) -> int:
    """The 16-bit word with the shortest mantissa for `value`, rounded to what 12 bits can hold.

    Raises ValueError for a value outside the format, or one that is not finite.
    """
    return _SFLOAT.encode(value)


def decode_float(raw: int) -> float | SpecialValue:
    """The value of a 32-bit word: mantissa in bits 0-23, exponent in bits 24-31."""
    return _FLOAT.decode(raw)


def encode_float(value: float | SpecialValue) -> int:
    """The 32-bit word with the shortest mantissa for `value`, rounded to what 24 bits can hold.

    Raises ValueError for a value outside the format, or one that is not finite.
    """
    return _FLOAT.encode(value)


def number(value: float | SpecialValue) -> float | None:
    """The number, or None for a special value, where it makes no difference which."""
    return None if isinstance(value, SpecialValue) else value


def _shortest(mantissa: int, exponent: int) -> tuple[int, int]:
    if mantissa == 0:
        return 0, 0
    while mantissa % 10 == 0 and exponent < 0:
        mantissa //= 10
        exponent += 1
    return mantissa, exponent


def _signed(value: int, *, bits: int) -> int:
    """The low `bits` of `value` in two's complement."""
    sign = 1 << (bits - 1)
    return ((value + sign) & ((1 << bits) - 1)) - sign
