"""The daily release while the clock steps: one for each local day, and none skipped."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Reason
from edge_agent.settings import PrivacySection
from tests.machine import NEVER_SET, Machine
from tests.travelling import Station

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOON.date()
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


class Daily:
    """A station with a daily release, and the moment of each by its own clock."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.released: list[datetime] = []

    def live(self, span: timedelta) -> None:
        """Let time pass, with a visit every two hours."""
        until = self.station.machine.real + span
        while self.station.machine.real < until:
            self.station.measure(shown=self.station.clock.now())
            for _ in range(12):
                self.station.machine.pass_time(timedelta(minutes=10))
                self._look()

    def set_clock(self, by: timedelta) -> None:
        """The computer's clock is set, by somebody who is believed."""
        self.station.machine.shown += by
        self._look()

    def _look(self) -> None:
        before = self.station.outbox.ledger().numbered
        self.station.clock.look()
        self.station.desk.look()
        if self.station.outbox.ledger().numbered > before:
            self.released.append(self.station.clock.now().astimezone(self.station.zone))

    @property
    def days(self) -> list[date]:
        return [moment.date() for moment in self.released]


def test_a_day_has_one_release(opened: Open) -> None:
    daily = Daily(opened(Machine(NOON), privacy=DAILY))
    daily.live(3 * DAY)
    assert daily.days == [TODAY + DAY, TODAY + 2 * DAY, TODAY + 3 * DAY]
    assert {moment.time() for moment in daily.released} == {time(0, 10)}


@pytest.mark.parametrize("hour", [1, 20])
@pytest.mark.parametrize("step", [8, -8, 30, -72])
def test_a_step_and_its_correction_release_no_day_twice_and_lose_nothing(
    opened: Open, hour: int, step: int
) -> None:
    daily = Daily(opened(Machine(NOON.replace(hour=hour)), privacy=DAILY))
    daily.live(DAY)
    daily.set_clock(timedelta(hours=step))
    daily.live(timedelta(hours=2))
    daily.set_clock(timedelta(hours=-step))
    daily.live(4 * DAY)
    assert len(set(daily.days)) == len(daily.days), daily.released
    assert len(daily.days) >= 4
    assert daily.days[-1] >= (NOON + 4 * DAY).date()
    assert sum(daily.station.outbox.staged_counts().values()) <= 24


def test_a_clock_that_was_years_ahead_does_not_stop_the_releases(opened: Open) -> None:
    daily = Daily(opened(Machine(NOON), privacy=DAILY))
    daily.live(DAY)
    daily.set_clock(3650 * DAY)
    daily.live(timedelta(hours=1))
    daily.set_clock(-3650 * DAY)
    daily.released.clear()
    daily.live(3 * DAY)
    assert daily.days == [TODAY + 2 * DAY, TODAY + 3 * DAY, TODAY + 4 * DAY]


def test_a_clock_in_1970_changes_nothing(opened: Open) -> None:
    daily = Daily(opened(Machine(NOON), privacy=DAILY))
    daily.live(DAY)
    daily.station.machine.shown = NEVER_SET
    daily.live(3 * DAY)
    assert daily.days == [TODAY + day * DAY for day in (1, 2, 3, 4)]


@pytest.mark.parametrize("night", [date(2026, 3, 28), date(2026, 10, 24)])
def test_the_night_in_which_the_clocks_change_has_one_release(opened: Open, night: date) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime.combine(night, time(20), berlin)
    at_half_past_two = DAILY.model_copy(update={"release_at": time(2, 30)})
    machine = Machine(evening)
    daily = Daily(opened(machine, privacy=at_half_past_two, zone="Europe/Berlin"))
    daily.live(2 * DAY)
    assert daily.days == [night + DAY, night + 2 * DAY]


def test_sessions_that_find_no_company_are_given_up_and_declared(opened: Open) -> None:
    station = opened(Machine(NOON), privacy=DAILY)
    station.measure()
    station.idle(27 * DAY, step=timedelta(hours=6))
    assert station.outbox.staged_counts() == {"bp": 1}
    station.idle(2 * DAY, step=timedelta(hours=6))
    assert station.outbox.staged_counts() == {}
    for systolic in (130, 140):
        station.measure(systolic)
        station.idle(timedelta(minutes=15))
    station.idle(DAY)
    station.deliver()
    assert [batch.rejects for batch in station.batches] == [{Reason.TOO_FEW: "<8"}]
