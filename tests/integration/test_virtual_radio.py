"""The virtual radio and its cuff as unmodified bleak meets them."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError, BleakGATTProtocolErrorCode

from edge_agent.devices.blood_pressure import MEASUREMENT_UUID, BloodPressureReading, decode
from simulators.bluez.names import assigned_uuid
from simulators.bus import BusNotStarted, private_bus
from simulators.cuff import BATTERY_LEVEL_UUID, MANUFACTURER_UUID, MODEL_UUID
from simulators.station_radio import run
from tests.integration.radio import (
    BEACON_ADDRESS,
    CUFF_ADDRESS,
    Sightings,
    collect,
    scanning,
    system_bus_at,
    virtual_radio,
    watching,
)

CAPTURES = Path(__file__).parents[1] / "golden" / "blood_pressure_captures.json"
THERMOMETER = assigned_uuid(0x1809)

READINGS = tuple(
    BloodPressureReading(systolic, systolic - 40.0, pulse_bpm=70.0)
    for systolic in (118.0, 124, 131)
)
FIRST, SECOND, THIRD = (
    b"\x00\x76\x00\x4e\x00\xff\x07",
    b"\x00\x7c\x00\x54\x00\xff\x07",
    b"\x00" * 7,
)


async def test_a_cuff_is_silent_until_someone_measures(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        radio.place_beacon()
        await sightings.until(BEACON_ADDRESS, times=3)
        assert set(sightings.addresses) == {BEACON_ADDRESS}
        cuff.measure(READINGS[0])
        assert (await sightings.until(CUFF_ADDRESS)).name == "Virtual Cuff"


async def test_a_cuff_falls_silent_when_its_window_ends(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff(window_seconds=0.1).measure(READINGS[0])
        await sightings.until(CUFF_ADDRESS)
        radio.place_beacon()
        await sightings.until(BEACON_ADDRESS, times=15)
        assert sightings.addresses.count(CUFF_ADDRESS) <= 6
        assert set(sightings.addresses[-5:]) == {BEACON_ADDRESS}


async def test_a_scan_for_cuffs_does_not_see_a_thermometer(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        async with scanning() as sightings:
            radio.place_beacon(THERMOMETER)
            radio.place_cuff().measure(READINGS[0])
            await sightings.until(CUFF_ADDRESS, times=3)
        assert set(sightings.addresses) == {CUFF_ADDRESS}
        assert "+dev_A4_C1_38_00_00_02" not in witness.events


async def test_a_second_window_is_seen_by_a_scanner_that_still_runs(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        cuff.measure_frame(FIRST)
        assert await collect(await sightings.until(CUFF_ADDRESS)) == [FIRST]
        radio.place_beacon()
        await sightings.until(BEACON_ADDRESS)
        before = sightings.addresses.count(CUFF_ADDRESS)
        cuff.measure_frame(SECOND)
        await sightings.until(CUFF_ADDRESS)
        assert sightings.addresses.count(CUFF_ADDRESS) == before + 1


async def test_device_information_and_battery_can_be_read(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff().measure(READINGS[0])
        async with BleakClient(await sightings.until(CUFF_ADDRESS)) as client:
            assert await client.read_gatt_char(MANUFACTURER_UUID) == b"Virtual Instruments"
            assert await client.read_gatt_char(MODEL_UUID) == b"VC-1"
            assert await client.read_gatt_char(BATTERY_LEVEL_UUID) == bytes((80,))


async def test_a_result_can_be_indicated_but_neither_read_nor_written(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff().measure(READINGS[0])
        async with BleakClient(await sightings.until(CUFF_ADDRESS)) as client:
            result = client.services.get_characteristic(MEASUREMENT_UUID)
            assert result is not None
            assert result.properties == ["indicate"]
            with pytest.raises(BleakGATTProtocolError) as refusal:
                await client.read_gatt_char(result)
            assert refusal.value.code is BleakGATTProtocolErrorCode.READ_NOT_PERMITTED
            with pytest.raises(BleakGATTProtocolError) as refusal:
                await client.write_gatt_char(result, b"\x00", response=True)
            assert refusal.value.code is BleakGATTProtocolErrorCode.REQUEST_NOT_SUPPORTED


async def test_the_client_configuration_tells_whether_indications_are_on(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff(pause_seconds=2).measure(READINGS[0])
        async with BleakClient(await sightings.until(CUFF_ADDRESS)) as client:
            result = client.services.get_characteristic(MEASUREMENT_UUID)
            assert result is not None
            configuration = result.descriptors[0]
            assert await client.read_gatt_descriptor(configuration) == b"\x00\x00"
            await client.start_notify(result, lambda _, __: None)
            assert await client.read_gatt_descriptor(configuration) == b"\x02\x00"
            await client.stop_notify(result)
            assert await client.read_gatt_descriptor(configuration) == b"\x00\x00"


async def test_every_result_is_indicated_once_and_in_order(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        for reading in READINGS:
            cuff.measure(reading)
        frames = await collect(await sightings.until(CUFF_ADDRESS))
        assert tuple(decode(frame) for frame in frames) == READINGS
        assert cuff.unsent == ()


async def test_captured_frames_arrive_byte_for_byte(tmp_path: Path) -> None:
    frames = [bytes.fromhex(capture["hex"]) for capture in json.loads(CAPTURES.read_text())]
    assert len(frames) == 8
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        for frame in frames:
            cuff.measure_frame(frame)
        assert await collect(await sightings.until(CUFF_ADDRESS)) == frames


async def test_a_result_nobody_fetched_is_sent_in_the_next_window(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = radio.place_cuff(window_seconds=0.5)
        cuff.measure_frame(FIRST)
        async with scanning() as sightings:
            radio.place_beacon()
            await sightings.until(BEACON_ADDRESS, times=30)
            assert cuff.unsent == (FIRST,)
            cuff.measure_frame(SECOND)
            assert await collect(await sightings.until(CUFF_ADDRESS)) == [FIRST, SECOND]


async def test_a_result_measured_during_the_goodbye_is_sent_too(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff(pause_seconds=0.3)
        cuff.measure_frame(FIRST)
        received: list[bytes] = []
        hung_up = asyncio.Event()

        def receive(_: object, frame: bytearray) -> None:
            received.append(bytes(frame))
            if len(received) == 1:
                cuff.measure_frame(SECOND)

        device = await sightings.until(CUFF_ADDRESS)
        async with BleakClient(device, disconnected_callback=lambda _: hung_up.set()) as client:
            await client.start_notify(MEASUREMENT_UUID, receive)
            await hung_up.wait()
        assert received == [FIRST, SECOND]


async def test_a_result_lost_on_the_way_stays_with_the_cuff(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        cuff.measure_frame(FIRST)
        async with BleakClient(await sightings.until(CUFF_ADDRESS)) as client:
            assert client.is_connected
        assert cuff.unsent == (FIRST,)
        assert await collect(await sightings.until(CUFF_ADDRESS)) == [FIRST]


async def test_a_cuff_in_a_link_does_not_advertise(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff(window_seconds=60).measure_frame(FIRST)
        async with BleakClient(await sightings.until(CUFF_ADDRESS)):
            radio.place_beacon()
            await sightings.until(BEACON_ADDRESS)
            del sightings.addresses[:]
            await sightings.until(BEACON_ADDRESS, times=5)
            assert set(sightings.addresses) == {BEACON_ADDRESS}


async def test_a_cuff_gives_up_on_a_central_that_does_not_subscribe(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff(patience_seconds=0.5)
        cuff.measure_frame(THIRD)
        device = await sightings.until(CUFF_ADDRESS)
        hung_up = asyncio.Event()
        async with BleakClient(device, disconnected_callback=lambda _: hung_up.set()) as client:
            await hung_up.wait()
            assert not client.is_connected
        assert cuff.unsent == (THIRD,)


async def test_connecting_to_a_silent_cuff_can_be_given_up(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff()
        cuff.measure_frame(FIRST)
        device = await sightings.until(CUFF_ADDRESS)
        assert await collect(device) == [FIRST]
        with pytest.raises(TimeoutError):
            await BleakClient(device, timeout=0.2).connect()
        cuff.measure_frame(SECOND)
        assert await collect(device) == [SECOND]


async def test_a_cuff_can_be_paired_and_forgotten(tmp_path: Path) -> None:
    pairing = ["Trusted=True", "Connected=True", "Paired=True", "ServicesResolved=True"]
    async with (
        virtual_radio(tmp_path) as radio,
        watching(radio.address) as witness,
        scanning() as sightings,
    ):
        radio.place_cuff().measure_frame(FIRST)
        async with BleakClient(await sightings.until(CUFF_ADDRESS), pair=True) as client:
            assert witness.order(*pairing) == pairing
            await client.unpair()
        await witness.until("+dev_A4_C1_38_00_00_01", times=2)
        assert await collect(await sightings.until(CUFF_ADDRESS, times=2)) == [FIRST]


async def test_a_station_radio_serves_every_visitor(tmp_path: Path) -> None:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    visits: asyncio.Queue[BloodPressureReading] = asyncio.Queue()
    async with asyncio.timeout(10):
        station = asyncio.create_task(
            run(
                directory=tmp_path,
                address=CUFF_ADDRESS,
                name="Station Cuff",
                readings=iter(READINGS),
                mean_interval_seconds=0.01,
                rng=random.Random(1),
                announce=address.set_result,
                counted=visits.put_nowait,
            )
        )
        with system_bus_at(await address):
            assert tuple([await visits.get() for _ in READINGS]) == READINGS
            async with scanning() as sightings:
                frames = await _collect_named(sightings, "Station Cuff")
        assert tuple(decode(frame) for frame in frames) == READINGS
        station.cancel()
        with pytest.raises(asyncio.CancelledError):
            await station
        assert not (tmp_path / "bus.socket").exists()


async def _collect_named(sightings: Sightings, name: str) -> list[bytes]:
    device = await sightings.until(CUFF_ADDRESS)
    assert device.name == name
    return await collect(device)


async def test_a_missing_dbus_daemon_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BusNotStarted, match="apt-get install dbus-daemon"):
        async with private_bus(tmp_path):
            pass


async def test_a_bus_that_cannot_listen_says_why(tmp_path: Path) -> None:
    (tmp_path / "bus.socket").write_text("in the way")
    with pytest.raises(BusNotStarted, match=r"bus\.socket"):
        async with private_bus(tmp_path):
            pass
