"""From what sensors tell to a numbered usage message, through a real outbox."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from contract.errors import DecodeError, Reason
from contract.topics import Stream
from contract.usage import UsageBatch
from edge_agent.occupancy.sensing import Count, Entered
from edge_agent.outbox import Outbox
from edge_agent.room import Room, addresses
from edge_agent.sensor_settings import OccupancySection
from edge_agent.telemetry import Telemetry

SENSORS = OccupancySection.model_validate(
    {
        "seats": 4,
        "sensors": [
            {"name": "door", "source": "zigbee2mqtt", "door": True},
            {"name": "chairs", "source": "bthome", "address": "A4:C1:38:00:00:02"},
        ],
    }
)
QUARTER = datetime(2026, 2, 6, 7, 0, tzinfo=UTC)
BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
COUNT_OF_TWO = bytes.fromhex("400902")  # BTHome v2, not encrypted: object 0x09, a count of 2


class Station:
    """A room whose clock the test moves."""

    def __init__(self, outbox: Outbox) -> None:
        self.now = QUARTER
        self.outbox = outbox
        self.telemetry = Telemetry()
        self.woken = 0
        self.room = Room(
            "BJ-CY-012", SENSORS, outbox, self.telemetry, self._wake,
            clock=lambda: self.now, rng=Random(1),
        )  # fmt: skip

    def _wake(self) -> None:
        self.woken += 1

    def live(self, minutes: int, people: int) -> None:
        """Let time pass, with every sensor saying the same each minute."""
        for _ in range(minutes):
            self.room.sensed(Entered("door", self.now, 0))
            self.room.sensed(Count("chairs", self.now, people))
            self.room.tick()
            self.now += timedelta(minutes=1)

    def messages(self) -> list[UsageBatch]:
        return [
            UsageBatch.model_validate_json(message.payload)
            for message in self.outbox.pending(10)
            if message.stream is Stream.USAGE
        ]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        yield Station(outbox)


def test_a_window_leaves_once_after_its_quarter_of_an_hour(station: Station) -> None:
    station.live(minutes=14, people=2)
    station.room.sensed(Entered("door", station.now, 3))
    station.live(minutes=4, people=2)
    (batch,) = station.messages()
    (window,) = batch.windows
    assert (batch.seq, window.start) == (1, int(QUARTER.timestamp()))
    assert (window.entries, window.occupied, window.mean, window.peak) == (3, 15, 2, 2)
    assert window.level == "some"
    assert station.woken == 1
    station.live(minutes=10, people=2)
    assert len(station.messages()) == 1


def test_windows_of_a_silent_station_are_absent_not_zero(station: Station) -> None:
    station.live(minutes=15, people=0)
    station.now += timedelta(minutes=4)
    for _ in range(16):
        station.room.tick()
        station.now += timedelta(minutes=1)
    *_, last = station.messages()[-1].windows
    assert (last.entries, last.occupied, last.mean, last.level) == (None, None, None, None)


def test_a_window_that_closed_before_a_power_cut_leaves_after_it(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    with Outbox(path, new_epoch=7, today=date(2026, 2, 6)) as outbox:
        before = Station(outbox)
        before.live(minutes=15, people=1)
        before.room.sensed(Count("chairs", before.now, 1))  # closes the window, publishes nothing
        assert before.messages() == []
    with Outbox(path, new_epoch=8, today=date(2026, 2, 6)) as outbox:
        after = Station(outbox)
        after.now = QUARTER + timedelta(minutes=17)
        after.room.tick()
        assert [window.start for window in after.messages()[0].windows] == [
            int(QUARTER.timestamp())
        ]


def test_a_bluetooth_sensor_is_heard_through_the_radio(station: Station) -> None:
    for _ in range(18):
        station.room.advertised("A4:C1:38:00:00:02", {BTHOME: COUNT_OF_TWO})
        station.room.advertised("A4:C1:38:00:00:02", {BATTERY: b"x"})
        station.room.tick()
        station.now += timedelta(minutes=1)
    (window,) = station.messages()[0].windows
    assert (window.mean, window.peak) == (2, 2)
    assert addresses(SENSORS.sensors) == {"A4:C1:38:00:00:02"}


def test_a_broken_broadcast_is_counted_and_stops_nothing(station: Station) -> None:
    station.room.advertised("A4:C1:38:00:00:02", {BTHOME: b""})
    refused = "edge_sensor_messages_refused_total{reason=truncated}"
    assert station.telemetry.counts[refused] == 1


def test_what_goes_wrong_is_counted(station: Station) -> None:
    station.room.refused(DecodeError(Reason.SCHEMA, "not JSON"))
    assert station.telemetry.counts["edge_sensor_messages_refused_total{reason=schema}"] == 1
