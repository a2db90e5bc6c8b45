"""SFLOAT and FLOAT hold for every word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.ieee11073 import (
    SpecialValue,
    decode_float,
    decode_sfloat,
    encode_float,
    encode_sfloat,
)

words = st.integers(0, 0xFFFF)


@given(words)
def test_every_word_survives_a_round_trip(raw: int) -> None:
    value = decode_sfloat(raw)
    assert decode_sfloat(encode_sfloat(value)) == value


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_long_word_survives_a_round_trip(raw: int) -> None:
    value = decode_float(raw)
    assert decode_float(encode_float(value)) == value


@given(st.floats(-2e7, 2e7))
def test_a_number_is_rounded_to_what_a_word_can_hold(number: float) -> None:
    decoded = decode_sfloat(encode_sfloat(number))
    assert not isinstance(decoded, SpecialValue)
    assert decoded == pytest.approx(number, rel=0.003, abs=0.5e-8)
