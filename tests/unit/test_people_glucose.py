"""The glucose of the simulated visitors, and what meters show, fit the table they were made for."""

from collections import Counter
from functools import cache
from statistics import fmean, pstdev, quantiles

import pytest

from contract.screening import GlucoseLimit, Meal
from simulators.device_faults import NO_FAULTS, USUAL_FAULTS
from simulators.glucose import (
    MEAL_SHARES,
    METER_RANGE,
    draw_glucose,
    draw_meal,
    has_diabetes,
    shown_by_meter,
)
from simulators.population import PERSON_TYPES, PersonType, seeded

TESTS = 60_000
DIABETIC = 0.08

# By context, at 8 % diabetes: mean and SD; P5, P50, P95; percent below 3.0 and 3.9, and from 6.1,
# 7.0, 7.8, 11.1 and 16.7 up.
TABLE = {
    Meal.CASUAL: ((6.2, 1.9), (4.3, 5.8, 8.9), (0.04, 1.5), (42, 19, 9.5, 2.7, 0.5)),
    Meal.FASTING: ((5.6, 1.7), (4.2, 5.3, 7.5), (0.09, 1.3), (15, 5.8, 4.8, 2.2, 0.4)),
    Meal.POSTPRANDIAL_2H: ((7.0, 2.2), (4.7, 6.7, 10.5), (0.1, 1.0), (70, 43, 23, 4.4, 1.0)),
}


@cache
def shown(meal: Meal) -> tuple[float, ...]:
    rng = seeded(31, meal)
    values = [
        shown_by_meter(
            rng, draw_glucose(rng, meal, diabetic=rng.random() < DIABETIC), NO_FAULTS
        )
        for _ in range(TESTS)
    ]  # fmt: skip
    return tuple(value for value in values if not isinstance(value, GlucoseLimit))


@pytest.mark.parametrize("meal", TABLE)
def test_what_meters_show_has_the_calibrated_mean_spread_and_percentiles(meal: Meal) -> None:
    (mean, spread), percentiles, _, _ = TABLE[meal]
    assert fmean(shown(meal)) == pytest.approx(mean, abs=0.08)
    assert pstdev(shown(meal)) == pytest.approx(spread, abs=0.08)
    twentieths = quantiles(shown(meal), n=20)
    assert (twentieths[0], twentieths[9]) == pytest.approx(percentiles[:2], abs=0.11)
    assert twentieths[18] == pytest.approx(percentiles[2], abs=0.25)  # few values are so high


@pytest.mark.parametrize("meal", TABLE)
def test_as_many_values_lie_beyond_each_cut_off_as_calibrated(meal: Meal) -> None:
    _, _, below, above = TABLE[meal]
    values = shown(meal)
    for limit, percent in zip((3.0, 3.9), below, strict=True):
        share = 100 * sum(value < limit for value in values) / len(values)
        assert share == pytest.approx(percent, abs=max(0.06, percent / 7))
    for limit, percent in zip((6.1, 7.0, 7.8, 11.1, 16.7), above, strict=True):
        share = 100 * sum(value >= limit for value in values) / len(values)
        assert share == pytest.approx(percent, abs=max(0.12, percent / 15))


def test_the_contexts_have_their_shares() -> None:
    rng = seeded(32)
    drawn = Counter(draw_meal(rng) for _ in range(20_000))
    assert {meal: round(count / 20_000, 2) for meal, count in drawn.items()} == pytest.approx(
        dict(MEAL_SHARES), abs=0.011
    )
    assert dict(MEAL_SHARES) == {
        Meal.CASUAL: 0.75,
        Meal.POSTPRANDIAL_2H: 0.17,
        Meal.FASTING: 0.08,
    }


@pytest.mark.parametrize(
    ("kind", "share"), list(zip(PERSON_TYPES, (0.05, 0.06, 0.14, 0.10, 0.18), strict=True))
)
def test_each_type_of_visitor_has_diabetes_as_often_as_assumed(
    kind: PersonType, share: float
) -> None:
    rng = seeded(33, kind.code)
    assert fmean(has_diabetes(rng, kind) for _ in range(20_000)) == pytest.approx(share, abs=0.008)


@pytest.mark.parametrize(("value", "spread"), [(3.0, 0.35), (5.5, 0.35), (8.0, 0.48), (20, 1.2)])
def test_a_meter_errs_as_much_as_a_good_one_may(value: float, spread: float) -> None:
    rng = seeded(34)
    values = [shown_by_meter(rng, value, NO_FAULTS) for _ in range(8_000)]
    numbers = [one for one in values if not isinstance(one, GlucoseLimit)]
    assert len(numbers) == 8_000
    assert fmean(numbers) == pytest.approx(value, abs=0.05)
    assert pstdev(numbers) == pytest.approx(spread, rel=0.04)
    allowed = 0.83 if value < 5.55 else 0.15 * value  # ISO 15197:2013 wants 95 % of results
    assert sum(abs(one - value) <= allowed + 0.05 for one in numbers) / 8_000 >= 0.95


def test_outside_a_meters_range_there_is_no_number() -> None:
    rng = seeded(35)
    low = {shown_by_meter(rng, 0.5, NO_FAULTS) for _ in range(400)}
    assert GlucoseLimit.LO in low
    high = {shown_by_meter(rng, 35.0, NO_FAULTS) for _ in range(400)}
    assert GlucoseLimit.HI in high
    numbers = [one for one in low | high if not isinstance(one, GlucoseLimit)]
    assert all(METER_RANGE[0] <= one <= METER_RANGE[1] for one in numbers)


def test_a_failing_meter_says_lo_or_hi_whatever_the_value() -> None:
    rng = seeded(36)
    answers = Counter(
        answer
        for _ in range(150_000)
        if isinstance(answer := shown_by_meter(rng, 6.0, USUAL_FAULTS), GlucoseLimit)
    )
    assert answers[GlucoseLimit.LO] == pytest.approx(30, abs=15)
    assert answers[GlucoseLimit.HI] == pytest.approx(15, abs=11)
