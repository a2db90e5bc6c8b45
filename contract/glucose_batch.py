"""A batch of glucose sessions of one meal context: the only form in which one leaves a station."""

from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from contract.batch import MAX_ROWS, DatedBatch, GlucoseMeasure, bin_of
from contract.envelope import STRICT
from contract.quantities import GLUCOSE
from contract.screening import GlucoseLimit, Meal, classify_glucose, glucose_tenths

_MEALS: dict[GlucoseMeasure, Meal] = {
    "glu_casual": Meal.CASUAL,
    "glu_fasting": Meal.FASTING,
    "glu_postprandial_2h": Meal.POSTPRANDIAL_2H,
}
_MEASURES = {meal: measure for measure, meal in _MEALS.items()}
# There are only so many bins, and a city sends millions of rows.
_category = lru_cache(classify_glucose)


class GlucoseRow(BaseModel):
    """One session: category by the exact value and the meal, the value only as its bin."""

    model_config = STRICT

    c: Literal["very_low", "low", "usual", "raised", "raised_after_food", "high", "very_high"] = (
        Field(description="Category by the Chinese cut-offs for the batch's meal context.")
    )
    g: Annotated[float, bin_of(GLUCOSE)] = Field(
        description="Capillary glucose, mmol/L: left edge of its bin,"
        " 0 below 3.0 and for LO, 16.7 from 16.7 up and for HI."
    )
    single: bool = Field(default=False, description="The session held one reading only.")


class GlucoseBatch(DatedBatch):
    """Glucose sessions of one meal context: one batch of the screening stream."""

    measure: GlucoseMeasure
    rows: tuple[GlucoseRow, ...] = Field(min_length=1, max_length=MAX_ROWS)

    @model_validator(mode="after")
    def _categories_fit_bins(self) -> Self:
        meal = _MEALS[self.measure]
        if any(row.c != _category(row.g, meal) for row in self.rows):
            raise ValueError("a category contradicts its bin and the meal")
        return self


def glucose_measure(meal: Meal) -> GlucoseMeasure:
    """The measure that sessions of `meal` belong to; one before a meal or at bedtime is casual."""
    return _MEASURES.get(meal, "glu_casual")


def glucose_row(value: float | GlucoseLimit, meal: Meal, *, single: bool) -> GlucoseRow:
    """The row of one session from its exact value in mmol/L, or a meter's LO or HI."""
    return GlucoseRow.model_validate(
        {"c": classify_glucose(value, meal), "g": _bin(value), "single": single}
    )


def _bin(value: float | GlucoseLimit) -> float:
    if isinstance(value, GlucoseLimit):
        return 0.0 if value is GlucoseLimit.LO else GLUCOSE.edges[-1]
    # Rounded before it is binned, as it is before it is classified.
    return GLUCOSE.bin(glucose_tenths(value))
