"""The desk between journal and outbox: what was heard leaves apart by measure, or is counted."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from contract.status import Release
from edge_agent.desk import Desk
from edge_agent.devices import blood_pressure, glucose, models
from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.devices.date_time import wall_clock
from edge_agent.devices.glucose import GlucoseReading
from edge_agent.memory import Memory
from edge_agent.outbox import Outbox
from edge_agent.settings import MqttSection, PrivacySection, RadioSection, Settings, StationSection
from edge_agent.telemetry import Telemetry
from tests.machine import Machine

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 2, 6, 12, 0, tzinfo=BEIJING)


class Station:
    """An outbox, its desk, and a machine whose time a test lets pass."""

    def __init__(
        self, outbox: Outbox, machine: Machine | None = None, *, min_batch: int = 2
    ) -> None:
        self.outbox = outbox
        self.machine = machine or Machine(NOON)
        self.clock = self.machine.clock()
        self.woken = 0
        self.telemetry = Telemetry()
        settings = Settings(
            station=StationSection(id="BJ-CY-012"),
            mqtt=MqttSection(host="localhost"),
            radio=RadioSection(devices=("C0:FF:EE:00:00:01",)),
            privacy=PrivacySection(min_batch=min_batch, release=Release.WHEN_FULL),
        )
        self.desk = Desk(
            settings, outbox, self.telemetry, self._wake, clock=self.clock, rng=Random(1)
        )

    @property
    def now(self) -> datetime:
        return self.machine.real.astimezone(BEIJING)

    def _wake(self) -> None:
        self.woken += 1

    def hear_cuff(self, systolic: int, *, shown: datetime | None = None) -> None:
        time = wall_clock(shown or self.now)
        reading = BloodPressureReading(float(systolic), 80.0, device_time=time)
        uuid = blood_pressure.MEASUREMENT_UUID
        self.hear("cuff", models.GENERIC_CUFF.title, uuid, blood_pressure.encode(reading))

    def hear_meter(self, sequence: int, mmol_l: float) -> None:
        record = GlucoseReading(sequence, wall_clock(self.now), glucose_mmol_l=mmol_l)
        uuid = glucose.MEASUREMENT_UUID
        self.hear("meter", models.GENERIC_METER.title, uuid, glucose.encode_measurement(record))

    def hear(self, device: str, model: str, uuid: str, data: bytes) -> None:
        at, boot = self.clock.since_start(), self.clock.boot
        self.outbox.journal(device, model, uuid, at, data, boot)

    def look_later(self) -> None:
        self.machine.pass_time(timedelta(minutes=11))
        self.desk.look()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Outbox(tmp_path / "outbox.sqlite", new_epoch=7, today=NOON.date()) as outbox:
        yield Station(outbox)


def test_each_measure_waits_for_company_of_its_own(station: Station) -> None:
    station.hear_cuff(120)
    station.hear_meter(1, 5.2)
    station.look_later()
    assert station.outbox.staged_counts() == {"bp": 1, "glu_casual": 1}
    assert (station.outbox.pending(9), station.woken) == ([], 0)
    station.hear_meter(2, 8.4)
    station.look_later()
    assert station.outbox.staged_counts() == {"bp": 1}
    (message,) = station.outbox.pending(9)
    batch = json.loads(message.payload)
    assert (batch["measure"], batch["from"], batch["to"]) == (
        "glu_casual",
        "2026-02-06",
        "2026-02-06",
    )
    assert sorted((row["c"], row["g"]) for row in batch["rows"]) == [
        ("raised_after_food", 7.8),
        ("usual", 4.7),
    ]
    assert station.woken == 1


def test_what_was_heard_is_known_when_it_is_heard_again(station: Station) -> None:
    station.hear_meter(1, 5.2)
    station.hear_cuff(120)
    (first, second) = station.outbox.journalled()
    station.look_later()
    for frame in (first, second):
        station.hear(frame.device, frame.model, frame.characteristic, frame.data)
    station.look_later()
    assert station.outbox.staged_counts() == {"bp": 1, "glu_casual": 1}
    assert station.telemetry.counts["edge_readings_rejected_total{reason=resent}"] == 2
    memory = Memory.from_json(station.outbox.memory("meter") or "")
    assert memory.last_sequence == 1
    assert memory.last_heard == station.now - timedelta(minutes=11)


def test_a_stale_reading_is_counted_and_never_staged(station: Station) -> None:
    station.hear_cuff(150, shown=NOON - timedelta(days=9))
    station.look_later()
    assert station.outbox.staged_counts() == {}
    assert station.telemetry.counts["edge_readings_rejected_total{reason=undated}"] == 1
    assert station.outbox.journalled() == []


def test_a_fifth_session_within_an_hour_does_not_count_not_even_after_a_restart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "o.sqlite"
    with Outbox(path, new_epoch=7, today=NOON.date()) as outbox:
        station = Station(outbox, min_batch=99)
        for systolic in (120, 121, 122):
            station.hear_cuff(systolic)
            station.look_later()
    with Outbox(path, new_epoch=8, today=NOON.date()) as outbox:
        station = Station(outbox, station.machine, min_batch=99)
        for systolic in (123, 124):
            station.hear_cuff(systolic)
            station.look_later()
        assert outbox.staged_counts() == {"bp": 4}
        assert station.telemetry.counts["edge_readings_rejected_total{reason=session_cap}"] == 1
        station.machine.pass_time(timedelta(minutes=30))
        station.hear_cuff(125)
        station.look_later()
        assert outbox.staged_counts() == {"bp": 5}
