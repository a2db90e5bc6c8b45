"""A station's file that was torn, flipped or cut: it always opens, and says what is missing."""

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from contract.topics import Stream
from edge_agent.outbox import Outbox, OutboxDamaged
from tests.integration.filled_outbox import NOON, copy_as_a_kill_leaves_it, filled, opened

PAGE = 4096
FRAME = PAGE + 24
DAMAGES_PER_KIND = 20


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled file that was closed."""
    folder = tmp_path_factory.mktemp("closed")
    with filled(folder / "outbox.sqlite"):
        pass
    return folder


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled file as a kill leaves it: much of it is in the log only."""
    folder = tmp_path_factory.mktemp("killed")
    alive = tmp_path_factory.mktemp("alive")
    copy_as_a_kill_leaves_it(folder, alive)
    return folder


def flip_a_bit(content: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(content) * 8)
    content[place // 8] ^= 1 << place % 8
    return content


def flip_a_bit_of_the_head(content: bytearray, rng: random.Random) -> bytearray:
    return flip_a_bit(content[:100], rng) + content[100:]


def lose_a_page(content: bytearray, rng: random.Random) -> bytearray:
    start = rng.randrange(len(content) // PAGE) * PAGE
    content[start : start + PAGE] = rng.choice((bytes(PAGE), rng.randbytes(PAGE)))
    return content


def cut(content: bytearray, rng: random.Random) -> bytearray:
    boundary = rng.randrange(len(content) // PAGE + 1) * PAGE + rng.choice((0, 0, 1, 511, 4095))
    return content[:boundary]


@pytest.mark.parametrize("state", ["closed", "killed"])
@pytest.mark.parametrize("damage", [flip_a_bit, flip_a_bit_of_the_head, lose_a_page, cut])
def test_whatever_happens_to_the_file_it_opens_and_nothing_false_is_told(
    damage: object, state: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert callable(damage)
    source: Path = request.getfixturevalue(state)
    rng = random.Random(20260206)
    for number in range(DAMAGES_PER_KIND):
        path = tmp_path / str(number) / "outbox.sqlite"
        shutil.copytree(source, path.parent)
        path.write_bytes(damage(bytearray(path.read_bytes()), rng))
        with opened(path) as outbox:
            check(outbox, path)
            outbox.journal("cuff", "a cuff", "uuid", NOON, b"new")
        with opened(path, epoch=100) as again:
            assert again.epoch in {41, 99}
            assert again.journalled()[-1].data == b"new"


def check(outbox: Outbox, path: Path) -> None:
    """Whole, or a successor in which every message is genuine and every loss is to be seen."""
    pending = outbox.pending(1000)
    for one in pending:
        word = b"screening" if one.stream is Stream.SCREENING else b"usage"
        assert one.payload.startswith(b"%d %s" % (one.seq, word))
        assert (one.epoch, one.seq in range(6, 61)) == (41, True)
    if outbox.epoch == 41:
        assert (outbox.ledger().numbered, len(pending), len(outbox.journalled())) == (60, 55, 50)
        return
    (aside,) = path.parent.glob("outbox.sqlite.damaged-*Z")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert outbox.losses().damaged_files == 1
    assert outbox.ledger().numbered == 0
    for ended in outbox.ended():
        assert (ended.epoch, ended.numbered, ended.pending) == (41, 60, len(pending))
        assert ended.dropped == outbox.drops().total() <= 55 - len(pending)


def test_a_flipped_bit_in_a_message_costs_this_message_and_it_is_counted(
    closed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "it" / "outbox.sqlite"
    shutil.copytree(closed, path.parent)
    content = bytearray(path.read_bytes())
    content[content.index(b"30 usage30 usage")] ^= 1
    path.write_bytes(content)
    with opened(path) as outbox:
        assert len(outbox.pending(1000)) == 54
        (ended,) = outbox.ended()
        assert (ended.numbered, ended.pending, ended.dropped) == (60, 54, 1)
        assert outbox.drops() == {(Stream.USAGE, "damaged"): 1}
        assert outbox.staged_counts() == {"bp": 20}
        assert outbox.memory("device 7") == "{}"
        assert outbox.noted("configuration") == "one"
        assert (len(outbox.journalled()), outbox.backlog().windows) == (50, 20)
        outbox.release_windows(10, lambda seq, _: b"new %d" % seq)
        assert [one.seq for one in outbox.pending(1000)][-1] == 1
        assert outbox.pending(1000, after=0)[0].seq == 6
        outbox.settle(41, [6, 7, 1])
        assert outbox.ended()[0].pending == 52
        assert outbox.ledger().pending == 1
        outbox.expire(NOON + timedelta(days=800))
        assert outbox.ended()[0].dropped == 53
        assert outbox.ledger().dropped == 1


@pytest.mark.parametrize("loss", [bytes(PAGE), b"\xa5" * PAGE, b"SQLite format 4"])
def test_a_lost_first_page_costs_nothing_but_the_epoch(
    loss: bytes, closed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "it" / "outbox.sqlite"
    shutil.copytree(closed, path.parent)
    path.write_bytes(loss + path.read_bytes()[len(loss) :])
    with opened(path) as outbox:
        assert outbox.epoch == 99
        assert len(outbox.pending(1000)) == 55
        assert outbox.staged_counts() == {"bp": 20}
        assert len(outbox.journalled()) == 50
        assert outbox.ended()[0].numbered == 60
    assert not path.with_name("outbox.sqlite.grafted").exists()


def test_messages_are_carried_through_a_second_damage_and_eight_epochs_are_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "outbox.sqlite"
    for life in range(1, 11):
        with opened(path, epoch=life, now=NOON + timedelta(hours=life)) as outbox:
            outbox.keep_window(0, f"life {life}")
            outbox.release_windows(1, lambda _, windows: str(windows).encode())
            outbox.keep_window(life * 900, f"broken {life}")
        content = bytearray(path.read_bytes())
        content[content.rindex(b"broken") + 3] ^= 1
        path.write_bytes(content)
    with opened(path, epoch=11) as outbox:
        assert [one.epoch for one in outbox.ended()] == list(range(3, 11))
        assert [one.payload for one in outbox.pending(20)] == [
            b"['life %d']" % life for life in range(1, 11)
        ]
        assert outbox.losses().damaged_files == 10
        assert all(one.pending == 1 for one in outbox.ended())


def test_a_torn_tail_of_the_log_costs_at_most_the_torn_transaction(
    killed: Path, tmp_path: Path
) -> None:
    log = (killed / "outbox.sqlite-wal").read_bytes()
    rng = random.Random(7)
    tails = [log[: len(log) - cut_off] for cut_off in (1, 24, 100, FRAME - 1, FRAME)]
    for _ in range(10):
        torn = bytearray(log)
        torn[len(log) - 1 - rng.randrange(FRAME - 24)] ^= 1 << rng.randrange(8)
        tails.append(bytes(torn))
    for number, tail in enumerate(tails):
        path = tmp_path / str(number) / "outbox.sqlite"
        shutil.copytree(killed, path.parent)
        path.with_name("outbox.sqlite-wal").write_bytes(tail)
        with opened(path) as outbox:
            assert outbox.epoch == 41
            assert outbox.ledger().numbered == 60
            assert outbox.ledger().pending in {55, 60}  # settling was the last transaction
            assert outbox.noted("configuration") == "one"


def test_a_log_damaged_in_its_middle_never_gives_a_number_twice(
    killed: Path, tmp_path: Path
) -> None:
    log = (killed / "outbox.sqlite-wal").read_bytes()
    assert len(log) > 20 * FRAME
    for number, place in enumerate((40, 32 + 3 * FRAME + 200, len(log) // 2, 5)):
        path = tmp_path / str(number) / "outbox.sqlite"
        shutil.copytree(killed, path.parent)
        flipped = bytearray(log)
        flipped[place] ^= 4
        path.with_name("outbox.sqlite-wal").write_bytes(flipped)
        with opened(path) as outbox:
            assert outbox.epoch == 99
            assert outbox.losses().damaged_files == 1


def test_damage_met_while_running_ends_the_process_and_the_next_start_repairs(
    tmp_path: Path,
) -> None:
    path = tmp_path / "outbox.sqlite"
    with filled(path) as outbox:
        outbox.stage([], rejects={}, used=[])  # the log is empty now
        content = path.read_bytes()
        path.write_bytes(content[: 8 * PAGE] + b"\xff" * (len(content) - 8 * PAGE))
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA user_version = 1")  # makes the open file read its pages again
        with pytest.raises(OutboxDamaged):
            outbox.pending(1000)
    with opened(path) as again:
        assert again.epoch == 99
        assert again.staged_counts() == {"bp": 20}
