"""The station's condition: what it says at any moment, and the daily round."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from contract.condition import (
    Battery,
    Clock,
    Condition,
    Configuration,
    Device,
    LastHeard,
    Outcome,
    Radio,
    Space,
    Storage,
)
from contract.errors import OutboxUnavailable
from contract.status import Release
from edge_agent.condition import Conditions, Place, space_band, space_of
from edge_agent.outbox import Limits, Outbox
from edge_agent.release import Policy
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 2, 6, 12, 0, tzinfo=BEIJING)
POLICY = Policy(5, Release.DAILY, time(0, 10), 600)
TICK = timedelta(minutes=5)


class Ears:
    """A radio that says what it is told."""

    def __init__(self) -> None:
        self.state = "hearing"
        self.days = 0

    def day_passed(self) -> None:
        self.days += 1


class Station:
    """A station's condition, with a clock that a test sets."""

    def __init__(self, outbox: Outbox, directory: Path, *, source: Clock = Clock.SYNCHRONISED):
        self.outbox = outbox
        self.telemetry = Telemetry()
        self.ears = Ears()
        self.time = NOON
        self.source = source
        self.place = Place(directory, BEIJING, ["k1", "k2"], POLICY)
        self.wrong_by = timedelta(0)
        self.clock = StationClock(
            lambda: self.time + self.wrong_by,
            lambda: (self.time - NOON).total_seconds(),
            lambda: self.source,
            "boot",
        )
        self.clock.look()
        self.conditions = self.restarted(1)

    def restarted(self, seed: int) -> Conditions:
        return Conditions(
            self.place, self.outbox, self.clock, self.telemetry, radio=self.ears, rng=Random(seed)
        )

    def pass_time(self, span: timedelta, *, conditions: Conditions | None = None) -> list[datetime]:
        """Look again and again; the moments at which what is said has changed."""
        who = conditions or self.conditions
        changes = []
        for _ in range(span // TICK):
            self.time += TICK
            before = who.now().devices
            who.look()
            if who.now().devices != before:
                changes.append(self.time)
        return changes


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Outbox(tmp_path / "outbox.sqlite", new_epoch=7, today=NOON.date()) as outbox:
        yield Station(outbox, tmp_path)


def test_a_healthy_station_says_so(station: Station) -> None:
    condition = station.conditions.now()
    assert (condition.clock, condition.storage) == (Clock.SYNCHRONISED, Storage.SOUND)
    assert (condition.radio, condition.space) == (Radio.HEARING, space_of(station.place.directory))
    assert condition.backlog.model_dump() == {"messages": 0, "windows": 0, "oldest_hours": 0}
    assert [one.alias for one in condition.devices] == ["dev1", "dev2"]
    assert Condition.model_validate_json(condition.model_dump_json()) == condition


def test_devices_are_said_anew_at_the_daily_moment_and_at_no_other(station: Station) -> None:
    station.pass_time(timedelta(hours=3))
    station.conditions.talked("k1", "bp", 25)
    (moment,) = station.pass_time(timedelta(hours=24))
    assert NOON.date() < moment.astimezone(BEIJING).date()
    assert time(0, 10) <= moment.astimezone(BEIJING).time() <= time(0, 25)
    assert station.conditions.now().devices == (
        Device(alias="bp1", heard=LastHeard.WEEK, battery=Battery.LOW),
        Device(alias="dev2", heard=LastHeard.NEVER),
    )
    assert station.ears.days == 1


def test_the_moment_of_a_visit_does_not_move_the_round(tmp_path: Path) -> None:
    moments = []
    for hour in (1, 5, 11):
        path = tmp_path / f"{hour}.sqlite"
        with Outbox(path, new_epoch=7, today=NOON.date()) as outbox:
            station = Station(outbox, tmp_path)
            station.pass_time(timedelta(hours=hour))
            station.conditions.talked("k1", "bp", 25)
            moments += station.pass_time(timedelta(hours=24 - hour))
    assert len(moments) == 3
    assert len(set(moments)) == 1


def test_a_restart_tells_nothing_that_was_not_told_before(station: Station) -> None:
    station.conditions.talked("k1", "bp", 80)
    again = station.restarted(2)
    assert again.now().devices == station.conditions.now().devices
    (_,) = station.pass_time(timedelta(hours=24), conditions=again)
    assert again.now().devices[0] == Device(alias="bp1", heard=LastHeard.WEEK, battery=Battery.GOOD)
    assert station.restarted(3).now().devices == again.now().devices


def test_a_station_that_slept_through_its_round_goes_it_after_waking(station: Station) -> None:
    station.pass_time(timedelta(hours=24))
    station.conditions.talked("k1", "bp", None)
    station.time += timedelta(days=5)
    assert len(station.pass_time(timedelta(minutes=20), conditions=station.restarted(4))) == 1


def test_nobody_goes_round_before_the_time_is_known(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=NOON.date()) as outbox:
        station = Station(outbox, tmp_path, source=Clock.WAITING)
        station.conditions.talked("k1", "bp", None)
        assert station.pass_time(timedelta(hours=30)) == []
        assert station.conditions.now().clock is Clock.WAITING
        station.source = Clock.SYNCHRONISED
        station.clock.look()
        assert len(station.pass_time(timedelta(hours=24))) == 1


def test_a_round_that_a_wrong_clock_dated_in_the_future_stops_no_later_one(
    station: Station,
) -> None:
    station.wrong_by = timedelta(days=2000)
    station.clock.look()
    station.pass_time(timedelta(hours=24))
    assert station.ears.days == 1
    station.wrong_by = timedelta(0)
    station.clock.look()
    station.conditions.talked("k1", "bp", None)
    assert len(station.pass_time(timedelta(hours=24))) == 1


def fill(outbox: Outbox) -> None:
    """Write until nothing more fits, not even a word."""
    for size in (5000, 500, 5):
        with suppress(OutboxUnavailable):
            for number in range(1000):
                outbox.note(f"{size} {number}", "x" * size)
    outbox.note("last", "x" * 5000)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Station]:
    limits = Limits(max_bytes=256 * 1024, reserve_bytes=0)
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=NOON.date(), limits=limits) as outbox:
        yield Station(outbox, tmp_path)


def test_a_full_disk_is_said_when_it_was_looked_at_and_not_when_a_frame_met_it(
    small: Station, caplog: pytest.LogCaptureFixture
) -> None:
    small.conditions.look()
    with pytest.raises(OutboxUnavailable):
        fill(small.outbox)
    assert small.outbox.storage is Storage.FULL
    small.conditions.talked("k1", "bp", 80)
    small.pass_time(timedelta(minutes=10))
    assert (small.conditions.now().storage, caplog.records) == (Storage.SOUND, [])
    small.pass_time(timedelta(minutes=5))
    assert small.conditions.now().storage is Storage.FULL
    assert [record.getMessage() for record in caplog.records] == ["the station's file is now full"]


def test_what_could_not_be_kept_is_kept_by_a_later_look(small: Station) -> None:
    small.outbox.journal("d", "m", "c", NOON, bytes(20_000))
    with pytest.raises(OutboxUnavailable):
        fill(small.outbox)
    for number in range(80):
        small.conditions.talked(f"k{number}", "bp", 80)
    assert '"k79"' not in (small.outbox.noted("health") or "")
    frames = [frame.number for frame in small.outbox.journalled()]
    small.outbox.stage([], rejects={}, used=frames)
    small.conditions.look()
    assert '"k79"' in (small.outbox.noted("health") or "")


def test_lost_frames_are_said_at_the_round_and_lost_windows_at_once(station: Station) -> None:
    station.outbox.give_up_frames(20)
    assert station.conditions.now().losses.frames == "<8"
    station.pass_time(timedelta(hours=24))
    assert station.conditions.now().losses.frames == "20"


def test_the_desired_configuration_is_reported(station: Station) -> None:
    report = Configuration(revision="r7", outcome=Outcome.APPLIED)
    conditions = Conditions(
        station.place, station.outbox, station.clock, station.telemetry,
        radio=None, configuration=lambda: report, rng=Random(1),
    )  # fmt: skip
    assert conditions.now().configuration == report
    assert conditions.now().radio is Radio.UNUSED


def test_a_backlogs_age_is_in_whole_hours(station: Station) -> None:
    start = int((NOON.astimezone(UTC) - timedelta(hours=5, minutes=20)).timestamp())
    station.outbox.keep_window(start, "{}")
    backlog = station.conditions.now().backlog
    assert (backlog.windows, backlog.oldest_hours) == (1, 5)


@pytest.mark.parametrize(
    ("free", "word"), [(0.2, "ample"), (0.19, "scarce"), (0.05, "scarce"), (0.049, "critical")]
)
def test_space_is_one_of_three_words(free: float, word: str) -> None:
    assert space_band(free) is Space(word)


def test_a_disk_that_is_gone_is_critical(tmp_path: Path) -> None:
    assert space_of(tmp_path / "gone") is Space.CRITICAL
