"""The outbox on a real disk that is full, read-only, or both by turns."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contract.condition import Storage
from contract.errors import OutboxUnavailable
from contract.topics import Stream
from edge_agent.outbox import Limits, Outbox
from tests.integration.disk import Disk, small_disk

TODAY = date(2026, 2, 6)
NOON = datetime(2026, 2, 6, 4, tzinfo=UTC)
LIMITS = Limits(reserve_bytes=256 * 1024)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", "4m") as mounted:
        yield mounted


def opened(disk: Disk, epoch: int = 41) -> Outbox:
    return Outbox(disk.path / "outbox.sqlite", new_epoch=epoch, today=TODAY, limits=LIMITS)


def journal(outbox: Outbox, data: bytes) -> None:
    outbox.journal("cuff", "a cuff", "uuid", NOON, data)


def screening(outbox: Outbox, size: int = 1000) -> None:
    outbox.stage([("bp", TODAY, "row")], rejects={}, used=[])
    outbox.release("bp", 1, lambda *_: b"s" * size)


def usage(outbox: Outbox, size: int = 10_000) -> None:
    outbox.keep_window(0, "window")
    outbox.release_windows(1, lambda *_: b"u" * size)


def storage(outbox: Outbox) -> Storage:
    return outbox.storage


def journal_until_refused(outbox: Outbox) -> None:
    while True:
        journal(outbox, b"x" * 2000)


def test_on_a_full_disk_usage_makes_room_for_readings(disk: Disk) -> None:
    with opened(disk) as outbox:
        for _ in range(60):
            usage(outbox)
        disk.fill()
        for number in range(100):
            journal(outbox, bytes([number]) * 2000)
        screening(outbox)
        assert storage(outbox) is Storage.SOUND
        ledger = outbox.ledger()
        assert ledger.dropped > 0
        assert ledger.numbered == ledger.pending + ledger.dropped == 61
        assert outbox.drops() == {(Stream.USAGE, "no_room"): ledger.dropped}
        assert [one.data[0] for one in outbox.journalled()] == list(range(100))
    with opened(disk) as again:
        assert again.epoch == 41
        assert again.ledger() == ledger
        assert len(again.journalled()) == 100


def test_on_a_full_disk_without_usage_a_reading_is_refused_aloud_and_later_taken(
    disk: Disk,
) -> None:
    with opened(disk) as outbox:
        screening(outbox)
        journal(outbox, b"first")
        ballast = disk.fill()
        with pytest.raises(OutboxUnavailable):
            journal_until_refused(outbox)
        taken = len(outbox.journalled())
        assert storage(outbox) is Storage.FULL
        assert outbox.ledger().pending == 1
        with pytest.raises(OutboxUnavailable):
            outbox.stage([("bp", TODAY, "r" * 400_000)], rejects={}, used=[1])
        assert outbox.staged_counts() == {}
        assert len(outbox.journalled()) == taken
        ballast.unlink()
        journal(outbox, b"last")
        assert storage(outbox) is Storage.SOUND
    with opened(disk) as again:
        frames = again.journalled()
        assert len(frames) == taken + 1
        assert (frames[0].data, frames[-1].data) == (b"first", b"last")


def test_receipts_can_settle_on_a_disk_without_a_byte_left(disk: Disk) -> None:
    with opened(disk) as outbox:
        for _ in range(50):
            screening(outbox, 5000)
        disk.fill()
        with pytest.raises(OutboxUnavailable):
            journal_until_refused(outbox)
        outbox.settle(41, range(1, 51))
        assert outbox.ledger().pending == 0
        assert storage(outbox) is Storage.SOUND


def test_the_reserve_is_laid_in_again_when_there_is_space(disk: Disk) -> None:
    reserve = disk.path / "outbox.sqlite.reserve"
    with opened(disk) as outbox:
        usage(outbox)
        assert reserve.stat().st_size == LIMITS.reserve_bytes
        for _ in range(60):
            usage(outbox)
        ballast = disk.fill()
        for _ in range(100):
            journal(outbox, b"x" * 2000)
        assert not reserve.exists()
        ballast.unlink()
        journal(outbox, b"x")
        assert reserve.stat().st_size == LIMITS.reserve_bytes


def test_exact_values_are_wiped_on_a_full_disk_too(disk: Disk) -> None:
    with opened(disk) as outbox:
        for _ in range(60):
            usage(outbox)
        journal(outbox, b"exact-value" * 100)
        disk.fill()
        outbox.stage([("bp", TODAY, "row")], rejects={}, used=[1])
        assert not any(b"exact-value" in file.read_bytes() for file in disk.path.iterdir())


def test_an_agent_starts_on_a_full_disk(disk: Disk) -> None:
    with opened(disk) as outbox:
        usage(outbox)
        screening(outbox)
    disk.fill()
    with opened(disk) as again:
        assert [one.seq for one in again.pending(10)] == [2, 1]
        again.settle(41, [1, 2])
        assert again.ledger().pending == 0


def test_a_first_start_on_a_full_disk_says_so_and_leaves_nothing_half_made(disk: Disk) -> None:
    ballast = disk.fill()
    with pytest.raises(OutboxUnavailable):
        opened(disk)
    ballast.unlink()
    with opened(disk, epoch=42) as outbox:
        assert outbox.epoch == 42
        assert outbox.losses().damaged_files == 0
        journal(outbox, b"x")


def test_a_damaged_file_is_salvaged_on_a_full_disk_without_its_usage(disk: Disk) -> None:
    with opened(disk) as outbox:
        screening(outbox)
        for _ in range(80):
            usage(outbox)
        outbox.keep_window(900, "window")
        screening(outbox)
    path = disk.path / "outbox.sqlite"
    content = bytearray(path.read_bytes())
    place = content.rindex(b"u" * 300)
    content[place] ^= 1
    path.write_bytes(content)
    disk.fill()
    with opened(disk, epoch=42) as again:
        assert (again.epoch, again.losses().damaged_files, again.losses().windows) == (42, 1, 1)
        assert [one.stream for one in again.pending(10)] == [Stream.SCREENING, Stream.SCREENING]
        (ended,) = again.ended()
        assert (ended.epoch, ended.numbered, ended.pending, ended.dropped) == (41, 82, 2, 80)
        assert again.drops() == {(Stream.USAGE, "damaged"): 1, (Stream.USAGE, "no_room"): 79}


def test_a_read_only_disk_can_be_read_and_is_written_to_when_it_can_be_again(
    disk: Disk,
) -> None:
    with opened(disk) as outbox:
        screening(outbox)
        journal(outbox, b"first")
    disk.make_read_only()
    with opened(disk) as outbox:
        assert storage(outbox) is Storage.READ_ONLY
        assert [one.seq for one in outbox.pending(10)] == [1]
        assert outbox.ledger().pending == 1
        with pytest.raises(OutboxUnavailable):
            journal(outbox, b"refused")
        with pytest.raises(OutboxUnavailable):
            outbox.settle(41, [1])
        assert storage(outbox) is Storage.READ_ONLY
        assert outbox.ledger().pending == 1
        disk.make_writable()
        journal(outbox, b"last")
        outbox.settle(41, [1])
        assert storage(outbox) is Storage.SOUND
        assert [one.data for one in outbox.journalled()] == [b"first", b"last"]
        assert outbox.durability() == ("wal", 2, 1)


def test_a_file_left_by_a_kill_can_be_read_from_a_read_only_disk(disk: Disk) -> None:
    with opened(disk) as outbox:
        screening(outbox)
        kept = {file.name: file.read_bytes() for file in disk.path.glob("outbox.sqlite*")}
        assert kept["outbox.sqlite-wal"]
    for name, content in kept.items():
        (disk.path / name).write_bytes(content)
    disk.make_read_only()
    with opened(disk) as again:
        assert [one.seq for one in again.pending(10)] == [1]
        assert storage(again) is Storage.READ_ONLY
        with pytest.raises(OutboxUnavailable):
            journal(again, b"refused")
        disk.make_writable()
        journal(again, b"last")
        assert storage(again) is Storage.SOUND
        assert [one.data for one in again.journalled()] == [b"last"]


def test_a_first_start_on_a_read_only_disk_says_so(disk: Disk) -> None:
    disk.make_read_only()
    with pytest.raises(OutboxUnavailable):
        opened(disk)
