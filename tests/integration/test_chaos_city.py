"""A short selection of `make chaos`: a platform whose processes die and whose roads are cut."""

from pathlib import Path

import pytest

from tests.chaos.platform_tests import run, trial

# A scene is a dozen processes: on a busy machine they take minutes to start and to settle.
pytestmark = pytest.mark.timeout(300)
_STATIONS = 6


def test_a_platform_whose_processes_are_killed_one_after_the_other_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    done = run(trial("city-kills"), tmp_path, rounds=3, seed=3, stations=_STATIONS)
    assert done.total() == 3
    assert all(what.startswith("kill ") for what in done)


def test_a_platform_whose_roads_are_proxies_that_lose_and_reset_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    done = run(trial("city-cuts"), tmp_path, rounds=2, seed=2, stations=_STATIONS, namespaces=False)
    assert done.total() == 2
    assert all(what.startswith("cut ") for what in done)
