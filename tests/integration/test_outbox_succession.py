"""A damaged file, its successor, and what a kill leaves behind: at any step, and for how long."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.outbox import OutboxTooNew
from tests.integration.filled_outbox import filled, opened


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled file that was closed."""
    folder = tmp_path_factory.mktemp("closed")
    with filled(folder / "outbox.sqlite"):
        pass
    return folder


def damage_a_message(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"40 usage40 usage")] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("step", ["before", "between", "after"])
def test_a_power_cut_while_files_change_places_is_made_good(
    step: str, closed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "it" / "outbox.sqlite"
    shutil.copytree(closed, path.parent)
    damage_a_message(path)
    with opened(path):
        pass
    successor = path.with_name("outbox.sqlite.successor")
    (aside,) = path.parent.glob("*.damaged-*Z")
    path.rename(successor)
    if step == "before":
        aside.rename(path)
    elif step == "between":  # the log had not been moved yet
        path.with_name("outbox.sqlite-wal").write_bytes(b"an alien log")
    with opened(path, epoch=100) as again:
        assert again.epoch == (100 if step == "before" else 99)
        assert len(again.pending(1000)) == 54
    assert not successor.exists()
    if step == "between":
        assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"an alien log"


def test_damaged_files_are_wiped_after_their_days(closed: Path, tmp_path: Path) -> None:
    path = tmp_path / "it" / "outbox.sqlite"
    shutil.copytree(closed, path.parent)
    damage_a_message(path)
    now = datetime.now(UTC)
    with opened(path, now=now):
        pass
    with opened(path, now=now + timedelta(days=27)):
        pass
    assert len(list(path.parent.glob("*.damaged-*Z"))) == 1
    with opened(path, now=datetime(1970, 1, 1, tzinfo=UTC)):
        pass
    assert len(list(path.parent.glob("*.damaged-*Z"))) == 1
    with opened(path, now=now + timedelta(days=29)) as outbox:
        assert outbox.losses().damaged_files == 1
    assert list(path.parent.glob("*.damaged-*")) == []


def test_a_file_of_a_newer_program_is_refused_and_left_alone(closed: Path, tmp_path: Path) -> None:
    path = tmp_path / "it" / "outbox.sqlite"
    shutil.copytree(closed, path.parent)
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("PRAGMA user_version = 7")
        newer.execute("UPDATE outbox SET version = 7")
    before = path.read_bytes()
    with pytest.raises(OutboxTooNew, match="version 7"):
        opened(path)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*.damaged-*")) == []


_DIES_AFTER_STAGING = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from edge_agent.outbox import Outbox
from edge_agent.outbox.file import File
day, noon = date(2026, 2, 6), datetime(2026, 2, 6, 4, tzinfo=UTC)
outbox = Outbox(Path(sys.argv[1]), new_epoch=41, today=day)
outbox.journal("C0:FF:EE:00:00:01", "a cuff", "uuid", noon, b"exact-value")
File.empty_log = lambda self: os.kill(os.getpid(), signal.SIGKILL)
outbox.stage([("bp", day, "row")], rejects={}, used=[1])
"""


def test_a_kill_between_staging_and_wiping_leaves_nothing_for_longer_than_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "outbox.sqlite"
    died = subprocess.run([sys.executable, "-c", _DIES_AFTER_STAGING, str(path)], check=False)
    assert died.returncode == -9

    def found() -> bool:
        files = [file.read_bytes() for file in tmp_path.iterdir()]
        return any(needle in file for file in files for needle in (b"exact-value", b"C0:FF:EE"))

    assert found()
    with opened(path) as outbox:
        assert outbox.staged_counts() == {"bp": 1}
        assert not found()
