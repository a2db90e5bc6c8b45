"""A batch of screening sessions: the only form in which a health result leaves a station."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contract.disclosure import Band
from contract.envelope import STRICT, Envelope
from contract.errors import Reason
from contract.quantities import DIASTOLIC, PULSE, SYSTOLIC, Quantity
from contract.screening import (
    Subtype,
    blood_pressure_subtype,
    classify_blood_pressure,
)

MAX_ROWS = 256
"""The most sessions that one message may carry."""


def _bin_of(quantity: Quantity) -> AfterValidator:
    def check(value: int) -> int:
        if value not in quantity.bins:
            raise ValueError(f"{value} is not the left edge of a {quantity.name} bin")
        return value

    return AfterValidator(check)


class BloodPressureRow(BaseModel):
    """One session: category and subtype by exact values, the values only as left edges of bins."""

    model_config = STRICT

    c: Literal["normal", "high_normal", "grade1", "grade2", "grade3"] = Field(
        description="Category by the Chinese cut-offs, from the exact session value."
    )
    sub: Subtype | None = Field(default=None, description="ISH or IDH.")
    s: Annotated[int, _bin_of(SYSTOLIC)] = Field(
        description="Systolic, mm[Hg]: left edge of its bin, 0 below 90, 180 from 180 up."
    )
    d: Annotated[int, _bin_of(DIASTOLIC)] = Field(
        description="Diastolic, mm[Hg]: left edge of its bin, 0 below 60, 110 from 110 up."
    )
    p: Annotated[int, _bin_of(PULSE)] | None = Field(
        default=None, description="Pulse, /min: left edge of its bin; absent if not measured."
    )
    single: bool = Field(default=False, description="The session held one reading only.")

    @model_validator(mode="after")
    def _category_fits_bins(self) -> Self:
        if self.c != classify_blood_pressure(self.s, self.d):
            raise ValueError(f"category {self.c} contradicts the bins {self.s}/{self.d}")
        return self


class ScreeningBatch(Envelope):
    """Shuffled sessions of one measure, dated by their first and last day and no finer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    measure: Literal["bp"] = "bp"
    from_: date = Field(alias="from", description="Local day of the earliest session.")
    to: date = Field(description="Local day of the latest session; decides the window.")
    rows: tuple[BloodPressureRow, ...] = Field(min_length=1, max_length=MAX_ROWS)
    rejects: dict[Reason, Band] = Field(
        default_factory=dict, description="Readings refused at the station since the last batch."
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.from_ > self.to:
            raise ValueError("`from` is later than `to`")
        return self


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
