"""The people who come in, one after the other: through the door, to the cuff, to the meter."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Never, TypeVar

from contract.screening import GlucoseLimit, Meal
from edge_agent.devices.glucose_context import MealMarker
from simulators.glucose import draw_glucose, draw_meal, has_diabetes, shown_by_meter
from simulators.meter_habits import StripResult
from simulators.population import PERSON_TYPES, visit_shares

Result = TypeVar("Result")

_DOOR_OPEN_SECONDS = 3.0
_MARKERS: Mapping[Meal, MealMarker] = MappingProxyType(
    {
        Meal.CASUAL: MealMarker.CASUAL,
        Meal.POSTPRANDIAL_2H: MealMarker.AFTER_MEAL,
        Meal.FASTING: MealMarker.FASTING,
    }
)


async def visit(
    measure: Callable[[Result], None],
    results: Iterator[Result],
    *,
    mean_interval_seconds: float,
    rng: random.Random,
    counted: Callable[[Result], None],
) -> None:
    """Has each of `results` measured after a wait, and tells `counted`.

    A measurement itself takes half of the mean interval; the next person comes at random.
    """
    half = mean_interval_seconds / 2
    for result in results:
        await asyncio.sleep(half + rng.expovariate(1 / half))
        measure(result)
        counted(result)


async def pass_through(
    door: Callable[[bool], None], *, mean_interval_seconds: float, rng: random.Random
) -> Never:
    """Opens and closes a door for one person after another; `door` is told whether it is open."""
    door(False)
    while True:
        await asyncio.sleep(rng.expovariate(1 / mean_interval_seconds))
        door(True)
        await asyncio.sleep(min(_DOOR_OPEN_SECONDS, mean_interval_seconds / 2))
        door(False)


def blood_tests(rng: random.Random) -> Iterator[StripResult]:
    """What the strips of one visitor after another say, without end: see `simulators.glucose`."""
    while True:
        (kind,) = rng.choices(PERSON_TYPES, visit_shares(None))
        diabetic, meal = has_diabetes(rng, kind), draw_meal(rng)
        shown = shown_by_meter(rng, draw_glucose(rng, meal, diabetic=diabetic))
        if isinstance(shown, GlucoseLimit):
            yield StripResult(range_flag=shown, meal=_MARKERS[meal])
        else:
            yield StripResult(glucose_mmol_l=shown, meal=_MARKERS[meal])
