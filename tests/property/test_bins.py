"""Bins keep what the guidelines need and nothing finer."""

from hypothesis import given
from hypothesis import strategies as st

from contract import screening
from contract.quantities import DIASTOLIC, PULSE, SYSTOLIC
from contract.screening import Guideline
from contract.screening_batch import blood_pressure_row

systolics = st.floats(60, 280)
diastolics = st.floats(30, 180)


@given(systolics, diastolics, st.sampled_from(["CN2024", "AHA2017", "ESC2024"]))
def test_a_binned_pressure_keeps_its_category(
    systolic: float, diastolic: float, guideline: str
) -> None:
    exact = screening.classify_blood_pressure(systolic, diastolic, Guideline(guideline))
    binned = screening.classify_blood_pressure(
        SYSTOLIC.bin(systolic), DIASTOLIC.bin(diastolic), Guideline(guideline)
    )
    assert binned == exact


@given(systolics, diastolics)
def test_a_binned_pressure_keeps_its_flags(systolic: float, diastolic: float) -> None:
    binned = (SYSTOLIC.bin(systolic), DIASTOLIC.bin(diastolic))
    for flag in (
        screening.is_high_for_self_measurement,
        screening.is_low_blood_pressure,
        screening.needs_urgent_advice,
    ):
        assert flag(*binned) is flag(systolic, diastolic)


@given(systolics, diastolics, st.none() | st.floats(30, 220))
def test_a_row_holds_edges_only(systolic: float, diastolic: float, pulse: float | None) -> None:
    row = blood_pressure_row(systolic, diastolic, pulse, single=True)
    assert (row.s % 5, row.d % 5) == (0, 0)
    assert row.s in SYSTOLIC.bins
    assert row.d in DIASTOLIC.bins
    assert row.p is None or (row.p % 10 == 0 and row.p in PULSE.bins)


def test_tails_cannot_be_told_apart() -> None:
    assert {SYSTOLIC.bin(value) for value in (180, 199, 240, 280)} == {180}
    assert {SYSTOLIC.bin(value) for value in (60, 75, 89.9)} == {0}
    assert {DIASTOLIC.bin(value) for value in (110, 140)} == {110}
    assert {PULSE.bin(value) for value in (30, 49)} == {0}
    assert {PULSE.bin(value) for value in (120, 200)} == {120}
