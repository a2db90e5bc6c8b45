"""The station's file: what it keeps, what it wipes, and how it numbers."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Reason
from contract.topics import Stream
from edge_agent.frame import Frame
from edge_agent.outbox import Outbox, Staged

TODAY = date(2026, 2, 6)
NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
ADDRESS = "C0:FF:EE:00:00:01"
CUFF, UUID = "a cuff by the standard", "00002a35-0000-1000-8000-00805f9b34fb"


def reopened(path: Path, epoch: int = 41) -> Outbox:
    return Outbox(path, new_epoch=epoch, today=TODAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with reopened(path) as opened:
        yield opened


def payload(seq: int, rows: Sequence[Staged], rejects: Counter[Reason]) -> bytes:
    return f"{seq} {[row.content for row in rows]} {dict(rejects)}".encode()


def stage(outbox: Outbox, *contents: str) -> None:
    outbox.stage([("bp", TODAY, content) for content in contents], rejects={}, used=[])


def journal(outbox: Outbox, data: bytes) -> None:
    outbox.journal(ADDRESS, CUFF, UUID, NOON, data)


def test_a_file_keeps_its_epoch_for_life(path: Path) -> None:
    with reopened(path, epoch=41) as first:
        assert first.epoch == 41
    with reopened(path, epoch=42) as second:
        assert second.epoch == 41


def test_a_journalled_frame_survives_the_process(path: Path) -> None:
    with reopened(path) as first:
        journal(first, b"\x00\x78\x00")
    with reopened(path) as second:
        (frame,) = second.journalled()
    assert frame == Frame(1, ADDRESS, CUFF, UUID, NOON, b"\x00\x78\x00")


def test_staging_takes_the_frames_with_it(outbox: Outbox) -> None:
    journal(outbox, b"first")
    journal(outbox, b"second")
    outbox.stage([("bp", TODAY, "row")], rejects={Reason.RESENT: 1}, used=[1])
    assert [frame.data for frame in outbox.journalled()] == [b"second"]
    assert outbox.staged_counts() == {"bp": 1}


def test_exact_values_are_gone_from_disk_once_the_session_is_staged(
    outbox: Outbox, path: Path
) -> None:
    journal(outbox, b"exact-value")

    def found(needle: bytes) -> bool:
        return any(needle in file.read_bytes() for file in path.parent.iterdir())

    assert found(b"exact-value")
    outbox.stage([("bp", TODAY, "row")], rejects={}, used=[1], memories={ADDRESS: "{}"})
    assert not found(b"exact-value")
    assert not found(b"C0:FF:EE")


def test_messages_are_numbered_from_one_and_wait_in_order(outbox: Outbox) -> None:
    for contents in (("a", "b"), ("c", "d")):
        stage(outbox, *contents)
        outbox.release("bp", 10, payload)
    first, second = outbox.pending(10)
    assert (first.seq, first.stream, first.payload) == (1, Stream.SCREENING, b"1 ['a', 'b'] {}")
    assert second.seq == 2
    assert outbox.staged_counts() == {}


def test_rejects_leave_with_the_next_batch_and_only_once(outbox: Outbox) -> None:
    outbox.stage([("bp", TODAY, "a")], rejects={Reason.RESENT: 2}, used=[])
    outbox.stage([], rejects={Reason.RESENT: 1}, used=[])
    outbox.release("bp", 10, payload)
    stage(outbox, "b")
    outbox.release("bp", 10, payload)
    assert b"3}" in outbox.pending(10)[0].payload
    assert b"{}" in outbox.pending(10)[1].payload


def test_measures_wait_and_leave_apart(outbox: Outbox) -> None:
    rows = [("bp", TODAY, "a"), ("glu_fasting", TODAY, "b"), ("bp", TODAY, "c")]
    outbox.stage(rows, rejects={Reason.UNDATED: 1}, used=[])
    assert outbox.staged_counts() == {"bp": 2, "glu_fasting": 1}
    outbox.release("glu_fasting", 10, payload)
    outbox.release("bp", 10, payload)
    glucose, pressures = (message.payload for message in outbox.pending(10))
    assert glucose.startswith(b"1 ['b']")
    assert b"UNDATED" in glucose
    assert pressures == b"2 ['a', 'c'] {}"


def test_a_device_is_remembered_from_the_step_that_staged_its_rows(path: Path) -> None:
    with reopened(path) as first:
        assert first.memory(ADDRESS) is None
        first.stage([], rejects={}, used=[], memories={ADDRESS: "old"})
        first.stage([], rejects={}, used=[], memories={ADDRESS: "new"})
    with reopened(path) as second:
        assert second.memory(ADDRESS) == "new"
        assert second.memory("C0:FF:EE:00:00:02") is None


def test_a_step_that_fails_stages_nothing_and_remembers_nothing(outbox: Outbox) -> None:
    journal(outbox, b"first")
    unbound: dict[str, Any] = {ADDRESS: object()}
    with pytest.raises(sqlite3.ProgrammingError):
        outbox.stage([("bp", TODAY, "row")], rejects={}, used=[1], memories=unbound)
    assert outbox.staged_counts() == {}
    assert len(outbox.journalled()) == 1
    assert outbox.memory(ADDRESS) is None


def test_a_file_from_before_glucose_is_taken_over_with_all_that_is_in_it(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            "CREATE TABLE journal (number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT,"
            " received_at REAL, frame BLOB) STRICT;"
            "CREATE TABLE staged (number INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT,"
            " content TEXT) STRICT;"
            "INSERT INTO staged (day, content) VALUES ('2026-02-06', 'a');"
            "INSERT INTO journal (device, received_at, frame) VALUES ('cuff', 1.0, x'00');"
        )
    with reopened(path) as taken_over:
        assert taken_over.staged_counts() == {"bp": 1}
        (frame,) = taken_over.journalled()
    assert (frame.model, frame.characteristic) == ("", UUID)


def test_a_batch_that_cannot_be_composed_changes_nothing(outbox: Outbox) -> None:
    stage(outbox, "a")

    def fail(_: int, __: Sequence[Staged], ___: Counter[Reason]) -> bytes:
        raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError):
        outbox.release("bp", 10, fail)
    assert outbox.staged_counts() == {"bp": 1}
    assert outbox.ledger().numbered == 0


def test_a_number_is_never_given_twice_even_after_all_are_settled(path: Path) -> None:
    with reopened(path) as first:
        stage(first, "a")
        first.release("bp", 10, payload)
        first.settle(41, [1])
    with reopened(path) as second:
        stage(second, "b")
        second.release("bp", 10, payload)
        assert [message.seq for message in second.pending(10)] == [2]


def test_only_receipts_of_this_epoch_settle(outbox: Outbox) -> None:
    stage(outbox, "a")
    outbox.release("bp", 10, payload)
    outbox.settle(40, [1])
    assert outbox.ledger().pending == 1
    outbox.settle(41, [1])
    ledger = outbox.ledger()
    assert (ledger.epoch, ledger.numbered, ledger.pending, ledger.dropped) == (41, 1, 0, 0)


def test_the_day_of_the_last_daily_release_survives(path: Path) -> None:
    with reopened(path) as first:
        assert first.released_on() == TODAY
        first.pass_release(date(2026, 2, 7))
    with reopened(path) as second:
        assert second.released_on() == date(2026, 2, 7)


def test_every_commit_is_synchronous_and_every_deletion_secure(outbox: Outbox) -> None:
    assert outbox.durability() == ("wal", 2, 1)
