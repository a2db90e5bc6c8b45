"""The desk while the time is unknown, wrong or stepping: what waits, what is given up, and when."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.condition import Clock
from contract.errors import OutboxUnavailable, Reason
from edge_agent.settings import PrivacySection
from tests.machine import NEVER_SET, Machine
from tests.travelling import CUFF, Recording, Row, Station

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 2, 6, 12, 0, tzinfo=BEIJING)
TODAY = NOON.date()
GAP = timedelta(minutes=11)
DAY = timedelta(days=1)
DAILY = PrivacySection(min_batch=2, release_at=time(0, 10), release_jitter_seconds=0)

Open = Callable[..., Station]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    stations: list[Station] = []

    def open_station(machine: Machine, **options: Any) -> Station:
        stations.append(Station(tmp_path / "o.sqlite", machine, **options))
        return stations[-1]

    yield open_station
    for station in stations:
        station.close()


def unset(real: datetime = NOON) -> Machine:
    """A computer that was just switched on and does not know what time it is."""
    machine = Machine(real, source=Clock.WAITING)
    machine.shown = NEVER_SET
    return machine


def test_sessions_wait_until_the_time_is_known_and_get_the_day_on_which_they_were(
    opened: Open,
) -> None:
    station = opened(unset(NOON.replace(hour=22)))
    station.measure()
    station.idle(timedelta(hours=5))
    station.deliver()
    assert (station.days, len(station.outbox.journalled())) == ([], 1)
    station.machine.synchronise()
    station.look()
    station.deliver()
    assert (station.days, station.outbox.journalled()) == ([TODAY], [])


def test_a_session_that_is_open_when_the_time_becomes_known_stays_one(opened: Open) -> None:
    station = opened(unset())
    station.measure(120)
    station.idle(timedelta(minutes=4))
    station.machine.synchronise()
    station.look()
    station.measure(130)
    station.idle(GAP)
    station.deliver()
    ((row,),) = (batch.rows for batch in station.batches)
    assert not row.single


def test_an_agent_that_is_restarted_before_the_time_is_known_loses_nothing(opened: Open) -> None:
    station = opened(unset())
    station.measure()
    station.idle(timedelta(hours=1))
    station.restart_agent()
    station.idle(timedelta(hours=1))
    station.machine.synchronise()
    station.look()
    station.deliver()
    assert station.days == [TODAY]


def test_an_agent_that_is_restarted_while_the_network_is_away_holds_nothing_up(
    opened: Open,
) -> None:
    station = opened(Machine(NOON))
    station.look()
    station.machine.source = Clock.WAITING
    station.machine.shown = NEVER_SET
    station.restart_agent()
    station.measure()
    station.idle(GAP)
    station.deliver()
    assert station.days == [TODAY]


def test_what_was_heard_before_a_power_cut_is_dated_by_what_was_known_then(opened: Open) -> None:
    station = opened(Machine(NOON.replace(hour=23, minute=50)))
    station.look()
    station.measure()
    station.restart_machine(after=timedelta(hours=3), shown=NEVER_SET)
    station.measure()
    station.idle(GAP)
    assert station.days == [], "nobody knows whether the visit is over"
    station.machine.synchronise()
    station.look()
    station.deliver()
    assert sorted(station.days) == [TODAY, TODAY + DAY]
    assert station.undated() == 0


def test_what_nobody_dated_before_a_power_cut_is_given_up_counted_and_wiped(
    opened: Open, tmp_path: Path
) -> None:
    station = opened(unset())
    station.measure(177)
    station.measure(178)
    assert any(CUFF.encode() in file.read_bytes() for file in tmp_path.iterdir())
    station.restart_machine(after=timedelta(0), shown=NEVER_SET)
    station.look()
    assert (station.outbox.journalled(), station.undated()) == ([], 2)
    assert not any(CUFF.encode() in file.read_bytes() for file in tmp_path.iterdir())
    station.machine.synchronise()
    station.measure()
    station.idle(GAP)
    station.deliver()
    assert [batch.rejects for batch in station.batches] == [{Reason.UNDATED: "<8"}]


@pytest.mark.parametrize(("hours", "given_up"), [(72, 0), (73, 1)])
def test_exact_values_do_not_wait_on_disk_for_ever(opened: Open, hours: int, given_up: int) -> None:
    station = opened(unset(), hold_hours=72)
    station.measure()
    station.idle(timedelta(hours=hours), step=timedelta(hours=1))
    assert station.undated() == given_up
    assert len(station.outbox.journalled()) == 1 - given_up


def test_dated_frames_of_an_earlier_start_do_not_wait_for_ever_either(opened: Open) -> None:
    station = opened(Machine(NOON), hold_hours=72)
    station.look()
    station.measure()
    station.restart_machine(after=timedelta(0), shown=NEVER_SET)
    station.idle(timedelta(hours=73), step=timedelta(hours=1))
    assert station.outbox.staged_counts() == {"bp": 1}
    station.machine.synchronise()
    station.look()
    station.deliver()
    assert station.days == [TODAY]


def test_a_step_of_the_clock_neither_ends_nor_splits_a_visit(opened: Open) -> None:
    machine = Machine(NOON)
    machine.shown -= timedelta(hours=8)
    station = opened(machine)
    station.measure(120)
    station.idle(timedelta(minutes=5))
    machine.synchronise()
    station.look()
    station.measure(130)
    assert len(station.outbox.journalled()) == 2
    station.idle(GAP)
    station.deliver()
    assert [row.single for batch in station.batches for row in batch.rows] == [False]
    assert station.days == [TODAY]


class Refusing(Recording):
    """An outbox on a disk that takes nothing while a test says so."""

    refuses = False

    def note(self, key: str, text: str) -> None:
        self._check()
        super().note(key, text)

    def stage(self, rows: Iterable[Row], **rest: Any) -> None:
        self._check()
        super().stage(rows, **rest)

    def _check(self) -> None:
        if self.refuses:
            raise OutboxUnavailable("no room")


def test_what_the_disk_refuses_is_counted_kept_and_done_later_once(opened: Open) -> None:
    station = opened(Machine(NOON), outbox=Refusing)
    assert isinstance(station.outbox, Refusing)
    station.measure()
    station.outbox.refuses = True
    station.idle(timedelta(minutes=30))
    assert station.telemetry.counts["edge_disk_refusals_total"] > 19
    assert len(station.outbox.journalled()) == 1
    assert station.telemetry.counts["edge_sessions_total"] == 0
    station.outbox.refuses = False
    station.look()
    station.deliver()
    assert station.days == [TODAY]
    assert station.telemetry.counts["edge_sessions_total"] == 1


def test_what_the_disk_refuses_of_the_start_is_noted_later(opened: Open) -> None:
    station = opened(unset(), outbox=Refusing)
    assert isinstance(station.outbox, Refusing)
    station.outbox.refuses = True
    station.machine.synchronise()
    station.look()
    assert station.outbox.noted("starts") is None
    station.outbox.refuses = False
    station.look()
    station.machine.source = Clock.WAITING
    station.restart_agent()
    assert station.clock.now() == station.machine.real.astimezone(UTC)
