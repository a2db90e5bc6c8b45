"""The benchmark of a living city runs from its first dial to its last account, at a tiny scale."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(directory: Path, *options: str) -> Mapping[str, float]:
    """The figures of a run, those that stand below another one with its name before them."""
    file, room = directory / "figures.json", directory / "room"
    room.mkdir()
    subprocess.run(
        (
            sys.executable, "-m", "benchmarks.fleet", "--quick", "--stations", "12",
            "--seconds", "2", "--rest", "0.5", "--spread", "1", "--patience", "60",
            "--directory", str(room), "--json", str(file), *options,
        ),
        check=True, stdout=subprocess.DEVNULL, cwd=ROOT, timeout=110,
    )  # fmt: skip
    assert not list(room.iterdir())  # what it wrote is gone again
    found: dict[str, float] = {}
    above = ""
    for one in json.loads(file.read_text())["figures"]:
        above = above if one["name"].startswith(" ") else one["name"]
        found[above if above == one["name"] else f"{above} / {one['name'].strip()}"] = one["value"]
    return found


@pytest.mark.parametrize("store", ["sqlite", "influx"])
def test_a_day_that_waited_is_drained_and_every_message_is_accounted_for(
    tmp_path: Path, store: str
) -> None:
    found = run(tmp_path, "--store", store, "--phase", "outage", "--phase", "hard")
    whole = f"{store}: a day's outage, as a station keeps it: drained in"
    single = f"{store}: a day's outage, one message a window: drained in"
    assert found[f"{whole} / messages that waited"] <= 12
    assert found[f"{single} / messages that waited"] > 300
    for one in (whole, single):
        assert 0 < found[one] < 60
        assert found[f"{one} / windows that waited"] > 300
        assert found[f"{one} / processor of broker"] >= 0
    assert found[f"{single} / messages that waited"] == found[f"{single} / windows that waited"]
    account = f"{store}: account: messages numbered by the stations"
    assert found[account] >= found[f"{single} / messages that waited"] + 10
    assert found[f"{account} / windows told"] > 2 * 300
    for lost in ("of them not stored", "of them not in the store", "stations whose ledgers differ"):
        assert found[f"{account} / {lost}"] == 0


def test_a_city_is_looked_at_live_and_comes_back_after_its_broker_was_killed(
    tmp_path: Path,
) -> None:
    found = run(tmp_path, "--store", "sqlite", "--phase", "live", "--phase", "restart")
    assert found["sqlite: connect all stations"] > 0
    assert 0 < found["sqlite: live: publish to stored and found, p50"] < 20
    assert found["sqlite: live: publish to stored and found, p99 / to its hour of usage, p99"] > 0
    for process in ("simulator", "broker", "ingest"):
        assert found[f"sqlite: live: memory of {process}"] > 1
        assert found[f"sqlite: live: memory of {process} / its processor time"] >= 0
    again = "sqlite: broker killed: all connected again"
    assert 0 <= found[again] <= found[f"{again} / and everything receipted"]
    account = "sqlite: account: messages numbered by the stations"
    assert found[f"{account} / of them not stored"] == 0


def test_more_stations_than_files_may_be_open_are_not_begun_with(tmp_path: Path) -> None:
    done = subprocess.run(
        (
            sys.executable, "-m", "benchmarks.fleet", "--stations", "10000000",
            "--directory", str(tmp_path),
        ),
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "open files" in done.stderr
