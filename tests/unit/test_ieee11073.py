"""SFLOAT words with published values."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.devices.ieee11073 import SpecialValue, decode_sfloat, encode_sfloat

GOLDEN = Path(__file__).parent.parent / "golden" / "sfloat.json"
WORDS: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["words"]
SPECIAL = {
    "NaN": SpecialValue.NAN,
    "NRes": SpecialValue.NRES,
    "+INF": SpecialValue.POSITIVE_INFINITY,
    "-INF": SpecialValue.NEGATIVE_INFINITY,
}


@pytest.mark.parametrize("word", WORDS, ids=[f"{word['id']}-{word['hex']}" for word in WORDS])
def test_a_word_has_the_value_its_source_states(word: dict[str, Any]) -> None:
    sent = bytes.fromhex(word["hex"])
    raw = int.from_bytes(sent[::-1] if word["characteristic"].endswith("LE") else sent)
    said = word["expected"]["value"]
    assert decode_sfloat(raw) == SPECIAL.get(said, said)


def test_special_words_exist_with_exponent_zero_only() -> None:
    assert decode_sfloat(0x17FF) == 20470.0
    assert decode_sfloat(0x0801) is SpecialValue.RESERVED


def test_a_mantissa_with_exponent_minus_one_is_exact() -> None:
    assert decode_sfloat(0xF4F6) == 127.0


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2e11])
def test_what_the_format_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"finite|too large"):
        encode_sfloat(value)


def test_the_encoder_never_makes_a_special_word_of_a_number() -> None:
    assert decode_sfloat(encode_sfloat(2047.0)) == 2050.0
    assert encode_sfloat(SpecialValue.NAN) == 0x07FF
