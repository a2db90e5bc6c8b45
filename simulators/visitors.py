"""The people who come in, one after the other: through the door, to the cuff, to the meter."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Never, TypeVar

from edge_agent.devices.glucose_context import MealMarker
from simulators.meter_habits import StripResult

Result = TypeVar("Result")

_DOOR_OPEN_SECONDS = 3.0
_DIABETIC_SHARE = 0.08
_MEALS = (MealMarker.CASUAL, MealMarker.AFTER_MEAL, MealMarker.FASTING)
_MEAL_SHARES = (0.75, 0.17, 0.08)
_LEAST_MMOL_L, _MOST_MMOL_L = 2.2, 35.0


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
    """What the strips of one visitor after another say, without end.

    Without diabetes close to the China Kadoorie Biobank (random plasma glucose 5.7 ± 1.1 mmol/L);
    the shares of diabetes and of meals, and the other spreads, are assumptions.
    """
    while True:
        (meal,) = rng.choices(_MEALS, _MEAL_SHARES)
        value = _diabetic(rng, meal) if rng.random() < _DIABETIC_SHARE else _healthy(rng, meal)
        shown = round(min(max(value, _LEAST_MMOL_L), _MOST_MMOL_L), 1)
        yield StripResult(glucose_mmol_l=shown, meal=meal)


def _healthy(rng: random.Random, meal: MealMarker) -> float:
    if meal is MealMarker.FASTING:
        return rng.gauss(5.25, 0.5)
    return (
        rng.gauss(6.6, 1.15) if meal is MealMarker.AFTER_MEAL else rng.lognormvariate(1.75, 0.165)
    )


def _diabetic(rng: random.Random, meal: MealMarker) -> float:
    shift = {MealMarker.FASTING: -0.8, MealMarker.AFTER_MEAL: 2.0}.get(meal, 0.0)
    return rng.lognormvariate(2.24, 0.38) + shift
