"""A station's file with something of everything in it, to be damaged."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from contract.errors import Reason
from edge_agent.outbox import Outbox

TODAY = date(2026, 2, 6)
NOON = datetime(2026, 2, 6, 4, tzinfo=UTC)


def opened(path: Path, epoch: int = 99, now: datetime = NOON) -> Outbox:
    return Outbox(path, new_epoch=epoch, today=TODAY, clock=lambda: now)


def filled(path: Path) -> Outbox:
    """60 numbered, 5 of them settled; frames, rows, windows and notes besides."""
    outbox = opened(path, epoch=41)
    for number in range(50):
        outbox.journal("cuff", "a cuff", "uuid", NOON, bytes([number]) * 20)
    for number in range(60):
        outbox.stage(
            [("bp", TODAY, f"row {number}")],
            rejects={Reason.RESENT: 1},
            used=[],
            memories={f"device {number}": "{}"},
        )
    for _ in range(20):
        outbox.release("bp", 2, lambda seq, rows, _: b"%d screening" % seq * 50)
    for number in range(100):
        outbox.keep_window(number * 900, "w" * 100)
    for _ in range(40):
        outbox.release_windows(2, lambda seq, _: b"%d usage" % seq * 30)
    outbox.note("configuration", "one")
    outbox.settle(41, range(1, 6))
    return outbox


def copy_as_a_kill_leaves_it(folder: Path, alive: Path) -> None:
    """Fill a file in `alive` and copy it to `folder` while it is open."""
    with filled(alive / "outbox.sqlite"):
        for file in alive.iterdir():
            shutil.copy(file, folder)
