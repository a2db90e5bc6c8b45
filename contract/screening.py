"""Screening categories by published cut-offs: pure functions, never a diagnosis.

Blood pressure: China 2018 and 2024 (one table), AHA/ACC 2017 and 2025 (one table), ESC 2024.
Glucose: China (WHO 1999 lines), WHO 2006 and ADA for the fasting line.
Lower bounds are inclusive and the worse of the two pressures decides. A mean is never rounded
before it is classified: 139.5 mmHg is still below 140.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from contract.quantities import MG_DL_PER_MMOL_L


class Guideline(StrEnum):
    """A published set of cut-offs."""

    CN2024 = "CN2024"
    AHA2017 = "AHA2017"
    ESC2024 = "ESC2024"
    WHO2006 = "WHO2006"
    ADA = "ADA"


class Subtype(StrEnum):
    """A Chinese subtype that stands beside the grade: one pressure high, the other not."""

    ISOLATED_SYSTOLIC = "ISH"
    ISOLATED_DIASTOLIC = "IDH"


class Meal(StrEnum):
    """What is known about the meal before a glucose reading."""

    CASUAL = "casual"
    FASTING = "fasting"
    POSTPRANDIAL_2H = "postprandial_2h"
    PREPRANDIAL = "preprandial"
    BEDTIME = "bedtime"


class GlucoseLimit(StrEnum):
    """A meter's answer outside its own range: a category, never a number."""

    LO = "LO"
    HI = "HI"


CHINESE_CATEGORIES = ("normal", "high_normal", "grade1", "grade2", "grade3")
"""The Chinese blood-pressure categories from best to worst."""

HYPERTENSIVE = frozenset(CHINESE_CATEGORIES[2:])
"""The categories at or above 140/90 mmHg."""

# Guideline: names from best to worst, then the lower bounds of all but the first.
_BLOOD_PRESSURE: dict[Guideline, tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]] = {
    Guideline.CN2024: (CHINESE_CATEGORIES, (120, 140, 160, 180), (80, 90, 100, 110)),
    Guideline.ESC2024: (("non_elevated", "elevated", "hypertension"), (120, 140), (70, 90)),
    # "elevated" needs a diastolic under 80, so both of its diastolic bounds are 80.
    Guideline.AHA2017: (
        ("normal", "elevated", "stage1", "stage2"),
        (120, 130, 140),
        (80, 80, 90),
    ),
}

_FASTING_RAISED = {Guideline.CN2024: 6.1, Guideline.WHO2006: 6.1, Guideline.ADA: 5.6}


def classify_blood_pressure(
    systolic: float, diastolic: float, guideline: Guideline | str = Guideline.CN2024
) -> str:
    """The category of one session's pressures in mmHg, unrounded.

    Raises ValueError for a guideline that has no blood-pressure table.
    """
    table = _BLOOD_PRESSURE.get(Guideline(guideline))
    if table is None:
        raise ValueError(f"{guideline} has no blood-pressure categories")
    names, systolic_bounds, diastolic_bounds = table
    return names[max(_level(systolic, systolic_bounds), _level(diastolic, diastolic_bounds))]


def blood_pressure_subtype(systolic: float, diastolic: float) -> Subtype | None:
    """Isolated systolic (≥ 140 and < 90) or diastolic (< 140 and ≥ 90) hypertension, or None."""
    if systolic >= 140 and diastolic < 90:
        return Subtype.ISOLATED_SYSTOLIC
    if systolic < 140 and diastolic >= 90:
        return Subtype.ISOLATED_DIASTOLIC
    return None


def is_low_blood_pressure(systolic: float, diastolic: float) -> bool:
    """Conventional hypotension, < 90 or < 60 mmHg: a flag beside the category."""
    return systolic < 90 or diastolic < 60


def is_high_for_self_measurement(systolic: float, diastolic: float) -> bool:
    """At or above 135/85 mmHg, the Chinese home threshold: a second series, never mixed in."""
    return systolic >= 135 or diastolic >= 85


def is_severe_by_aha(systolic: float, diastolic: float) -> bool:
    """AHA's strict form, > 180 or > 120 mmHg: the one cut-off that bins cannot keep."""
    return systolic > 180 or diastolic > 120


def needs_urgent_advice(systolic: float, diastolic: float) -> bool:
    """At or above 180/110 mmHg, where the station's screen asks the person to rest and repeat."""
    return systolic >= 180 or diastolic >= 110


def mmol_l_from_mg_dl(mg_dl: float) -> float:
    """Glucose in mmol/L rounded half up to 0.1, as the guidelines' limits are.

    Without the rounding 126 mg/dL would be 6.994 mmol/L and miss the 7.0 line.
    """
    return glucose_tenths(mg_dl / MG_DL_PER_MMOL_L)


def classify_glucose(
    mmol_l: float | GlucoseLimit,
    meal: Meal | str = Meal.CASUAL,
    guideline: Guideline | str = Guideline.CN2024,
) -> str:
    """The category of a capillary glucose in mmol/L, or of a meter's LO or HI.

    Only a fasting value has a line at 6.1 (ADA 5.6) and 7.0; any other value is judged by
    3.0, 3.9, 7.8, 11.1 and 16.7 alone. Raises ValueError for a guideline without glucose lines.
    """
    raised = _FASTING_RAISED.get(Guideline(guideline))
    if raised is None:
        raise ValueError(f"{guideline} has no glucose categories")
    if isinstance(mmol_l, GlucoseLimit):
        return "very_low" if mmol_l is GlucoseLimit.LO else "very_high"
    fasting = Meal(meal) is Meal.FASTING
    bounds = (3.0, 3.9, raised, 7.0, 16.7) if fasting else (3.0, 3.9, 7.8, 11.1, 16.7)
    middle = "raised" if fasting else "raised_after_food"
    names = ("very_low", "low", "usual", middle, "high", "very_high")
    return names[_level(glucose_tenths(mmol_l), bounds)]


def glucose_tenths(mmol_l: float) -> float:
    """Glucose rounded half up to 0.1 mmol/L, as it must be before any comparison."""
    return float(Decimal(str(mmol_l)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _level(value: float, bounds: tuple[float, ...]) -> int:
    return sum(value >= bound for bound in bounds)
