"""Beacons by bleak and a virtual BlueZ, and pins by gpiozero's mock, up to a window."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from gpiozero import DigitalInputDevice  # type: ignore[import-untyped]

from contract.errors import DecodeError, Reason
from contract.usage import UsageWindow
from edge_agent.occupancy.beacons import Beacon, Beacons
from edge_agent.occupancy.bthome import SERVICE_UUID
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.gpio import PinSensor, Wiring
from edge_agent.occupancy.sensing import Presence, SensorLost
from edge_agent.occupancy.windows import Aggregator, Expected
from simulators.occupancy.bthome import MOTION, OPENING, BthomeSensor
from simulators.occupancy.gpio import VirtualPins
from tests.integration.listening import NINE, Notes, Watch, running
from tests.integration.radio import virtual_radio

ADDRESS = "A4:C1:38:00:00:11"
NEIGHBOUR = "A4:C1:38:00:00:12"
KEY = bytes(range(16))
PIN = 17


@asynccontextmanager
async def hearing(beacons: Beacons) -> AsyncIterator[Notes]:
    """What a scanner for everything hears of these beacons."""
    notes = Notes()

    def heard(device: BLEDevice, advertisement: AdvertisementData) -> None:
        data = advertisement.service_data.get(SERVICE_UUID)
        if data is None:
            return
        try:
            for event in beacons.hear(device.address, data, notes.clock()):
                notes.sensed(event)
        except DecodeError as problem:
            notes.refused(problem)

    async with BleakScanner(heard):
        yield notes


def _sensor(address: str = ADDRESS, key: bytes | None = None) -> BthomeSensor:
    return BthomeSensor(address=address, key=key, interval_seconds=0.02)


async def test_motion_is_told_once_however_often_it_is_advertised(tmp_path: Path) -> None:
    beacons = Beacons({ADDRESS: Beacon("hall"), NEIGHBOUR: Beacon("attic")})
    async with virtual_radio(tmp_path) as radio, hearing(beacons) as notes:
        sensor, other = _sensor(), _sensor(NEIGHBOUR)
        radio.adapter.place(sensor)
        radio.adapter.place(other)
        sensor.tell({MOTION: 1})
        assert await notes.events.get() == Presence("hall", NINE, occupied=True)
        for packet in range(20):  # the other one tells that time passes
            other.tell({MOTION: packet % 2})
            assert await notes.events.get() == Presence("attic", NINE, occupied=packet % 2 == 1)
        sensor.tell({MOTION: 0})
        assert await notes.events.get() == Presence("hall", NINE, occupied=False)


async def test_a_door_is_heard_to_open_through_encryption(tmp_path: Path) -> None:
    beacons = Beacons({ADDRESS: Beacon("door", KEY, passes_per_entry=1)})
    async with virtual_radio(tmp_path) as radio, hearing(beacons) as notes:
        sensor = _sensor(key=KEY)
        radio.adapter.place(sensor)
        entries = []
        for is_open in (0, 1, 0, 1):
            sensor.tell({OPENING: is_open})
            entries.append(await notes.entries())
        assert entries == [0, 1, 0, 1]


async def test_a_beacon_that_talks_nonsense_is_refused_and_its_neighbour_is_heard(
    tmp_path: Path,
) -> None:
    beacons = Beacons({ADDRESS: Beacon("hall"), NEIGHBOUR: Beacon("attic")})
    async with virtual_radio(tmp_path) as radio, hearing(beacons) as notes:
        sensor, other = _sensor(), _sensor(NEIGHBOUR)
        radio.adapter.place(sensor)
        radio.adapter.place(other)
        sensor.advertise(b"\x40\x21")
        assert (await notes.refusals.get()).reason is Reason.TRUNCATED
        other.tell({MOTION: 1})
        assert await notes.presence()


def _pin(
    pins: VirtualPins,
    clock: Watch,
    *,
    doorway: Doorway | None = None,
    pull_up: bool = False,
    restate_seconds: float = 60,
) -> PinSensor:
    return PinSensor(
        "door",
        Wiring(PIN, pull_up=pull_up, bounce_seconds=0.01),
        clock=clock,
        rng=Random(1),
        doorway=doorway,
        restate_seconds=restate_seconds,
        first_pause_seconds=0.01,
        pin_factory=pins.factory,
    )


async def test_a_motion_sensor_tells_what_its_pin_says(tmp_path: Path) -> None:
    pins, notes = VirtualPins(), Notes()
    async with running(_pin(pins, notes.clock), notes):
        assert not await notes.presence()
        await asyncio.to_thread(pins.drive, PIN, high=True)
        assert await notes.presence()
        await asyncio.to_thread(pins.drive, PIN, high=False)
        assert not await notes.presence()


async def test_an_output_that_pulls_to_ground_is_active_when_low() -> None:
    pins, notes = VirtualPins(), Notes()
    async with running(_pin(pins, notes.clock, pull_up=True), notes):
        assert not await notes.presence()
        pins.drive(PIN, high=False)
        assert await notes.presence()


async def test_a_door_beam_counts_interruptions_and_tells_them_by_two() -> None:
    pins, notes = VirtualPins(), Notes()
    async with running(_pin(pins, notes.clock, doorway=Doorway()), notes):
        assert await notes.entries() == 0
        entries = []
        for _ in range(4):
            for high in (True, False):
                pins.drive(PIN, high=high)
                entries.append(await notes.entries())
        assert entries == [1, 0, 0, 0, 1, 0, 0, 0]


async def test_a_pin_that_does_not_change_gives_signs_of_life() -> None:
    pins, notes = VirtualPins(), Notes()
    async with running(_pin(pins, notes.clock, restate_seconds=0.01), notes):
        assert [await notes.presence() for _ in range(3)] == [False] * 3


async def test_a_pin_in_other_hands_is_waited_for_and_given_back() -> None:
    pins, notes = VirtualPins(), Notes()
    other = DigitalInputDevice(PIN, pin_factory=pins.factory)
    async with running(_pin(pins, notes.clock), notes):
        assert await notes.silence() == "door"
        assert isinstance(await notes.losses.get(), SensorLost)
        other.close()
        while await notes.events.get() != Presence("door", NINE, occupied=False):
            pass
    DigitalInputDevice(PIN, pin_factory=pins.factory).close()


async def test_what_a_pin_says_becomes_a_window() -> None:
    pins, notes = VirtualPins(), Notes()
    aggregator = Aggregator(seats=8, sensors={"door": Expected(silent_after=None)})
    windows: list[UsageWindow | None] = []
    async with running(_pin(pins, notes.clock), notes):
        windows.append(aggregator.take(await notes.events.get()))
        for minute in range(1, 16):
            notes.clock.now = NINE + timedelta(minutes=minute)
            windows.append(aggregator.advance(notes.clock.now))
            if minute in (5, 9):
                pins.drive(PIN, high=minute == 5)
                windows.append(aggregator.take(await notes.events.get()))
    start = int(NINE.timestamp())
    assert [one for one in windows if one] == [UsageWindow(start=start, occupied=4)]
