"""A file of before versions were written into files is taken over with all that is in it."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import pytest

from contract.errors import Reason
from contract.topics import Stream
from edge_agent.outbox import Outbox

TODAY = date(2026, 2, 6)
NOON = datetime(2026, 2, 6, 4, tzinfo=UTC)
UUID = "00002a18-0000-1000-8000-00805f9b34fb"

_UNVERSIONED = """
PRAGMA journal_mode=WAL;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT, received_at REAL, frame BLOB) STRICT;
CREATE TABLE staged (
    number INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT, content TEXT) STRICT;
CREATE TABLE windows (start INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE devices (
    digest BLOB PRIMARY KEY, memory TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE rejects (reason TEXT PRIMARY KEY, count INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE messages (seq INTEGER PRIMARY KEY, stream TEXT, payload BLOB) STRICT;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL,
    numbered INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0,
    released_on TEXT NOT NULL) STRICT;
ALTER TABLE journal ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN
    characteristic TEXT NOT NULL DEFAULT '00002a35-0000-1000-8000-00805f9b34fb';
ALTER TABLE staged ADD COLUMN measure TEXT NOT NULL DEFAULT 'bp';
INSERT INTO outbox VALUES (1, 77, 9, 2, '2026-02-05');
INSERT INTO staged (day, content, measure) VALUES ('2026-02-04', 'a', 'bp');
INSERT INTO staged (day, content, measure) VALUES ('2026-02-05', 'b', 'glu_fasting');
INSERT INTO windows VALUES (900, 'window');
INSERT INTO rejects VALUES ('resent', 3);
INSERT INTO messages VALUES (7, 'usage', CAST('seven' AS BLOB));
INSERT INTO messages VALUES (9, 'screening', CAST('nine' AS BLOB));
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "outbox.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(_UNVERSIONED)
        old.execute(
            "INSERT INTO journal (device, received_at, frame, model, characteristic)"
            " VALUES ('meter', ?, x'0102', 'a meter', ?)",
            (NOON.timestamp(), UUID),
        )
        old.commit()
    return path


def opened(path: Path) -> Outbox:
    return Outbox(path, new_epoch=99, today=TODAY, clock=lambda: NOON)


def check(outbox: Outbox) -> None:
    (frame,) = outbox.journalled()
    assert (frame.device, frame.model, frame.characteristic) == ("meter", "a meter", UUID)
    assert (frame.received_at, frame.data, frame.boot) == (NOON, b"\x01\x02", "")
    assert outbox.staged_counts() == {"bp": 1, "glu_fasting": 1}
    assert outbox.released_on() == date(2026, 2, 5)
    assert outbox.backlog().windows == 1
    rejects: list[Counter[Reason]] = []

    def compose(_: int, __: object, counted: Counter[Reason]) -> bytes:
        rejects.append(counted)
        return b"new"

    outbox.release("bp", 5, compose)
    assert rejects == [{Reason.RESENT: 3}]


def test_everything_in_it_is_taken_over_and_its_epoch_goes_on(path: Path) -> None:
    with opened(path) as outbox:
        assert outbox.epoch == 77
        ledger = outbox.ledger()
        assert (ledger.numbered, ledger.pending, ledger.dropped) == (9, 2, 2)
        first, second = outbox.pending(10)
        assert (first.seq, first.stream, first.payload) == (9, Stream.SCREENING, b"nine")
        assert (second.seq, second.epoch, second.numbered_at) == (7, 77, None)
        check(outbox)
        assert outbox.pending(10)[1].seq == 10
        outbox.settle(77, [7, 9])
    with opened(path) as again:
        assert again.epoch == 77
        assert [one.seq for one in again.pending(10)] == [10]
        assert again.losses().damaged_files == 0


def test_its_messages_begin_to_age_when_it_is_taken_over(path: Path) -> None:
    with opened(path) as outbox:
        assert outbox.expire(NOON) == 1  # the window of 1970
        assert outbox.expire(NOON + timedelta(days=91)) == 1
        assert [one.seq for one in outbox.pending(10)] == [9]


def test_a_device_is_still_remembered(path: Path) -> None:
    digest = blake2b(b"meter", digest_size=16).digest()
    with closing(sqlite3.connect(path)) as old:
        old.execute("INSERT INTO devices VALUES (?, 'known')", (digest,))
        old.commit()
    with opened(path) as outbox:
        assert outbox.memory("meter") == "known"


def test_a_damaged_one_is_salvaged_as_far_as_it_goes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    root = content.rindex(b"window") // 4096 * 4096
    content[root : root + 4096] = bytes(4096)
    path.write_bytes(content)
    with opened(path) as outbox:
        assert outbox.epoch == 99
        (ended,) = outbox.ended()
        assert (ended.epoch, ended.numbered, ended.pending, ended.dropped) == (77, 9, 2, 2)
        assert [one.seq for one in outbox.pending(10)] == [9, 7]
        assert len(outbox.journalled()) == 1
        assert outbox.staged_counts() == {"bp": 1, "glu_fasting": 1}
        assert outbox.losses().damaged_files == 1
