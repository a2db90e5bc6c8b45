"""What scans hear of the virtual BlueZ: repeated advertisements, service data, passive scans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters, OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from dbus_fast import Message, Variant
from dbus_fast.aio import MessageBus

from edge_agent.devices.blood_pressure import SERVICE_UUID
from simulators.bluez.discovery import AdvertisementRule
from simulators.bluez.monitors import Pattern
from simulators.bluez.names import (
    ADAPTER,
    ADAPTER_PATH,
    MONITOR,
    MONITORS,
    OBJECT_MANAGER,
    PROPERTIES,
    assigned_uuid,
)
from simulators.bluez.peripheral import Advertisement, Peripheral, Transmitter
from simulators.occupancy.bthome import SERVICE_UUID as BTHOME_UUID
from simulators.occupancy.bthome import BthomeSensor
from tests.integration.radio import (
    BEACON_ADDRESS,
    CUFF_ADDRESS,
    Sightings,
    Witness,
    virtual_radio,
    watching,
)

MARK_ADDRESS: Final = BEACON_ADDRESS
OLD, NEXT = AdvertisementRule.BLUEZ, AdvertisementRule.BLUEZ_NEXT


class Window(Peripheral):
    """Advertises when it is told to, once unless it is told otherwise."""

    def __init__(self) -> None:
        self.address = CUFF_ADDRESS
        self.name = "Window"
        self.services = ()
        self._transmitter: Transmitter | None = None

    def on_placed(self, transmitter: Transmitter) -> None:
        self._transmitter = transmitter

    def open(self, rssi: int = -60, data: bytes = b"", *, interval_seconds: float = 60) -> None:
        """A window with advertisements of this strength, with this service data."""
        assert self._transmitter is not None
        advertisement = Advertisement(
            (SERVICE_UUID,),
            {BTHOME_UUID: data} if data else {},
            rssi=rssi,
            interval_seconds=interval_seconds,
        )
        self._transmitter.advertise(advertisement, seconds=60)

    def close(self) -> None:
        """Silence."""
        assert self._transmitter is not None
        self._transmitter.silence()


class Scan:
    """A running scan, a device with windows, and a sensor that marks how far the scan has come."""

    def __init__(self, sightings: Sightings, device: Window, mark: BthomeSensor) -> None:
        self.sightings = sightings
        self.device = device
        self._mark = mark
        self._marks = 0

    async def heard(self, rssi: int = -60, data: bytes = b"") -> int:
        """How often the scan tells of a new window of the device, from its first advertisement."""
        before = len(self.sightings.addresses)
        self.device.open(rssi, data)
        self._marks += 1
        self._mark.tell({0x09: self._marks})
        await self.sightings.until(MARK_ADDRESS)
        self.device.close()
        return self.sightings.addresses[before:].count(CUFF_ADDRESS)


@asynccontextmanager
async def scan(
    directory: Path, rule: AdvertisementRule, filters: BlueZDiscoveryFilters
) -> AsyncIterator[Scan]:
    """Scans with these filters; the device has been heard once."""
    async with virtual_radio(directory, rule=rule) as radio:
        sightings, device = Sightings(), Window()
        mark = BthomeSensor(address=MARK_ADDRESS, interval_seconds=60)
        radio.adapter.place(device)
        radio.adapter.place(mark)
        async with BleakScanner(sightings.see, bluez={"filters": filters}):
            running = Scan(sightings, device, mark)
            assert await running.heard() == 1
            yield running


@pytest.mark.parametrize(
    ("rule", "filters", "times"),
    [
        (OLD, {}, 1),
        (NEXT, {}, 0),
        (NEXT, {"RSSI": -127}, 1),
        (NEXT, {"Pathloss": 127}, 1),
        (NEXT, {"DuplicateData": True}, 0),
    ],
)
async def test_a_second_window_without_news_depends_on_the_rule(
    tmp_path: Path, rule: AdvertisementRule, filters: BlueZDiscoveryFilters, times: int
) -> None:
    async with scan(tmp_path, rule, filters) as running:
        assert await running.heard() == times


async def test_the_next_bluez_tells_of_eight_decibels(tmp_path: Path) -> None:
    async with scan(tmp_path, NEXT, {}) as running:
        assert await running.heard(rssi=-67) == 0
        assert await running.heard(rssi=-68) == 1
        assert await running.heard(rssi=-61) == 0
        assert await running.heard(rssi=-60) == 1


@pytest.mark.parametrize(("duplicates", "times"), [(False, 0), (True, 1)])
async def test_a_payload_is_told_again_only_if_duplicates_are_wanted(
    tmp_path: Path, duplicates: bool, times: int
) -> None:
    async with scan(tmp_path, NEXT, {"DuplicateData": duplicates}) as running:
        assert await running.heard(data=b"\x40\x00\x01") == 1
        assert await running.heard(data=b"\x40\x00\x01") == times
        assert await running.heard(data=b"\x40\x00\x02") == 1


async def test_a_new_scan_hears_of_a_device_again(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path, rule=NEXT) as radio:
        device = Window()
        radio.adapter.place(device)
        for _ in range(2):
            sightings = Sightings()
            async with BleakScanner(sightings.see):
                device.open()
                await sightings.until(CUFF_ADDRESS)


@pytest.mark.parametrize("rule", [OLD, NEXT])
async def test_a_passive_scan_hears_what_its_pattern_matches(
    tmp_path: Path, rule: AdvertisementRule
) -> None:
    pattern = OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, b"\xd2\xfc")
    async with virtual_radio(tmp_path, rule=rule) as radio, watching(radio.address) as witness:
        radio.place_beacon()
        sensor = BthomeSensor(address=CUFF_ADDRESS, interval_seconds=0.01)
        radio.adapter.place(sensor)
        sightings = Sightings()
        scanner = BleakScanner(
            sightings.see, scanning_mode="passive", bluez={"or_patterns": [pattern]}
        )
        async with scanner:
            for count in range(3):
                sensor.tell({0x09: count})
                await sightings.until(CUFF_ADDRESS)
        assert set(sightings.addresses) == {CUFF_ADDRESS}
        data = scanner.discovered_devices_and_advertisement_data[CUFF_ADDRESS][1].service_data
        assert data == {BTHOME_UUID: b"\x40\x00\x02\x09\x02"}
        assert "Discovering=True" not in witness.events


async def test_a_passive_scan_that_has_ended_hears_nothing(tmp_path: Path) -> None:
    pattern = OrPattern(0, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, b"\x10\x18")
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        device, sightings = Window(), Sightings()
        radio.adapter.place(device)
        scanner = BleakScanner(
            sightings.see, scanning_mode="passive", bluez={"or_patterns": [pattern]}
        )
        async with scanner:
            device.open(rssi=-60, interval_seconds=0.01)
            await sightings.until(CUFF_ADDRESS)
            device.close()
        device.open(rssi=-40)
        root = "/not/registered"
        unknown = await witness.call(ADAPTER_PATH, MONITORS, "UnregisterMonitor", "o", root)
        assert unknown == "org.bluez.Error.DoesNotExist"
        assert "RSSI=-40" not in witness.events


async def test_a_client_that_leaves_takes_its_monitors_with_it(tmp_path: Path) -> None:
    root, patterns = "/monitor", [[0, 0x03, b"\x10\x18"]]
    monitor = {"Type": Variant("s", "or_patterns"), "Patterns": Variant("a(yyay)", patterns)}
    signature, body = "oa{sa{sv}}", [root, {MONITOR: monitor}]
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        device = Window()
        radio.adapter.place(device)
        bus = await MessageBus(bus_address=radio.address).connect()
        register = ("RegisterMonitor", "o", root)
        assert await Witness(bus).call(ADAPTER_PATH, MONITORS, *register) is None
        await bus.send(Message.new_signal(root, OBJECT_MANAGER, "InterfacesAdded", signature, body))
        device.open(rssi=-60, interval_seconds=0.01)
        await witness.until("+dev_A4_C1_38_00_00_01")
        device.close()
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        await witness.call(ADAPTER_PATH, PROPERTIES, "GetAll", "s", ADAPTER)
        device.open(rssi=-40)
        await witness.call(ADAPTER_PATH, PROPERTIES, "GetAll", "s", ADAPTER)
        assert "RSSI=-40" not in witness.events


@pytest.mark.parametrize(
    ("start", "type_", "content", "matches"),
    [
        (0, 0x03, "1018", True),
        (2, 0x03, "0a18", True),
        (0, 0x03, "0a18", False),
        (0, 0x07, "01000000000000000000000000000080", True),
        (0, 0x16, "d2fc40", True),
        (0, 0x16, "d2fc41", False),
        (3, 0xFF, "aa", True),
        (0, 0xFF, "d2fc40", False),
    ],
)
def test_a_pattern_is_looked_for_at_its_place_in_data_of_its_type(
    start: int, type_: int, content: str, matches: bool
) -> None:
    services = (SERVICE_UUID, assigned_uuid(0x180A), "80000000-0000-0000-0000-000000000001")
    advertisement = Advertisement(services, {BTHOME_UUID: b"\x40"}, {0x0499: b"\x05\xaa"})
    assert Pattern(start, type_, bytes.fromhex(content)).within(advertisement) is matches
