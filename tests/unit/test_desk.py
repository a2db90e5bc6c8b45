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

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 2, 6, 12, 0, tzinfo=BEIJING)


class Station:
    """An outbox, its desk, and a clock that a test sets."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.now = NOON
        self.woken = 0
        self.telemetry = Telemetry()
        settings = Settings(
            station=StationSection(id="BJ-CY-012"),
            mqtt=MqttSection(host="localhost"),
            radio=RadioSection(devices=("C0:FF:EE:00:00:01",)),
            privacy=PrivacySection(min_batch=2, release=Release.WHEN_FULL),
        )
        self.desk = Desk(
            settings, outbox, self.telemetry, self._wake, clock=lambda: self.now, rng=Random(1)
        )

    def _wake(self) -> None:
        self.woken += 1

    def hear_cuff(self, systolic: int, *, with_time: bool = True) -> None:
        time = wall_clock(self.now) if with_time else None
        reading = BloodPressureReading(float(systolic), 80.0, device_time=time)
        self.outbox.journal(
            "cuff",
            models.GENERIC_CUFF.title,
            blood_pressure.MEASUREMENT_UUID,
            self.now,
            blood_pressure.encode(reading),
        )

    def hear_meter(self, sequence: int, mmol_l: float) -> None:
        record = GlucoseReading(sequence, wall_clock(self.now), glucose_mmol_l=mmol_l)
        self.outbox.journal(
            "meter",
            models.GENERIC_METER.title,
            glucose.MEASUREMENT_UUID,
            self.now,
            glucose.encode_measurement(record),
        )

    def look_later(self) -> None:
        self.now += timedelta(minutes=11)
        self.desk.close_sessions()
        self.desk.release_batches()


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
        station.outbox.journal(
            frame.device, frame.model, frame.characteristic, station.now, frame.data
        )
    station.look_later()
    assert station.outbox.staged_counts() == {"bp": 1, "glu_casual": 1}
    assert station.telemetry.counts["edge_readings_rejected_total{reason=resent}"] == 2
    memory = Memory.from_json(station.outbox.memory("meter") or "")
    assert memory.last_sequence == 1
    assert memory.last_heard == station.now - timedelta(minutes=11)


def test_a_stale_reading_is_counted_and_never_staged(station: Station) -> None:
    started = station.now
    station.now -= timedelta(days=9)
    station.hear_cuff(150)
    (stale,) = station.outbox.journalled()
    station.outbox.stage([], rejects={}, used=[stale.number])
    station.now = started
    station.outbox.journal("cuff", stale.model, stale.characteristic, station.now, stale.data)
    station.look_later()
    assert station.outbox.staged_counts() == {}
    assert station.telemetry.counts["edge_readings_rejected_total{reason=undated}"] == 1
    assert station.outbox.journalled() == []
