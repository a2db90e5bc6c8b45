"""The parts in which sessions of a measure are counted, as ranges on one ordered scale. Pure.

Every session stands on one step of its measure's scale. A part is a range of steps, so that all
that can be reckoned from several parts is a sum or a difference of ranges (`closure`).

Extremes are steps of their own that no ordinary part has an edge at: blood pressure ≥ 180/110 is in
`grade2_or_higher`, glucose < 3.0 (or LO) in `low_or_lower`, ≥ 16.7 (or HI) in `high_or_higher`.
So no difference of ordinary cells can tell them apart; they are released for the city only.
"""

from dataclasses import dataclass
from functools import cached_property

from contract.screening import is_high_for_self_measurement

HIGH = "high"
"""Blood pressure at or above 140/90 mmHg."""

HIGH_AT_HOME = "high_home"
"""Blood pressure at or above 135/85 mmHg: the second series, never mixed with the first."""

SINGLE = "single"
"""Sessions of one reading: counted beside the parts of every measure."""

LATE = "late"
"""Sessions that came after the week of their day was released: counted beside the parts too."""


@dataclass(frozen=True, slots=True)
class Part:
    """The steps from `first` up to, not including, `end`."""

    name: str
    first: int
    end: int


@dataclass(frozen=True)
class Scale:
    """One measure's scale.

    `parts` stand from the most to the least useful: if one must go, the last goes first. `lines`
    gives for each quantity the value at which step 1, 2, … begins.
    """

    measure: str
    steps: tuple[str, ...]
    parts: tuple[Part, ...]
    lines: dict[str, tuple[float, ...]]

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """The edges of all parts, with both ends of the scale."""
        edges = {0, len(self.steps)}
        return tuple(sorted(edges.union(*({part.first, part.end} for part in self.parts))))


_PRESSURE_STEPS = ("normal", "high_normal", "high_normal_home", "grade1", "grade2", "grade3")
_PRESSURE_LINES: dict[str, tuple[float, ...]] = {
    "systolic": (120, 135, 140, 160, 180),
    "diastolic": (80, 85, 90, 100, 110),
}
_PRESSURE = Scale(
    "bp",
    _PRESSURE_STEPS,
    (
        Part(HIGH, 3, 6),
        Part("normal", 0, 1),
        Part("high_normal", 1, 3),
        Part("grade1", 3, 4),
        Part(HIGH_AT_HOME, 2, 6),
        Part("grade2_or_higher", 4, 6),
    ),
    _PRESSURE_LINES,
)


def _glucose(measure: str, middle: str, raised: float, high: float) -> Scale:
    return Scale(
        measure,
        ("very_low", "low", "usual", middle, "high", "very_high"),
        (
            Part("high_or_higher", 4, 6),
            Part("usual", 2, 3),
            Part(middle, 3, 4),
            Part("low_or_lower", 0, 2),
        ),
        {"glucose": (3.0, 3.9, raised, high, 16.7)},
    )


SCALES: dict[str, Scale] = {
    scale.measure: scale
    for scale in (
        _PRESSURE,
        _glucose("glu_casual", "raised_after_food", 7.8, 11.1),
        _glucose("glu_fasting", "raised", 6.1, 7.0),
        _glucose("glu_postprandial_2h", "raised_after_food", 7.8, 11.1),
    )
}
"""What is released of each measure in ordinary windows."""

EXTREMES: dict[str, Scale] = {
    "bp": Scale("bp", _PRESSURE_STEPS, (Part("grade3", 5, 6),), {}),
    **{
        name: Scale(name, scale.steps, (Part("very_high", 5, 6), Part("very_low", 0, 1)), {})
        for name, scale in SCALES.items()
        if name != "bp"
    },
}
"""What is released of each measure for the city in the long windows of extremes."""


def is_extreme(measure: str, part: str) -> bool:
    """Whether `part` is released in the windows of extremes only."""
    return any(extreme.name == part for extreme in EXTREMES[measure].parts)


def step_of(
    measure: str, category: str, systolic: int | None = None, diastolic: int | None = None
) -> int:
    """The step of a session by its category and, for blood pressure, the left edges of its bins.

    Raises KeyError for an unknown measure, ValueError for a category that it has not.
    """
    if category == "high_normal" and systolic is not None and diastolic is not None:
        return 2 if is_high_for_self_measurement(systolic, diastolic) else 1
    return SCALES[measure].steps.index(category)
