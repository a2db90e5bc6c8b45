"""Two agents on one file: the second is told who was first, and a kill leaves no lock behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_agent import lock

_HOLD = """
import sys
from pathlib import Path
from edge_agent import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holding(outbox: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(outbox)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_agent_is_told_which_process_was_first(tmp_path: Path) -> None:
    settings = tmp_path / "station.toml"
    settings.write_text(
        '[station]\nid = "A"\n[mqtt]\nhost = "127.0.0.1"\n'
        '[radio]\ndevices = ["C0:FF:EE:00:00:01"]\n'
        f'[outbox]\npath = "{tmp_path}/outbox.sqlite"\n'
    )
    with another_process_holding(tmp_path / "outbox.sqlite") as first:
        second = subprocess.run(
            [sys.executable, "-m", "health_kiosk", "edge", "--config", str(settings)],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert second.returncode == 2
    assert f"another agent (process {first.pid}) works on" in second.stderr
    assert not (tmp_path / "outbox.sqlite").exists()


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    assert (lock.is_held(outbox), lock.holder(outbox)) == (False, None)
    with another_process_holding(outbox) as other:
        assert (lock.is_held(outbox), lock.holder(outbox)) == (True, other.pid)
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert (lock.is_held(outbox), lock.holder(outbox)) == (False, None)
    with lock.held(outbox):
        assert lock.holder(outbox) == os.getpid()


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(lock.Locked, match=r"cannot use .*/nowhere .*No such file"):  # noqa: SIM117
        with lock.held(tmp_path / "nowhere" / "outbox.sqlite"):
            pass
