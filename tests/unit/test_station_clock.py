"""The station's line of time: unknown at first, told when it moves, deaf to a wrong clock."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.condition import Clock
from edge_agent.station_clock import (
    UNKNOWN_START,
    StationClock,
    starts_from_json,
    starts_to_json,
)
from tests.machine import NEVER_SET, Machine

NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
EIGHT_HOURS = timedelta(hours=8)


@pytest.fixture
def machine() -> Machine:
    return Machine(NOON)


def wait(machine: Machine, seconds: float = 1) -> None:
    machine.pass_time(timedelta(seconds=seconds))


def test_before_the_time_is_known_the_line_begins_in_1970() -> None:
    machine = Machine(NOON, source=Clock.WAITING)
    clock = machine.clock()
    assert clock.now() == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert (clock.trusted, clock.state, clock.started) == (False, Clock.WAITING, None)
    wait(machine)
    assert clock.look() is None
    assert clock.now() == clock.since_start() == datetime(1970, 1, 1, 0, 1, 1, tzinfo=UTC)


def test_when_the_time_becomes_known_its_shift_is_told_once() -> None:
    machine = Machine(NOON, source=Clock.WAITING)
    clock = machine.clock()
    before = clock.since_start()
    wait(machine)
    machine.source = Clock.SYNCHRONISED
    shift = clock.look()
    assert shift is not None
    assert before + shift == NOON == clock.at(before)
    assert (clock.now(), clock.trusted, clock.state) == (machine.real, True, Clock.SYNCHRONISED)
    wait(machine)
    assert clock.look() is None
    assert clock.now() == machine.real


@pytest.mark.parametrize("step", [EIGHT_HOURS, -EIGHT_HOURS, timedelta(seconds=-2.1)])
def test_a_step_of_a_clock_that_is_believed_is_followed_and_told(
    machine: Machine, step: timedelta
) -> None:
    clock = machine.clock()
    heard = clock.since_start()
    machine.shown += step
    wait(machine)
    assert clock.now() == machine.real, "not before somebody has looked"
    assert clock.look() == step
    assert clock.now() == machine.shown
    assert clock.at(heard) == NOON + step
    assert clock.since_start() - heard == timedelta(seconds=1)


def test_a_small_difference_is_followed_without_a_word_and_never_backwards(
    machine: Machine,
) -> None:
    clock = machine.clock()
    machine.shown += timedelta(seconds=1.9)
    assert clock.look() is None
    ahead = clock.now()
    assert ahead == NOON + timedelta(seconds=1.9)
    machine.shown -= timedelta(seconds=1.9)
    assert clock.look() is None
    assert clock.now() == ahead, "it stands still"
    wait(machine, 3)
    assert clock.now() == machine.real


@pytest.mark.parametrize("shown", [NEVER_SET, NOON + EIGHT_HOURS])
def test_a_clock_that_is_set_while_nobody_vouches_for_it_is_ignored(
    machine: Machine, shown: datetime
) -> None:
    clock = machine.clock()
    machine.source = Clock.WAITING
    machine.shown = shown
    wait(machine, 3600)
    assert clock.look() is None
    assert clock.now() == machine.real
    assert (clock.trusted, clock.state) == (True, Clock.KEPT)
    machine.synchronise()
    assert clock.look() is None
    assert clock.state is Clock.SYNCHRONISED


def test_a_clock_that_shows_a_time_before_stations_existed_is_not_believed_by_anybody() -> None:
    machine = Machine(NOON, source=Clock.KEPT)
    machine.shown = NEVER_SET
    clock = machine.clock()
    assert (clock.trusted, clock.state) == (False, Clock.WAITING)
    machine.shown = NOON
    assert clock.look() is not None
    machine.shown = NEVER_SET
    assert clock.look() is None
    assert (clock.now(), clock.state) == (NOON, Clock.KEPT)


def test_an_agent_that_is_started_again_knows_what_the_one_before_found_out(
    machine: Machine,
) -> None:
    started = machine.clock().started
    assert started == NOON - timedelta(minutes=1)
    machine.source = Clock.WAITING
    machine.shown = NEVER_SET
    wait(machine, 7200)
    clock = machine.clock()
    clock.resume(started)
    assert (clock.now(), clock.trusted, clock.state) == (machine.real, True, Clock.KEPT)
    clock.resume(started + EIGHT_HOURS)
    assert clock.now() == machine.real, "what it has found out itself counts"


def test_a_machine_put_to_sleep_between_two_readings_is_not_a_step() -> None:
    uptimes = iter([100.0, 100.0 + 3600, 3700.0, 3701.0, 3701.0, 3701.0])
    clock = StationClock(lambda: NOON, lambda: next(uptimes), lambda: Clock.KEPT, "boot")
    assert clock.look() is None
    assert not clock.trusted
    next(uptimes)
    assert clock.look() == NOON - timedelta(seconds=3701) - UNKNOWN_START


def test_starts_are_the_same_after_they_were_on_disk() -> None:
    starts = {"a": NOON, "b": NOON + timedelta(microseconds=7)}
    assert starts_from_json(starts_to_json(starts)) == starts
    assert starts_from_json(None) == {}
