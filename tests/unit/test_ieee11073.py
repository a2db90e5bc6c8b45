"""SFLOAT and FLOAT words with published values."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from edge_agent.devices.ieee11073 import (
    SpecialValue,
    decode_float,
    decode_sfloat,
    encode_float,
    encode_sfloat,
    number,
)

GOLDEN = Path(__file__).parent.parent / "golden"


def _words(file: str) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = json.loads((GOLDEN / file).read_text(encoding="utf-8"))["words"]
    return words


WORDS = _words("sfloat.json")
LONG_WORDS = _words("float.json")
SPECIAL = {
    "NaN": SpecialValue.NAN,
    "NRes": SpecialValue.NRES,
    "+INF": SpecialValue.POSITIVE_INFINITY,
    "-INF": SpecialValue.NEGATIVE_INFINITY,
    "RFU": SpecialValue.RESERVED,
}


def _raw(word: dict[str, Any]) -> int:
    order: Literal["little", "big"] = "little" if word["characteristic"].endswith("LE") else "big"
    return int.from_bytes(bytes.fromhex(word["hex"]), order)


def _ids(words: list[dict[str, Any]]) -> list[str]:
    return [f"{word['id']}-{word['hex']}" for word in words]


def test_the_golden_files_are_not_empty() -> None:
    assert (len(WORDS), len(LONG_WORDS)) == (27, 15)


@pytest.mark.parametrize("word", WORDS, ids=_ids(WORDS))
def test_a_word_has_the_value_its_source_states(word: dict[str, Any]) -> None:
    said = word["expected"]["value"]
    assert decode_sfloat(_raw(word)) == SPECIAL.get(said, said)


@pytest.mark.parametrize("word", LONG_WORDS, ids=_ids(LONG_WORDS))
def test_a_long_word_has_the_value_its_source_states(word: dict[str, Any]) -> None:
    said = word["expected"]["value"]
    assert decode_float(_raw(word)) == SPECIAL.get(said, said)


def test_special_words_exist_with_exponent_zero_only() -> None:
    assert decode_sfloat(0x17FF) == 20470.0
    assert decode_sfloat(0x0801) is SpecialValue.RESERVED
    assert decode_float(0x017F_FFFF) == 83886070.0


def test_a_mantissa_with_exponent_minus_one_is_exact() -> None:
    assert decode_sfloat(0xF4F6) == 127.0


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2e11])
def test_what_the_format_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"finite|too large for an SFLOAT"):
        encode_sfloat(value)


def test_a_number_beyond_a_long_word_is_refused() -> None:
    with pytest.raises(ValueError, match="too large for a FLOAT"):
        encode_float(1e134)


def test_the_encoder_never_makes_a_special_word_of_a_number() -> None:
    assert decode_sfloat(encode_sfloat(2047.0)) == 2050.0
    assert encode_sfloat(SpecialValue.NAN) == 0x07FF


@pytest.mark.parametrize("special", SpecialValue)
def test_a_special_value_survives_both_formats(special: SpecialValue) -> None:
    assert decode_sfloat(encode_sfloat(special)) is special
    assert decode_float(encode_float(special)) is special
    assert number(special) is None


@pytest.mark.parametrize("exponent", [exponent for exponent in range(-8, 8) if exponent])
@pytest.mark.parametrize("mantissa", [2045, 2046, 2047, -2045, -2046, -2047, -2048])
def test_a_mantissa_at_the_edge_is_exact_beside_any_exponent_but_zero(
    mantissa: int, exponent: int
) -> None:
    value = float(f"{mantissa}e{exponent}")
    assert decode_sfloat((exponent & 0xF) << 12 | mantissa & 0xFFF) == value
    assert decode_sfloat(encode_sfloat(value)) == value


@pytest.mark.parametrize("value", [36.4, -36.4, 8388605.0, 8388607e1, -8388608e-3, 1e-20, 0.0])
def test_a_long_word_keeps_seven_digits(value: float) -> None:
    assert decode_float(encode_float(value)) == value


def test_the_encoder_takes_the_shortest_mantissa() -> None:
    assert encode_sfloat(120.0) == 0x0078
    assert encode_float(36.4) == 0xFF00_016C
