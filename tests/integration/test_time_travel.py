"""Desk, room and outbox on a computer that loses the time: every reading has its day, every quarter
of an hour at most one window, and nothing is said twice.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.condition import Clock
from edge_agent.room import BACKLOG_WINDOWS
from tests.machine import NEVER_SET, Machine
from tests.travelling import Station

BEIJING = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 2, 6, 20, 0, tzinfo=BEIJING)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)

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


def quarters(first: datetime, span: timedelta) -> list[datetime]:
    """The starts of the quarters of an hour from `first` on."""
    return [first.astimezone(UTC) + number * QUARTER for number in range(span // QUARTER)]


def test_an_outage_of_thirty_days_loses_nothing_and_drains_in_few_messages(opened: Open) -> None:
    station = opened(Machine(EVENING))
    station.connected = False
    expected = []
    for day in range(30):
        station.measure(120 + day)
        expected.append((EVENING + day * DAY).date())
        station.furnish(DAY)
    assert len(station.outbox.pending(100)) == 30
    station.connected = True
    station.deliver()
    station.furnish(HOUR)
    station.finish()
    assert station.days == expected
    assert sum(len(batch.rows) for batch in station.batches) == 30
    assert sorted(station.starts()) == quarters(EVENING, 30 * DAY + HOUR)
    assert station.messages <= 30 + 30 * 96 / BACKLOG_WINDOWS + 6


def test_a_station_without_the_time_at_boot_dates_everything_when_it_comes(opened: Open) -> None:
    machine = Machine(EVENING, source=Clock.WAITING)
    machine.shown = NEVER_SET
    station = opened(machine)
    station.measure()
    station.live(5 * HOUR)  # past midnight
    station.measure(130)
    station.live(HOUR)
    station.deliver()
    assert (station.days, station.windows) == ([], [])
    machine.synchronise()
    station.live(HOUR)
    station.finish()
    assert station.days == [EVENING.date(), (EVENING + DAY).date()]
    assert sorted(station.starts()) == quarters(EVENING, 7 * HOUR)
    assert [window.entries for window in station.windows] == [15] * 28


def test_an_agent_that_is_killed_before_the_time_comes_loses_only_its_windows(
    opened: Open,
) -> None:
    machine = Machine(EVENING, source=Clock.WAITING)
    machine.shown = NEVER_SET
    station = opened(machine)
    station.measure()
    station.live(HOUR)
    station.restart_agent()
    station.live(HOUR)
    machine.synchronise()
    station.live(HOUR)
    station.finish()
    assert station.days == [EVENING.date()]
    assert sorted(station.starts()) == quarters(EVENING + HOUR, 2 * HOUR)


@pytest.mark.parametrize("step", [8 * HOUR, -8 * HOUR])
def test_a_step_of_eight_hours_and_back_doubles_nothing(opened: Open, step: timedelta) -> None:
    station = opened(Machine(EVENING))
    station.measure()
    station.live(2 * HOUR)
    station.machine.shown += step
    station.live(HOUR)
    station.measure(130, shown=station.machine.shown)
    station.live(HOUR)
    station.machine.shown -= step
    station.live(10 * HOUR)
    station.finish()
    wrong = (EVENING + 3 * HOUR + step).date()
    assert station.days == [EVENING.date(), wrong]
    starts = station.starts()
    assert len(set(starts)) == len(starts)
    stepped = set(quarters(EVENING + 2 * HOUR + step, 2 * HOUR))
    right = {*quarters(EVENING, 2 * HOUR), *quarters(EVENING + 4 * HOUR, 10 * HOUR)}
    assert right | stepped <= set(starts)
    seen = {start for start, window in zip(starts, station.windows, strict=True) if window.entries}
    assert seen <= right | stepped, "what was open at the step tells nothing"
    for window in station.windows:
        assert window.entries is None or 0 <= window.entries <= 16


@pytest.mark.parametrize("source", [Clock.WAITING, Clock.KEPT])
def test_a_clock_that_falls_to_1970_changes_nothing(opened: Open, source: Clock) -> None:
    station = opened(Machine(EVENING))
    station.live(HOUR)
    station.machine.shown = NEVER_SET
    station.machine.source = source
    station.measure()
    station.live(5 * HOUR)
    station.measure(130)
    station.live(HOUR)
    station.machine.synchronise()
    station.live(HOUR)
    station.finish()
    assert station.days == [EVENING.date(), (EVENING + DAY).date()]
    assert station.starts() == sorted(quarters(EVENING, 8 * HOUR))
    assert {window.entries for window in station.windows} == {15}


def test_a_power_cut_in_every_window_never_makes_one_twice(opened: Open) -> None:
    station = opened(Machine(EVENING))
    for _ in range(12):
        station.live(timedelta(minutes=7))
        station.restart_machine(after=timedelta(minutes=1), shown=NEVER_SET)
        station.live(timedelta(minutes=3))
        station.machine.synchronise()
        station.look()
    station.deliver()
    starts = station.starts()
    assert len(set(starts)) == len(starts) > 0
    assert {window.entries for window in station.windows} == {None}, "each was partly unseen"


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("Asia/Shanghai", -20), ("Asia/Shanghai", 10), ("Europe/Berlin", -20), ("Asia/Kolkata", 10)],
)
def test_the_day_of_a_session_is_the_local_one_on_both_sides_of_midnight(
    opened: Open, zone: str, minutes: int
) -> None:
    midnight = datetime(2026, 3, 29, 0, 0, tzinfo=ZoneInfo(zone))  # DST begins later that night
    station = opened(Machine(midnight + timedelta(minutes=minutes)), zone=zone)
    station.measure()
    station.idle(HOUR)
    station.measure(130)
    station.idle(4 * HOUR)
    station.measure(140)
    station.idle(HOUR)
    today = midnight.date()
    assert station.days == [today - DAY if minutes < 0 else today, today, today]
