"""What every batch of screening sessions has in common, whatever was measured."""

from datetime import date
from typing import Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from contract.disclosure import Band
from contract.envelope import STRICT, Envelope
from contract.errors import Reason
from contract.quantities import Quantity

GlucoseMeasure = Literal["glu_casual", "glu_fasting", "glu_postprandial_2h"]
Measure = Literal["bp"] | GlucoseMeasure
"""What a batch holds: one measure, because different measures are never mixed."""

MEASURES: tuple[Measure, ...] = ("bp", "glu_casual", "glu_fasting", "glu_postprandial_2h")
"""Every measure, in the order in which batches leave a station."""

MAX_ROWS = 256
"""The most sessions that one message may carry."""


class DatedBatch(Envelope):
    """Shuffled sessions of one measure, dated by their first and last day and no finer."""

    model_config = ConfigDict(**STRICT, populate_by_name=True)

    from_: date = Field(alias="from", description="Local day of the earliest session.")
    to: date = Field(description="Local day of the latest session; decides the window.")
    rejects: dict[Reason, Band] = Field(
        default_factory=dict,
        description="Readings of any measure refused at the station since its last batch.",
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.from_ > self.to:
            raise ValueError("`from` is later than `to`")
        return self


def bin_of(quantity: Quantity) -> AfterValidator:
    """Accepts the left edges of the bins of `quantity`, exactly, and nothing between them."""

    bins = quantity.bins

    def check(value: float) -> float:
        if value not in bins:
            raise ValueError(f"not the left edge of a {quantity.name} bin")
        return value

    return AfterValidator(check)
