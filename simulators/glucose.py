"""What capillary glucose the simulated visitors have, and what a meter makes of it.

Values without diabetes are close to the China Kadoorie Biobank (random plasma glucose 5.7 ± 1.1
mmol/L), those with it lie below its known cases (11.8 ± 5.7), for most do not know of theirs
(JAMA 2021: 12.4 % of adults, 36.7 % of them aware). The shares of meals, the other spreads and a
meter's error, which is ISO 15197's limit divided by 2.4, are assumptions.
"""

import math
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from contract.screening import GlucoseLimit, Meal
from simulators.device_faults import USUAL_FAULTS, DeviceFaults, limit_by_fault
from simulators.population import PersonType

DIABETES, NO_DIABETES = "diabetes", "no_diabetes"
"""What a person truly has, as the truth names it."""

MEAL_SHARES: Mapping[Meal, float] = MappingProxyType(
    {Meal.CASUAL: 0.75, Meal.POSTPRANDIAL_2H: 0.17, Meal.FASTING: 0.08}
)
"""How often each meal context is told. The hour of the day says nothing about it."""

METER_RANGE = (1.1, 33.3)
"""What a common meter shows as a number, mmol/L: LO below, HI above."""

_LIVING = (2.2, 35.0)  # who is outside does not walk into a station
_MEALS, _MEAL_WEIGHTS = tuple(MEAL_SHARES), tuple(MEAL_SHARES.values())
_HEALTHY = (math.log(5.75), 0.165)
_DIABETIC = (math.log(9.4), 0.38)
_DIABETIC_SHIFT = {Meal.FASTING: -0.8, Meal.POSTPRANDIAL_2H: 2.0}
_RELATIVE_ERROR_FROM = 5.55


def has_diabetes(rng: Random, kind: PersonType) -> bool:
    """Whether a visitor of a type has diabetes."""
    return rng.random() < kind.diabetes


def draw_meal(rng: Random) -> Meal:
    """What a visitor says of the last meal."""
    return rng.choices(_MEALS, _MEAL_WEIGHTS)[0]


def draw_glucose(rng: Random, meal: Meal, *, diabetic: bool) -> float:
    """The true capillary glucose of a visitor in mmol/L, between 2.2 and 35."""
    if diabetic:
        value = rng.lognormvariate(*_DIABETIC) + _DIABETIC_SHIFT.get(meal, 0.0)
    elif meal is Meal.FASTING:
        value = rng.gauss(5.25, 0.5)
    elif meal is Meal.POSTPRANDIAL_2H:
        value = rng.gauss(6.6, 1.15)
    else:
        value = rng.lognormvariate(*_HEALTHY)
    return min(max(value, _LIVING[0]), _LIVING[1])


def shown_by_meter(
    rng: Random, value: float, faults: DeviceFaults = USUAL_FAULTS
) -> float | GlucoseLimit:
    """What a meter shows for a true value: mmol/L in tenths, LO or HI.

    Its error has an SD of 0.35 mmol/L below 5.55 and of 6 % from there on.
    """
    if failed := limit_by_fault(rng, faults):
        return failed
    spread = 0.35 if value < _RELATIVE_ERROR_FROM else 0.06 * value
    shown = round(rng.gauss(value, spread), 1)
    if shown < METER_RANGE[0]:
        return GlucoseLimit.LO
    return GlucoseLimit.HI if shown > METER_RANGE[1] else shown
