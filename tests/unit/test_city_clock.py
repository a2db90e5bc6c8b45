"""The clock of a simulated city, on a real clock that the test turns by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from simulators.city import BEIJING_TIME
from simulators.city_clock import CityClock

START = datetime(2026, 3, 2, 8, 0, tzinfo=BEIJING_TIME)


class Hand:
    """Real seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_simulated_time_runs_at_its_speed_from_its_start() -> None:
    real = Hand()
    clock = CityClock(START, 600, real)
    assert clock.now() == START
    real.seconds += 2.5
    assert clock.now() == START + timedelta(minutes=25)
    assert clock.seconds(900) == 1.5


def test_a_held_clock_stands_still_and_goes_on_from_there() -> None:
    real = Hand()
    clock = CityClock(START, 60, real)
    real.seconds += 10
    clock.hold()
    assert clock.is_held
    real.seconds += 100
    clock.hold()  # again: nothing happens
    assert clock.now() == START + timedelta(minutes=10)
    clock.go_on()
    real.seconds += 1
    clock.go_on()  # again: nothing happens
    assert not clock.is_held
    assert clock.now() == START + timedelta(minutes=11)


def test_another_speed_holds_from_now_on_and_also_while_the_clock_is_held() -> None:
    real = Hand()
    clock = CityClock(START, 60, real)
    real.seconds += 10
    clock.run_at(1)
    real.seconds += 60
    assert clock.now() == START + timedelta(minutes=11)
    clock.hold()
    clock.run_at(3600)
    real.seconds += 60
    assert clock.now() == START + timedelta(minutes=11)
    clock.go_on()
    real.seconds += 1
    assert clock.now() == START + timedelta(minutes=71)


def test_a_clock_comes_to_a_moment_and_no_further() -> None:
    real = Hand()
    clock = CityClock(START, 600, real)
    clock.stop_at(START + timedelta(hours=1))
    real.seconds += 5
    assert clock.now() == START + timedelta(minutes=50)
    real.seconds += 5
    assert clock.now() == START + timedelta(hours=1)
    clock.hold()
    clock.stop_at(None)
    real.seconds += 100
    clock.go_on()
    real.seconds += 3
    assert clock.now() == START + timedelta(minutes=90)


def test_the_time_is_told_in_beijing_whatever_the_zone_of_the_start() -> None:
    clock = CityClock(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), 1, Hand())
    assert clock.now().isoformat() == "2026-03-02T04:00:00+08:00"


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="cannot run at"):
        CityClock(START, speed)
    clock = CityClock(START, 1, Hand())
    with pytest.raises(ValueError, match="cannot run at"):
        clock.run_at(speed)
    assert clock.speed == 1


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CityClock(START.replace(tzinfo=None), 1)
