"""Pauses double and differ, and a rate is never exceeded."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.pacing import Backoff, Pacer


def test_pauses_lie_between_the_first_and_the_longest_and_their_upper_end_doubles() -> None:
    seeds = range(500)
    rounds = [[], [], [], [], [], []]  # type: list[list[float]]
    for seed in seeds:
        backoff = Backoff(1, 60, Random(seed))
        for pauses in rounds:
            pauses.append(backoff.next())
    assert min(min(pauses) for pauses in rounds) >= 1
    for pauses, longest in zip(rounds, (3, 6, 12, 24, 48, 60), strict=True):
        assert longest * 0.95 < max(pauses) <= longest


def test_a_thousand_stations_do_not_come_back_in_the_same_second() -> None:
    first = [Backoff(1, 60, Random(seed)).next() for seed in range(1000)]
    fullest = max(sum(1 for pause in first if at <= pause < at + 0.1) for at in (1, 1.5, 2, 2.5))
    assert fullest < 100


def test_a_reset_makes_the_next_pause_short() -> None:
    backoff = Backoff(1, 1000, Random(3))
    for _ in range(12):
        backoff.next()
    assert backoff.is_raised
    backoff.reset()
    assert not backoff.is_raised
    assert backoff.next() <= 3


def test_a_pause_never_exceeds_the_longest_even_if_the_first_would() -> None:
    assert Backoff(10, 2, Random(1)).next() == 2


def test_a_thousand_failures_do_not_overflow() -> None:
    backoff = Backoff(1, 60, Random(1))
    assert all(1 <= backoff.next() <= 60 for _ in range(2000))


@given(
    rate=st.floats(0.5, 5000),
    looks=st.lists(st.floats(0.0001, 3), min_size=5, max_size=200),
    seed=st.integers(0, 1000),
)
def test_in_no_stretch_of_time_do_more_leave_than_the_rate_allows(
    rate: float, looks: list[float], seed: int
) -> None:
    pacer = Pacer(rate, Random(seed))
    now, left = 100.0, []
    pacer.start(now)
    for wait in looks:
        now += wait
        if count := pacer.allowed(now):
            pacer.went(count, now)
        left.append((now, count))
    for place, (begin, _) in enumerate(left):
        total = 0
        for moment, count in left[place:]:
            total += count
            assert total <= rate * (moment - begin + 0.1) * 1.0001 + 1


def test_nothing_leaves_before_the_start_and_the_time_left_is_told() -> None:
    pacer = Pacer(5, Random(1))
    pacer.start(10.0)
    assert pacer.allowed(9.9) == 0
    assert pacer.seconds_left(9.0) == pytest.approx(1.0)
    assert pacer.allowed(10.0) == 1


def test_the_gaps_are_not_regular() -> None:
    pacer = Pacer(1, Random(1))
    gaps = set()
    now = 0.0
    for _ in range(10):
        pacer.went(1, now)
        gaps.add(round(pacer.seconds_left(now), 3))
        now += pacer.seconds_left(now)
    assert len(gaps) == 10
    assert all(1 <= gap <= 1.5 for gap in gaps)
