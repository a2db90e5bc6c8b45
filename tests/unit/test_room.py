"""From what sensors tell to a numbered usage message, through a real outbox."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.outbox import Outbox
from edge_agent.room_sensors import addresses
from tests.unit.room_station import MINUTE, QUARTER, SENSORS, Station

BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
COUNT_OF_TWO = bytes.fromhex("400902")  # BTHome v2, not encrypted: object 0x09, a count of 2


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Outbox(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        yield Station(outbox)


def test_a_window_leaves_once_after_its_quarter_of_an_hour(station: Station) -> None:
    station.live(minutes=14, people=2)
    station.enter(3)
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
    station.machine.pass_time(4 * MINUTE)
    station.idle(16)
    *_, last = station.messages()[-1].windows
    assert (last.entries, last.occupied, last.mean, last.level) == (None, None, None, None)


def test_a_window_that_closed_before_a_power_cut_leaves_after_it(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    with Outbox(path, new_epoch=7, today=date(2026, 2, 6)) as outbox:
        before = Station(outbox)
        before.live(minutes=15, people=1)
        before.enter(0)  # closes the window, publishes nothing
        assert before.messages() == []
    with Outbox(path, new_epoch=8, today=date(2026, 2, 6)) as outbox:
        after = Station(outbox, before.machine)
        after.machine.pass_time(2 * MINUTE)
        after.room.tick()
        assert [window.start for window in after.messages()[0].windows] == [
            int(QUARTER.timestamp())
        ]


def test_a_bluetooth_sensor_is_heard_through_the_radio(station: Station) -> None:
    for _ in range(18):
        station.room.advertised("A4:C1:38:00:00:02", {BTHOME: COUNT_OF_TWO})
        station.room.advertised("A4:C1:38:00:00:02", {BATTERY: b"x"})
        station.idle(1)
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
