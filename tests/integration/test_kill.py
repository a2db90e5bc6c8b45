"""Killed at any moment, the station delivers everything that it accepted, and all of it once."""

from pathlib import Path

from tests.chaos.kills import (
    MOVES,
    PHASES,
    kill_at_every_call,
    kill_the_broker,
    kill_the_station,
)


def test_a_station_killed_25_times_delivers_everything_accepted_exactly_once(
    tmp_path: Path,
) -> None:
    deaths = kill_the_station(tmp_path, rounds=25, seed=1)
    assert deaths.total() == 25
    assert set(deaths) >= set(PHASES)


def test_a_kill_before_any_single_call_to_sqlite_loses_and_doubles_nothing(tmp_path: Path) -> None:
    deaths = kill_at_every_call(tmp_path, seed=1)
    assert {deaths[phase] for phase in MOVES} == {10}


def test_a_broker_that_is_killed_and_forgets_everything_costs_nothing(tmp_path: Path) -> None:
    kill_the_broker(tmp_path, rounds=5, seed=2)
