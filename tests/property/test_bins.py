"""Bins keep what the guidelines need and nothing finer."""

from hypothesis import given
from hypothesis import strategies as st

from contract import screening
from contract.glucose_batch import GlucoseBatch, glucose_measure, glucose_row
from contract.quantities import DIASTOLIC, GLUCOSE, PULSE, SYSTOLIC
from contract.screening import GlucoseLimit, Guideline, Meal
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


glucoses = st.floats(0.6, 33.3) | st.integers(6, 333).map(lambda tenths: tenths / 10)


@given(glucoses, st.sampled_from(Meal), st.sampled_from(["CN2024", "WHO2006", "ADA"]))
def test_a_binned_glucose_keeps_its_category(value: float, meal: Meal, guideline: str) -> None:
    row = glucose_row(value, meal, single=True)
    exact = screening.classify_glucose(value, meal, Guideline(guideline))
    assert screening.classify_glucose(row.g, meal, Guideline(guideline)) == exact


@given(glucoses | st.sampled_from(GlucoseLimit), st.sampled_from(Meal))
def test_every_glucose_session_makes_a_row_that_its_batch_takes(
    value: float | GlucoseLimit, meal: Meal
) -> None:
    row = glucose_row(value, meal, single=False)
    assert row.g in GLUCOSE.bins
    batch = GlucoseBatch.model_validate(
        {
            "station": "S1", "epoch": 1, "seq": 1, "from": "2026-02-02", "to": "2026-02-02",
            "measure": glucose_measure(meal), "rows": [row],
        }
    )  # fmt: skip
    assert GlucoseBatch.model_validate_json(batch.model_dump_json(by_alias=True)) == batch


def test_a_glucose_on_a_cut_off_is_in_the_bin_above_it() -> None:
    assert [GLUCOSE.bin(edge) for edge in GLUCOSE.edges] == list(GLUCOSE.edges)
    assert glucose_row(6.95, Meal.FASTING, single=True).g == 7.0
    assert glucose_row(6.94, Meal.FASTING, single=True).g == 6.1
    widths = [high - low for low, high in zip(GLUCOSE.edges, GLUCOSE.edges[1:], strict=False)]
    assert 0.45 < min(widths) < max(widths) < 2


def test_tails_cannot_be_told_apart() -> None:
    assert {SYSTOLIC.bin(value) for value in (180, 199, 240, 280)} == {180}
    assert {SYSTOLIC.bin(value) for value in (60, 75, 89.9)} == {0}
    assert {DIASTOLIC.bin(value) for value in (110, 140)} == {110}
    assert {PULSE.bin(value) for value in (30, 49)} == {0}
    assert {PULSE.bin(value) for value in (120, 200)} == {120}
    lowest = (0.6, 2.9, GlucoseLimit.LO)
    assert {glucose_row(value, Meal.CASUAL, single=True).g for value in lowest} == {0}
    highest = (16.7, 33.3, GlucoseLimit.HI)
    assert {glucose_row(value, Meal.CASUAL, single=True).g for value in highest} == {16.7}
