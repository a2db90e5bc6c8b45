"""The room while the time is unknown, and while nobody listens: what waits, and how it leaves."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from contract.condition import Clock
from contract.errors import OutboxUnavailable
from edge_agent.held_events import HeldEvents
from edge_agent.occupancy.sensing import Entered
from edge_agent.occupancy.windows import Aggregator, Expected
from edge_agent.outbox import Outbox
from edge_agent.room import BACKLOG_WINDOWS
from tests.machine import NEVER_SET, Machine
from tests.unit.room_station import MINUTE, QUARTER, Station


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        yield Station(outbox)


def test_windows_before_the_time_is_known_are_made_when_it_is(tmp_path: Path) -> None:
    machine = Machine(QUARTER - 5 * MINUTE, source=Clock.WAITING)
    machine.shown = NEVER_SET
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        station = Station(outbox, machine)
        station.live(minutes=5, people=0)
        station.live(minutes=15, people=3)
        station.enter(2)
        station.live(minutes=20, people=1)
        assert (station.messages(), outbox.backlog().windows) == ([], 0)
        machine.synchronise()
        station.clock.look()
        station.live(minutes=3, people=1)
        while station.room.release_backlog():
            continue
        windows = {w.start: w for batch in station.messages() for w in batch.windows}
        assert sorted(station.starts()) == [-15, 0, 15]
        first, second = windows[int(QUARTER.timestamp())], windows[int(QUARTER.timestamp()) + 900]
        assert (first.entries, first.occupied, first.mean) == (0, 15, 3)
        assert (second.entries, second.occupied, second.mean) == (2, 15, 1)


def test_a_quarter_of_an_hour_without_a_word_is_a_window_too_when_the_time_is_known(
    tmp_path: Path,
) -> None:
    machine = Machine(QUARTER, source=Clock.WAITING)
    machine.shown = NEVER_SET
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        station = Station(outbox, machine)
        station.idle(45)
        machine.synchronise()
        station.clock.look()
        station.idle(1)
        assert outbox.backlog().windows + len(station.starts()) == 3


@pytest.mark.parametrize("hours", [8, -8])
def test_a_step_of_the_clock_makes_no_window_twice(station: Station, hours: int) -> None:
    station.connected = False
    station.live(minutes=50, people=1)
    station.machine.shown += timedelta(hours=hours)
    station.clock.look()
    station.live(minutes=70, people=1)
    station.machine.shown -= timedelta(hours=hours)
    station.clock.look()
    station.live(minutes=90, people=1)
    station.connected = True
    while station.room.release_backlog():
        continue
    starts = station.starts()
    assert len(set(starts)) == len(starts)
    assert {0, 15, 30, 120, 135, 150, 165} <= set(starts)
    assert {hours * 60 + 60, hours * 60 + 75, hours * 60 + 90} <= set(starts)


def test_a_clock_that_was_set_back_does_not_keep_new_windows_waiting(station: Station) -> None:
    station.live(minutes=20, people=1)
    station.machine.shown -= timedelta(hours=8)
    station.clock.look()
    station.live(minutes=45, people=1)
    assert station.starts() == [0, 15 - 480, 30 - 480, 45 - 480]


def test_a_window_is_not_made_again_by_a_later_run(tmp_path: Path) -> None:
    machine = Machine(QUARTER)
    path = tmp_path / "o.sqlite"
    with Outbox(path, new_epoch=7, today=date(2026, 2, 6)) as outbox:
        before = Station(outbox, machine)
        before.live(minutes=37, people=1)
        assert before.starts() == [0, 15]
        outbox.settle(7, [1, 2])
    machine.shown -= timedelta(minutes=37)
    with Outbox(path, new_epoch=8, today=date(2026, 2, 6)) as outbox:
        after = Station(outbox, machine)
        after.live(minutes=50, people=1)
        assert after.starts() == [30]


def test_while_nobody_listens_windows_wait_and_leave_in_few_messages(station: Station) -> None:
    station.connected = False
    station.live(minutes=200 * 15 + 14, people=1)
    assert (station.messages(), station.outbox.backlog().windows) == ([], 200)
    station.connected = True
    assert station.room.release_backlog()
    assert station.room.release_backlog()
    assert not station.room.release_backlog()
    assert [len(batch.windows) for batch in station.messages()] == [BACKLOG_WINDOWS, 8]
    assert station.starts() == [15 * number for number in range(200)]


def test_the_newest_window_leaves_first_and_the_backlog_leaves_it_alone(station: Station) -> None:
    station.connected = False
    station.live(minutes=60, people=1)
    station.enter(0)
    station.connected = True
    assert station.room.release_backlog()
    assert station.starts() == [0, 15, 30], "the moment of the fourth has not come"
    station.connected = False
    station.live(minutes=15, people=1)
    station.enter(0)
    station.connected = True
    station.live(minutes=3, people=1)
    assert station.starts() == [0, 15, 30, 60]
    assert station.room.release_backlog()
    assert station.starts() == [0, 15, 30, 60, 45]


def test_while_nothing_is_receipted_windows_wait_unnumbered(station: Station) -> None:
    station.live(minutes=15 * 20, people=1)
    assert len(station.messages()) == 8
    assert station.outbox.backlog().windows == 20 - 1 - 8
    assert not station.room.release_backlog()
    station.outbox.settle(7, range(1, 9))
    assert station.room.release_backlog()


class Refusing(Outbox):
    """An outbox on a disk that takes nothing while a test says so."""

    refuses = False

    def keep_window(self, start: int, content: str) -> None:
        if self.refuses:
            raise OutboxUnavailable("no room")
        super().keep_window(start, content)


def test_windows_that_the_disk_refuses_are_kept_until_it_takes_them(tmp_path: Path) -> None:
    with Refusing(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        station = Station(outbox)
        outbox.refuses = True
        station.live(minutes=50, people=2)
        assert station.telemetry.counts["edge_disk_refusals_total"] > 0
        assert outbox.noted("windows_made") is None
        outbox.refuses = False
        station.live(minutes=1, people=2)
        assert station.room.release_backlog()
        assert station.starts() == [0, 15, 30]


def test_without_a_radio_its_sensors_are_silent_and_not_empty(station: Station) -> None:
    station.live(minutes=5, people=2)
    station.room.radio_lost()
    for _ in range(13):
        station.enter(0)
        station.idle(1)
    (window,) = station.messages()[0].windows
    assert (window.entries, window.occupied, window.mean) == (0, None, None)


def test_what_cannot_be_held_is_counted_and_begins_no_window() -> None:
    machine = Machine(QUARTER, source=Clock.WAITING)
    machine.shown = NEVER_SET
    clock = machine.clock()
    held = HeldEvents(Aggregator(seats=4, sensors={"door": Expected()}), clock, most=20)
    lost = 0
    for _ in range(40):
        lost += held.take(Entered("door", clock.since_start(), 1))
        held.tell_time()
        machine.pass_time(MINUTE)
    assert (lost, held.windows()) == (20, [])
    machine.synchronise()
    clock.look()
    assert held.behind
    windows = held.windows()
    assert [(w.start - QUARTER.timestamp()) / 60 for w in windows] == [15]
    assert not held.behind
