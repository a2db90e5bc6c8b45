"""Numbered messages: who goes first, what settles them, and what splits them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contract.topics import Stream
from edge_agent.frame import Frame
from edge_agent.outbox import Backlog, Outbox

TODAY = date(2026, 2, 6)
HALF_PAST = datetime(2026, 2, 6, 4, 30, 12, tzinfo=UTC)
QUARTER = 900


class Station:
    """An outbox whose clock stands where the test puts it."""

    def __init__(self, path: Path) -> None:
        self.now = HALF_PAST
        self.outbox = Outbox(path, new_epoch=41, today=TODAY, clock=lambda: self.now)

    def screening(self, *contents: str) -> None:
        self.outbox.stage([("bp", TODAY, one) for one in contents], rejects={}, used=[])
        self.outbox.release("bp", 100, lambda seq, rows, _: f"s{seq}:{len(rows)}".encode())

    def usage(self, start: int) -> None:
        self.outbox.keep_window(start, f"w{start}")
        self.outbox.release_windows(1, lambda seq, windows: f"u{seq}:{windows}".encode())

    def seqs(self, limit: int = 100, after: int = 0) -> list[int]:
        return [one.seq for one in self.outbox.pending(limit, after=after)]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    opened = Station(tmp_path / "outbox.sqlite")
    with opened.outbox:
        yield opened


def test_screening_goes_before_usage_and_each_by_its_number(station: Station) -> None:
    station.usage(0)
    station.screening("a")
    station.usage(QUARTER)
    station.screening("b")
    assert station.seqs() == [2, 4, 1, 3]
    assert station.seqs(3) == [2, 4, 1]
    assert station.seqs(after=2) == [4, 3]


def test_a_message_knows_its_epoch_and_the_hour_of_its_number_but_no_minute(
    station: Station,
) -> None:
    station.usage(0)
    (message,) = station.outbox.pending(1)
    assert (message.epoch, message.stream) == (41, Stream.USAGE)
    assert message.numbered_at == datetime(2026, 2, 6, 4, tzinfo=UTC)
    station.now = datetime(1970, 1, 1, 9, tzinfo=UTC)
    station.usage(QUARTER)
    assert station.outbox.pending(2)[1].numbered_at is None


def test_the_newest_windows_can_leave_before_the_backlog(station: Station) -> None:
    for start in range(0, 5 * QUARTER, QUARTER):
        station.outbox.keep_window(start, f"w{start}")

    def compose(_: int, windows: object) -> bytes:
        return str(windows).encode()

    assert station.outbox.release_windows(1, compose, newest=True)
    assert station.outbox.release_windows(2, compose, newest=True)
    assert station.outbox.release_windows(10, compose)
    assert not station.outbox.release_windows(10, compose)
    assert [one.payload for one in station.outbox.pending(10)] == [
        b"['w3600']", b"['w1800', 'w2700']", b"['w0', 'w900']"
    ]  # fmt: skip


def test_the_backlog_counts_what_waits_and_knows_the_oldest(station: Station) -> None:
    assert station.outbox.backlog() == Backlog(0, 0, None)
    station.screening("a")
    assert station.outbox.backlog() == Backlog(1, 0, datetime(2026, 2, 6, 4, tzinfo=UTC))
    station.outbox.keep_window(1_700_000_100, "w")
    assert station.outbox.backlog() == Backlog(1, 1, datetime.fromtimestamp(1_700_000_100, UTC))


def test_a_message_too_large_is_split_and_the_first_part_keeps_its_number(
    station: Station,
) -> None:
    station.usage(0)
    station.usage(QUARTER)
    parts = [lambda seq: f"one {seq}".encode(), lambda seq: f"two {seq}".encode()]
    assert station.outbox.split(1, parts) == (1, 3)
    assert [(one.seq, one.payload) for one in station.outbox.pending(10)] == [
        (1, b"one 1"), (2, b"u2:['w900']"), (3, b"two 3")
    ]  # fmt: skip
    assert station.outbox.ledger().numbered == 3


def test_a_screening_message_that_may_have_been_sent_is_never_split(station: Station) -> None:
    station.screening("a", "b")
    station.screening("c", "d")
    station.usage(0)
    station.outbox.mark_sent([1, 3])
    parts = [lambda seq: b"x", lambda seq: b"y"]
    assert station.outbox.split(1, parts) == ()
    assert station.outbox.split(2, parts) == (2, 4)
    assert station.outbox.split(3, parts) == (3, 5)
    assert station.outbox.split(9, parts) == ()
    assert station.outbox.pending(1)[0].payload == b"s1:2"


def test_a_part_that_cannot_be_composed_leaves_the_whole(station: Station) -> None:
    station.usage(0)

    def fail(_: int) -> bytes:
        raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError):
        station.outbox.split(1, [lambda seq: b"x", fail])
    assert [one.payload for one in station.outbox.pending(10)] == [b"u1:['w0']"]
    assert station.outbox.ledger().numbered == 1


def test_many_frames_are_one_step_and_keep_their_order(station: Station) -> None:
    frames = [
        Frame(0, "cuff", "a cuff", "uuid", HALF_PAST, bytes([number]), "boot")
        for number in range(9)
    ]
    station.outbox.journal_all(frames)
    station.outbox.journal_all([])
    assert [one.data[0] for one in station.outbox.journalled()] == list(range(9))
    assert station.outbox.journalled()[8].boot == "boot"


def test_only_frames_of_the_named_life_of_the_machine_are_moved(station: Station) -> None:
    early = datetime(1970, 1, 1, 0, 7, tzinfo=UTC)
    for boot in ("this", "other", "this"):
        station.outbox.journal("cuff", "a cuff", "uuid", early, b"x", boot)
    shift = HALF_PAST - early
    station.outbox.redate("this", shift)
    assert [one.received_at for one in station.outbox.journalled()] == [
        HALF_PAST, early, HALF_PAST
    ]  # fmt: skip
    station.outbox.redate("this", timedelta(hours=-8))
    assert station.outbox.journalled()[0].received_at == HALF_PAST - timedelta(hours=8)


def test_a_note_is_kept_and_replaced(station: Station) -> None:
    assert station.outbox.noted("configuration") is None
    station.outbox.note("configuration", "one")
    station.outbox.note("configuration", "two")
    assert station.outbox.noted("configuration") == "two"
