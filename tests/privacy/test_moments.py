"""When something leaves a station says nothing about when somebody measured."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from contract.status import Release
from edge_agent.desk import Desk
from edge_agent.devices import blood_pressure, models
from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.devices.date_time import wall_clock
from edge_agent.outbox import Outbox
from edge_agent.settings import MqttSection, PrivacySection, RadioSection, Settings, StationSection
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry
from tests.machine import Machine

BEIJING = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 2, 6, 1, 0, tzinfo=BEIJING)
DAYS = 3
TICK = timedelta(minutes=2)
VALUES = (118, 124, 131, 142, 152, 163)

Visit = tuple[datetime, int]
Departure = tuple[datetime, bytes]
Hours = Sequence[float]

MORNING = (7.0, 7.5, 8.0, 8.5, 9.0, 9.5)
EVENING = (19.0, 19.5, 20.1, 20.7, 21.3, 22.9)
SPREAD = (6.2, 9.9, 12.4, 15.0, 18.8, 23.4)


def daily(hours: Hours, days: int = DAYS - 1) -> list[Visit]:
    """The same people come at these hours every day."""
    midnight = START.replace(hour=0)
    return sorted(
        (midnight + timedelta(days=day, hours=hour), value)
        for day in range(days)
        for hour, value in zip(hours, VALUES, strict=False)
    )


def living(
    directory: Path, visits: Sequence[Visit], release: Release
) -> Iterator[tuple[datetime, Outbox]]:
    """A station for some days, looked at every other minute."""
    directory.mkdir()
    machine = Machine(START)
    clock = machine.clock()
    settings = Settings(
        station=StationSection(id="BJ-CY-012"),
        mqtt=MqttSection(host="localhost"),
        radio=RadioSection(devices=("C0:FF:EE:00:00:01",)),
        privacy=PrivacySection(release=release),
    )
    due = list(visits)
    with Outbox(directory / "outbox.sqlite", new_epoch=7, today=START.date()) as outbox:
        desk = Desk(settings, outbox, Telemetry(), lambda: None, clock=clock, rng=Random(5))
        while machine.real < START + timedelta(days=DAYS):
            machine.pass_time(TICK)
            while due and due[0][0] <= machine.real:
                measure(outbox, clock, *due.pop(0))
            desk.look()
            yield machine.real, outbox


def replayed(directory: Path, visits: Sequence[Visit], release: Release) -> list[Departure]:
    """When each message of a station leaves, and the message."""
    left: list[Departure] = []
    for moment, outbox in living(directory, visits, release):
        pending = outbox.pending(99)
        left += [(moment, message.payload) for message in pending]
        outbox.settle(outbox.epoch, [message.seq for message in pending])
    return left


def measure(outbox: Outbox, clock: StationClock, at: datetime, systolic: int) -> None:
    reading = BloodPressureReading(float(systolic), 80.0, device_time=wall_clock(at))
    outbox.journal(
        "cuff", models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID,
        clock.since_start(), blood_pressure.encode(reading), clock.boot,
    )  # fmt: skip


def seen_from_outside(departures: Sequence[Departure]) -> list[tuple[datetime, int]]:
    return [(moment, len(payload)) for moment, payload in departures]


@pytest.mark.parametrize("hours", [EVENING, SPREAD])
def test_the_same_values_at_other_hours_leave_at_the_same_moments(
    hours: Hours, tmp_path: Path
) -> None:
    usual = replayed(tmp_path / "usual", daily(MORNING), Release.DAILY)
    other = replayed(tmp_path / "other", daily(hours), Release.DAILY)
    assert len(usual) == DAYS - 1
    assert seen_from_outside(other) == seen_from_outside(usual)
    assert other == usual


def test_a_release_that_follows_the_last_visit_would_be_noticed(tmp_path: Path) -> None:
    usual = replayed(tmp_path / "usual", daily(MORNING), Release.WHEN_FULL)
    other = replayed(tmp_path / "other", daily(EVENING), Release.WHEN_FULL)
    assert len(other) == len(usual)
    assert seen_from_outside(other) != seen_from_outside(usual)


def test_fewer_visitors_than_a_batch_needs_leave_no_trace_at_all(tmp_path: Path) -> None:
    traces = {
        name: [
            (moment, outbox.ledger(), outbox.backlog(), outbox.losses(), outbox.pending(9))
            for moment, outbox in living(tmp_path / name, visits, Release.DAILY)
        ]
        for name, visits in {"few": daily(MORNING[:2]), "none": []}.items()
    }
    assert traces["few"] == traces["none"]
    with Outbox(tmp_path / "few" / "outbox.sqlite", new_epoch=8, today=START.date()) as outbox:
        assert outbox.staged_counts() == {"bp": 4}
