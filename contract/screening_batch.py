"""A batch of blood-pressure sessions: the only form in which one leaves a station."""

from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from contract.batch import MAX_ROWS as MAX_ROWS
from contract.batch import DatedBatch, bin_of
from contract.envelope import STRICT
from contract.quantities import DIASTOLIC, PULSE, SYSTOLIC
from contract.screening import (
    Subtype,
    blood_pressure_subtype,
    classify_blood_pressure,
)

# There are only so many pairs of bins, and a city sends millions of rows.
_category = lru_cache(classify_blood_pressure)


class BloodPressureRow(BaseModel):
    """One session: category and subtype by exact values, the values only as left edges of bins."""

    model_config = STRICT

    c: Literal["normal", "high_normal", "grade1", "grade2", "grade3"] = Field(
        description="Category by the Chinese cut-offs, from the exact session value."
    )
    sub: Subtype | None = Field(default=None, description="ISH or IDH.")
    s: Annotated[int, bin_of(SYSTOLIC)] = Field(
        description="Systolic, mm[Hg]: left edge of its bin, 0 below 90, 180 from 180 up."
    )
    d: Annotated[int, bin_of(DIASTOLIC)] = Field(
        description="Diastolic, mm[Hg]: left edge of its bin, 0 below 60, 110 from 110 up."
    )
    p: Annotated[int, bin_of(PULSE)] | None = Field(
        default=None, description="Pulse, /min: left edge of its bin; absent if not measured."
    )
    single: bool = Field(default=False, description="The session held one reading only.")

    @model_validator(mode="after")
    def _category_fits_bins(self) -> Self:
        if self.c != _category(self.s, self.d):
            raise ValueError("the category contradicts the bins")
        return self


class ScreeningBatch(DatedBatch):
    """Blood-pressure sessions: one batch of the screening stream."""

    measure: Literal["bp"] = "bp"
    rows: tuple[BloodPressureRow, ...] = Field(min_length=1, max_length=MAX_ROWS)


def blood_pressure_row(
    systolic: float, diastolic: float, pulse: float | None, *, single: bool
) -> BloodPressureRow:
    """The row of one session from its exact values in mmHg and /min."""
    return BloodPressureRow.model_validate(
        {
            "c": classify_blood_pressure(systolic, diastolic),
            "sub": blood_pressure_subtype(systolic, diastolic),
            "s": SYSTOLIC.bin(systolic),
            "d": DIASTOLIC.bin(diastolic),
            "p": None if pulse is None else PULSE.bin(pulse),
            "single": single,
        }
    )
