"""The measured quantities: UCUM unit, plausible range, and the bins in which a value may travel."""

from bisect import bisect_right
from dataclasses import dataclass

MMHG_PER_KPA = 7.50062
"""Millimetres of mercury in one kilopascal."""

MG_DL_PER_MMOL_L = 18.0156
"""Milligrams of glucose per decilitre in one millimole per litre (molar mass 180.156 g/mol)."""


@dataclass(frozen=True, slots=True)
class Range:
    """A closed interval in the unit of its quantity."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measured quantity.

    `plausible` is what a living person can show: outside it a reading is a device error.
    `edges` are the left edges of left-closed bins. Values under the first edge share the bin 0,
    values from the last edge up share the last bin, so rare values cannot be told apart.
    """

    name: str
    unit: str
    plausible: Range
    edges: tuple[float, ...]

    def bin(self, value: float) -> float:
        """The left edge of the bin that holds `value`: 0 for the low tail."""
        index = bisect_right(self.edges, value)
        return self.edges[index - 1] if index else 0

    @property
    def bins(self) -> frozenset[float]:
        """Every value that `bin` can return."""
        return frozenset((0, *self.edges))


# All cut-offs of the guidelines in `contract.screening` are multiples of five inside these edges,
# so a binned value never changes its category (tests/property/test_bins.py).
SYSTOLIC = Quantity("systolic", "mm[Hg]", Range(60, 280), tuple(range(90, 181, 5)))
DIASTOLIC = Quantity("diastolic", "mm[Hg]", Range(30, 180), tuple(range(60, 111, 5)))
PULSE = Quantity("pulse", "/min", Range(30, 220), tuple(range(50, 121, 10)))

# Every cut-off for glucose is an edge, for any meal and guideline; the others fill the gaps.
GLUCOSE = Quantity(
    "glucose",
    "mmol/L",
    Range(0.6, 33.3),
    (3.0, 3.9, 4.7, 5.6, 6.1, 7.0, 7.8, 8.9, 10.0, 11.1, 12.5, 13.9, 15.3, 16.7),
)

PULSE_PRESSURE = Range(10, 150)
"""Systolic minus diastolic in mmHg: outside it the pair is a device error."""
