"""What the outbox gives up: by age in days, by bytes, and never without counting it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contract.condition import Storage
from contract.errors import OutboxUnavailable
from contract.topics import Stream
from edge_agent.outbox import Limits, Outbox, inspect

TODAY = date(2026, 2, 6)
START = datetime(2026, 2, 6, 4, tzinfo=UTC)
MIB = 2**20
SMALL = Limits(max_bytes=MIB, reserve_bytes=4096)


class Station:
    """An outbox whose clock stands where the test puts it."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.now = START
        self.path = path
        self.outbox = Outbox(path, new_epoch=41, today=TODAY, limits=limits, clock=lambda: self.now)

    def screening(self, size: int = 10) -> None:
        self.outbox.stage([("bp", TODAY, "row")], rejects={}, used=[])
        self.outbox.release("bp", 1, lambda *_: b"s" * size)

    def fill(self, size: int) -> None:
        while True:
            self.screening(size)

    @property
    def storage(self) -> Storage:
        return self.outbox.storage

    def usage(self, size: int = 10) -> None:
        self.outbox.keep_window(0, "window")
        self.outbox.release_windows(1, lambda *_: b"u" * size)

    def streams(self) -> list[Stream]:
        return [one.stream for one in self.outbox.pending(10_000)]

    def counts(self) -> tuple[int, int, int]:
        ledger = self.outbox.ledger()
        return ledger.numbered, ledger.pending, ledger.dropped


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    opened = Station(tmp_path / "outbox.sqlite", Limits(usage_max_bytes=1000))
    with opened.outbox:
        yield opened


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Station]:
    opened = Station(tmp_path / "outbox.sqlite", SMALL)
    with opened.outbox:
        yield opened


def test_usage_and_screening_grow_old_at_their_own_ages(station: Station) -> None:
    station.screening()
    station.usage()
    assert station.outbox.expire(START + timedelta(days=90)) == 0
    assert station.outbox.expire(START + timedelta(days=90, hours=1)) == 1
    assert station.streams() == [Stream.SCREENING]
    assert station.outbox.expire(START + timedelta(days=730)) == 0
    assert station.outbox.expire(START + timedelta(days=730, hours=1)) == 1
    assert station.counts() == (2, 0, 2)
    assert station.outbox.drops() == {
        (Stream.USAGE, "too_old"): 1, (Stream.SCREENING, "too_old"): 1
    }  # fmt: skip


def test_a_thirty_day_outage_costs_nothing(station: Station) -> None:
    station.screening()
    station.usage()
    station.outbox.keep_window(int(START.timestamp()), "window")
    assert station.outbox.expire(START + timedelta(days=30)) == 0
    assert station.outbox.backlog().windows == 1


def test_windows_grow_old_by_their_start(station: Station) -> None:
    station.outbox.keep_window(int(START.timestamp()), "old")
    station.outbox.keep_window(int(START.timestamp()) + 900, "new")
    assert station.outbox.expire(START + timedelta(days=90, minutes=10)) == 1
    assert station.outbox.backlog().windows == 1
    assert station.outbox.losses().windows == 1
    assert station.counts() == (0, 0, 0)


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, 5, tzinfo=UTC), START.replace(year=2100)])
def test_a_message_numbered_under_a_wrong_clock_ages_from_the_first_right_one(
    station: Station, wrong: datetime
) -> None:
    station.now = wrong
    station.usage()
    station.now = START
    assert station.outbox.expire(START) == 0
    assert station.outbox.expire(START + timedelta(days=89)) == 0
    assert station.outbox.expire(START + timedelta(days=91)) == 1


def test_usage_beyond_its_bytes_is_given_up_oldest_first(station: Station) -> None:
    for _ in range(5):
        station.usage(300)
    station.screening(5000)
    station.outbox.keep_window(int(START.timestamp()), "w" * 200)
    assert station.outbox.expire(START) == 3
    assert [one.seq for one in station.outbox.pending(10)] == [6, 4, 5]
    assert station.outbox.drops() == {(Stream.USAGE, "too_much"): 3}
    assert station.outbox.backlog().windows == 1


def test_sessions_without_company_are_given_up_and_counted_in_a_band(station: Station) -> None:
    days = [TODAY - timedelta(days=29)] * 9 + [TODAY]
    station.outbox.stage([("bp", day, "row") for day in days], rejects={}, used=[])
    assert station.outbox.losses().sessions == "<8"
    assert station.outbox.expire_staged(TODAY - timedelta(days=28)) == 9
    assert station.outbox.expire_staged(TODAY - timedelta(days=28)) == 0
    assert station.outbox.staged_counts() == {"bp": 1}
    assert station.outbox.losses().sessions == "10"


def test_frames_that_no_disk_took_are_counted_in_a_band(station: Station) -> None:
    station.outbox.give_up_frames(12)
    assert station.outbox.losses().frames == "10"


def test_a_full_quota_gives_up_usage_oldest_first_and_takes_the_reading(small: Station) -> None:
    while small.outbox.ledger().dropped == 0:
        small.usage(20_000)
    first = small.outbox.pending(1)[0].seq
    for _ in range(15):
        small.screening(20_000)
    numbered, pending, dropped = small.counts()
    assert numbered == pending + dropped
    assert small.streams().count(Stream.SCREENING) == 15
    left = [one.seq for one in small.outbox.pending(1000) if one.stream is Stream.USAGE]
    assert first < left[0]
    assert left == list(range(left[0], left[0] + len(left)))
    assert small.outbox.drops() == {(Stream.USAGE, "no_room"): dropped}
    assert small.storage is Storage.SOUND


def test_windows_go_when_no_usage_message_is_left(small: Station) -> None:
    for start in range(500):
        small.outbox.keep_window(start * 900, "w" * 1000)
    while small.outbox.losses().windows == 0:
        small.screening(20_000)
    assert small.counts()[2] == 0
    assert small.outbox.backlog().windows == 500 - small.outbox.losses().windows


def test_readings_are_never_given_up_for_room_and_a_receipt_mends_it(small: Station) -> None:
    with pytest.raises(OutboxUnavailable):
        small.fill(20_000)
    before = small.counts()
    assert small.storage is Storage.FULL
    assert before[2] == 0
    assert before[0] == before[1]
    staged = small.outbox.staged_counts()
    with pytest.raises(OutboxUnavailable):
        small.outbox.stage([("bp", TODAY, "r" * 100_000)], rejects={}, used=[])
    assert small.outbox.staged_counts() == staged
    assert small.counts() == before
    assert small.storage is Storage.FULL
    small.outbox.settle(41, range(1, 20))
    small.screening(20_000)
    assert small.outbox.storage.value == "sound"


def test_the_file_stays_within_its_quota(small: Station) -> None:
    for _ in range(300):
        small.usage(20_000)
    small.outbox.expire(START)
    assert small.path.stat().st_size <= MIB
    log = small.path.with_name("outbox.sqlite-wal")
    assert log.stat().st_size <= 2 * MIB


def test_an_inspection_tells_enough_or_too_few_and_changes_nothing(small: Station) -> None:
    small.screening()
    small.outbox.stage(
        [("bp", TODAY, "row")] * 5 + [("glu_fasting", TODAY, "row")], rejects={}, used=[]
    )
    small.outbox.note("configuration", "one")
    found = inspect(small.path)
    assert found.staged == {"bp": "enough", "glu_fasting": "too few"}
    assert (found.epoch, found.ledger) == (41, small.outbox.ledger())
    assert found.backlog == small.outbox.backlog()
    assert found.losses == small.outbox.losses()
    assert found.notes == {"configuration": "one"}
    assert found.ended == ()


def test_an_inspection_of_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutboxUnavailable, match="no file"):
        inspect(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
