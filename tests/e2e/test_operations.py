"""What somebody at a station types: the doctor and the status, beside an agent and without one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent import lock
from edge_agent.outbox import Outbox
from health_kiosk.ports import free_port

ADDRESS = "C0:FF:EE:00:00:01"
PASSKEY = 271_828


def run(*arguments: str, directory: Path, language: str = "C") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "health_kiosk", *arguments, "--config", f"{directory}/station.toml"],
        capture_output=True, text=True, timeout=60, check=False,
        env={
            **os.environ,
            "LC_ALL": language,
            "PYTHONUTF8": "1",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/no-bus",
        },
    )  # fmt: skip


def station(directory: Path) -> Path:
    """Settings for a station with a cuff whose broker is away; returns the path of its outbox."""
    home = directory / "state"
    home.mkdir(mode=0o750)
    outbox = home / "outbox.sqlite"
    settings = directory / "station.toml"
    settings.write_text(
        f'[station]\nid = "BJ-DC-001"\n[mqtt]\nhost = "127.0.0.1"\nport = {free_port()}\n'
        f'[radio]\ndevices = ["{ADDRESS}"]\npasskeys = {{"{ADDRESS}" = {PASSKEY}}}\n'
        f'[outbox]\npath = "{outbox}"\n'
    )
    settings.chmod(0o640)
    return outbox


@contextmanager
def filled(path: Path) -> Iterator[Outbox]:
    with Outbox(path, new_epoch=77, today=datetime.now(UTC).date()) as outbox:
        outbox.stage(
            [("blood_pressure", datetime.now(UTC).date(), "{}")], rejects={}, used=(), memories={}
        )
        outbox.note("desired", json.dumps({"passkey": PASSKEY}))
        outbox.note("configuration", json.dumps({"revision": "r7", "outcome": "applied"}))
        yield outbox


def test_the_doctor_has_one_line_for_each_check_and_fails_for_what_is_broken(
    tmp_path: Path,
) -> None:
    station(tmp_path)
    done = run("doctor", directory=tmp_path)
    *lines, summary = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.split()[0] for line in lines if " Bluetooth " in line] == ["FAIL"]
    assert [line.split()[0] for line in lines if " broker port " in line] == ["FAIL"]
    assert [line.split()[0] for line in lines if " settings " in line] == ["ok"]
    assert summary.startswith(f"{len(lines)} checked, ")
    assert summary.endswith(", 2 broken")


def test_the_doctor_speaks_chinese_and_json(tmp_path: Path) -> None:
    station(tmp_path)
    assert "时区" in run("doctor", directory=tmp_path, language="zh_CN.UTF-8").stdout
    told = run("doctor", "--json", "--lang", "zh", directory=tmp_path)
    checks: list[dict[str, Any]] = json.loads(told.stdout)["checks"]
    signs = {one["check"]: one["sign"] for one in checks}
    assert (told.returncode, signs["bluetooth"], signs["outbox"]) == (1, "fail", "ok")
    assert all(one["remedy"] for one in checks if one["sign"] in ("warn", "fail"))


def test_settings_that_cannot_be_used_are_another_exit_code(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("[station]\n")
    done = run("doctor", directory=tmp_path)
    assert done.returncode == 2
    assert "station.id" in done.stderr


def test_the_status_tells_the_ledger_and_no_secret_and_no_count_of_people(tmp_path: Path) -> None:
    path = station(tmp_path)
    with filled(path), lock.held(path):
        done = run("edge", "status", "--json", directory=tmp_path)
        people = run("edge", "status", directory=tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, people.returncode) == (0, 0)
    assert told["agent"] == {"runs": True, "process": os.getpid()}
    assert told["ledger"] == {"epoch": 77, "numbered": 0, "pending": 0, "dropped": 0, "settled": 0}
    assert told["backlog"] == {"messages": 0, "windows": 0, "oldest_hours": None}
    assert told["staged"] == {"blood_pressure": "too few"}
    assert told["configuration"] == {"revision": "r7", "outcome": "applied"}
    assert "desired   revision r7: applied" in people.stdout.splitlines()
    for secret in (str(PASSKEY), ADDRESS):
        assert secret not in done.stdout + people.stdout


def test_a_status_changes_nothing_at_a_station_that_sleeps(tmp_path: Path) -> None:
    path = station(tmp_path)
    with filled(path):
        pass
    before = path.read_bytes()
    done = run("edge", "status", directory=tmp_path)
    assert "agent     does not run" in done.stdout.splitlines()
    assert path.read_bytes() == before


def test_a_status_without_a_readable_file_is_one_sentence(tmp_path: Path) -> None:
    path = station(tmp_path)
    missing = run("edge", "status", directory=tmp_path)
    path.write_bytes(b"not a database" * 1000)
    damaged = run("edge", "status", directory=tmp_path)
    assert (missing.returncode, damaged.returncode) == (2, 2)
    assert missing.stderr == f"health-kiosk: there is no file at {path}\n"
    assert damaged.stderr.count("\n") == 1


def test_the_agent_itself_still_wants_its_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "health_kiosk", "edge"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "required: --config" in done.stderr
