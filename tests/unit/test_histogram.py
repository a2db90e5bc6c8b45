"""Quantiles of waiting times, against an exact list of all times."""

import math
import sys

import pytest

from simulators.histogram import Histogram
from simulators.population import seeded


def exact(times: list[float], share: float) -> float:
    return sorted(times)[max(1, math.ceil(share * len(times))) - 1]


@pytest.mark.parametrize("middle", [0.002, 0.3, 40.0])
def test_a_quantile_is_within_three_percent_of_the_exact_one(middle: float) -> None:
    rng = seeded(1, "times")
    times = [middle * rng.lognormvariate(0, 1) for _ in range(5000)]
    histogram = Histogram()
    for time in times:
        histogram.add(time)
    for share in (0.01, 0.5, 0.9, 0.99, 0.999):
        assert histogram.quantile(share) == pytest.approx(exact(times, share), rel=0.03, abs=0.0005)
    assert histogram.quantile(1.0) == pytest.approx(max(times), rel=0.03)
    assert (histogram.count, histogram.longest) == (5000, max(times))


def test_one_time_is_every_quantile() -> None:
    histogram = Histogram()
    histogram.add(1.25)
    for share in (0.0, 0.5, 1.0):
        assert histogram.quantile(share) == pytest.approx(1.25, rel=0.03)


def test_nothing_has_no_quantile_and_a_cleared_one_begins_anew() -> None:
    histogram = Histogram()
    assert histogram.quantile(0.5) is None
    histogram.add(3.0)
    histogram.clear()
    assert (histogram.quantile(0.5), histogram.count, histogram.longest) == (None, 0, 0.0)


def test_a_day_of_waiting_and_none_at_all_are_counted_without_taking_more_memory() -> None:
    histogram = Histogram()
    size = sys.getsizeof(histogram._counts)
    for time in (0.0, -0.001, 1e-9, 86_400.0, 1e9):
        histogram.add(time)
    assert histogram.count == 5
    assert histogram.quantile(0.5) == pytest.approx(0.0005, rel=0.05)
    assert histogram.quantile(0.8) == pytest.approx(86_400, rel=0.03)
    assert sys.getsizeof(histogram._counts) == size
