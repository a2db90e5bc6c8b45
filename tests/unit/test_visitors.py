"""The simulated blood tests are the same for the same seed and fit the figures they aim at."""

from itertools import islice
from random import Random
from statistics import mean, stdev

from edge_agent.devices.glucose_context import MealMarker
from simulators.meter_habits import StripResult
from simulators.visitors import blood_tests


def drawn(seed: int, count: int) -> list[StripResult]:
    return list(islice(blood_tests(Random(seed)), count))


def test_the_same_seed_gives_the_same_blood_tests() -> None:
    assert drawn(1, 50) == drawn(1, 50)
    assert drawn(1, 50) != drawn(2, 50)


def test_casual_values_have_the_mean_and_spread_of_a_survey() -> None:
    values = [
        strip.glucose_mmol_l or 0 for strip in drawn(1, 20_000) if strip.meal is MealMarker.CASUAL
    ]
    assert 0.74 < len(values) / 20_000 < 0.76
    assert 6.1 < mean(values) < 6.3
    assert 1.7 < stdev(values) < 2.1
    assert 1.1 <= min(value for value in values if value) < 4
    assert 15 < max(values) <= 33.3


def test_a_meal_raises_the_value_above_a_fasting_one() -> None:
    by_meal = {
        meal: mean(s.glucose_mmol_l or 0 for s in drawn(2, 20_000) if s.meal is meal)
        for meal in (MealMarker.FASTING, MealMarker.CASUAL, MealMarker.AFTER_MEAL)
    }
    assert list(by_meal) == sorted(by_meal, key=lambda meal: by_meal[meal])
