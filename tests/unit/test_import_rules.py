"""The two sides of a station cannot name each other's things, and the rules for it can fail."""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
DEVICE_SIDE = "Privacy, device side: it cannot name what is published"
OUTBOUND_SIDE = "Privacy, outbound side: it cannot name a reading"

# Modules of neither side, and why that is right.
MEETING_PLACES = {
    "anonymise": "the one step between the sides",
    "desk": "takes a session to that step, and its row to the outbox",
    "held_frames": "gives journalled frames the station's time",
    "intake": "takes a frame, unread, from the radio to the journal",
    "life": "builds every part",
    "agent": "runs one life after another",
    "room": "occupancy, which is not personal",
    "room_sensors": "occupancy, which is not personal",
    "held_events": "occupancy, which is not personal",
    "occupancy": "occupancy, which is not personal",
    "timekeeping": "moves the clock, and has the intake try the disk again",
}
NEUTRAL = {
    "crash", "desired", "lock", "notify", "progress", "sensor_settings", "settings",
    "station_clock", "succession", "supervision", "synchronisation", "telemetry", "trial",
}  # fmt: skip


def contract_named(name: str) -> dict[str, Any]:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = rules["tool"]["importlinter"]["contracts"]
    (found,) = [contract for contract in contracts if contract["name"] == name]
    return dict(found)


def sources(name: str) -> set[str]:
    return {module.removeprefix("edge_agent.") for module in contract_named(name)["source_modules"]}


def kept(
    directory: Path, name: str, additions: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What the linter says of a copy of the packages, with lines added to some files."""
    for package in ("contract", "edge_agent"):
        shutil.copytree(ROOT / package, directory / package, ignore=shutil.ignore_patterns("__py*"))
    for file, line in additions.items():
        path = directory / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    rules = "\n".join(f"{key} = {json.dumps(value)}" for key, value in contract_named(name).items())
    (directory / "rules.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["contract", "edge_agent"]\n'
        f"include_external_packages = true\n[[tool.importlinter.contracts]]\n{rules}\n"
    )
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        (linter, "--no-cache", "--config", "rules.toml"),
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "file", "line"),
    [
        (DEVICE_SIDE, "edge_agent/radio/scanning.py", "from contract.status import Status"),
        (DEVICE_SIDE, "edge_agent/sessions.py", "from edge_agent.outbox import Outbox"),
        (DEVICE_SIDE, "edge_agent/telemetry.py", "from contract.usage import UsageBatch"),
        (OUTBOUND_SIDE, "edge_agent/publisher.py", "from edge_agent.reading import Reading"),
        (OUTBOUND_SIDE, "edge_agent/condition.py", "from edge_agent.radio import scanning"),
        (OUTBOUND_SIDE, "edge_agent/settings.py", "from edge_agent.devices import glucose"),
    ],
)
def test_a_wrong_import_is_caught_even_at_second_hand(
    rule: str, file: str, line: str, tmp_path: Path
) -> None:
    found = kept(tmp_path, rule, {file: line})
    assert found.returncode == 1, found.stdout
    assert f"{rule} BROKEN" in found.stdout
    assert line.split()[1] in found.stdout


@pytest.mark.parametrize("rule", [DEVICE_SIDE, OUTBOUND_SIDE])
def test_the_packages_as_they_are_keep_both_rules(rule: str, tmp_path: Path) -> None:
    found = kept(tmp_path, rule, {})
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{rule} KEPT" in found.stdout


def test_every_module_of_a_station_is_on_one_side_or_known_to_be_on_none() -> None:
    modules = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "edge_agent").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__"}
    sides = [sources(DEVICE_SIDE), sources(OUTBOUND_SIDE), set(MEETING_PLACES), NEUTRAL]
    assert modules <= set().union(*sides), "decide on which side a new module is"
    for place, side in enumerate(sides):
        assert not side & set().union(*sides[:place])


def test_each_side_is_forbidden_all_of_the_other() -> None:
    for one, other in ((DEVICE_SIDE, OUTBOUND_SIDE), (OUTBOUND_SIDE, DEVICE_SIDE)):
        forbidden = set(contract_named(one)["forbidden_modules"]) | {"edge_agent.frame"}
        assert {f"edge_agent.{module}" for module in sources(other)} <= forbidden
