"""The cut-offs of the guidelines, on and around every boundary."""

import csv
from pathlib import Path

import pytest

from contract import screening
from contract.screening import GlucoseLimit, Guideline, Meal

TABLE = Path(__file__).parent.parent / "golden" / "blood_pressure_categories.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def _pressures(row: dict[str, str]) -> tuple[float, float]:
    systolic, _, diastolic = row["pressures"].partition("/")
    return float(systolic), float(diastolic)


@pytest.mark.parametrize("row", ROWS, ids=[row["pressures"] for row in ROWS])
def test_a_pressure_gets_the_category_of_each_guideline(row: dict[str, str]) -> None:
    pressures = _pressures(row)
    assert screening.classify_blood_pressure(*pressures) == row["cn2024"]
    assert screening.classify_blood_pressure(*pressures, Guideline.AHA2017) == row["aha2017"]
    assert screening.classify_blood_pressure(*pressures, "ESC2024") == row["esc2024"]


@pytest.mark.parametrize("row", ROWS, ids=[row["pressures"] for row in ROWS])
def test_the_flags_beside_the_category_follow_their_own_lines(row: dict[str, str]) -> None:
    pressures = _pressures(row)
    assert (screening.blood_pressure_subtype(*pressures) or "") == row["subtype"]
    assert screening.is_severe_by_aha(*pressures) is (row["severe"] == "yes")
    assert screening.is_low_blood_pressure(*pressures) is (row["low"] == "yes")
    high = screening.is_high_for_self_measurement(*pressures)
    assert high is (row["self_measurement"] == "yes")


@pytest.mark.parametrize(
    ("pressures", "urgent"),
    [((179, 109), False), ((180, 85), True), ((179, 110), True), ((181, 120), True)],
)
def test_urgent_advice_starts_at_180_or_110(pressures: tuple[float, float], urgent: bool) -> None:
    assert screening.needs_urgent_advice(*pressures) is urgent


@pytest.mark.parametrize(
    ("mg_dl", "meal", "mmol_l", "category"),
    [
        (126, Meal.FASTING, 7.0, "high"),
        (125, Meal.FASTING, 6.9, "raised"),
        (110, Meal.FASTING, 6.1, "raised"),
        (109, Meal.FASTING, 6.1, "raised"),
        (100, Meal.FASTING, 5.6, "usual"),
        (200, Meal.CASUAL, 11.1, "high"),
        (199, Meal.CASUAL, 11.0, "raised_after_food"),
        (70, Meal.CASUAL, 3.9, "usual"),
        (69, Meal.BEDTIME, 3.8, "low"),
        (54, Meal.FASTING, 3.0, "low"),
        (53, Meal.PREPRANDIAL, 2.9, "very_low"),
        (300, Meal.POSTPRANDIAL_2H, 16.7, "very_high"),
    ],
)
def test_glucose_is_rounded_to_a_tenth_before_it_is_judged(
    mg_dl: float, meal: Meal, mmol_l: float, category: str
) -> None:
    assert screening.mmol_l_from_mg_dl(mg_dl) == mmol_l
    assert screening.classify_glucose(mg_dl / 18.0156, meal) == category


def test_a_casual_glucose_is_not_tested_against_the_fasting_lines() -> None:
    assert screening.classify_glucose(7.4) == "usual"
    assert screening.classify_glucose(7.4, Meal.FASTING) == "high"


def test_lo_and_hi_are_categories_without_a_number() -> None:
    assert screening.classify_glucose(GlucoseLimit.LO) == "very_low"
    assert screening.classify_glucose(GlucoseLimit.HI, Meal.FASTING) == "very_high"


def test_ada_draws_the_fasting_line_at_5_6() -> None:
    assert screening.classify_glucose(5.6, Meal.FASTING, Guideline.ADA) == "raised"
    assert screening.classify_glucose(5.6, Meal.FASTING, Guideline.WHO2006) == "usual"


def test_a_guideline_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no blood-pressure categories"):
        screening.classify_blood_pressure(120, 80, Guideline.ADA)
    with pytest.raises(ValueError, match="no glucose categories"):
        screening.classify_glucose(5.0, Meal.CASUAL, Guideline.ESC2024)
