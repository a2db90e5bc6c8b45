"""The virtual adapter when it is off, faulty or deaf."""

import asyncio
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)
from dbus_fast import Variant

from simulators.bluez.names import (
    ADAPTER,
    ADAPTER_PATH,
    DEVICE,
    PROPERTIES,
    device_path,
)
from tests.integration.radio import (
    BEACON_ADDRESS,
    CUFF_ADDRESS,
    CUFF_PATH,
    Witness,
    collect,
    scanning,
    virtual_radio,
    watching,
)

FRAME = b"\x00\x76\x00\x4e\x00\xff\x07"
NOT_READY = "org.bluez.Error.NotReady"


async def power(witness: Witness, *, on: bool) -> object:
    """Switches the adapter as a watchdog does."""
    value = Variant("b", on)
    return await witness.call(ADAPTER_PATH, PROPERTIES, "Set", "ssv", ADAPTER, "Powered", value)


async def test_power_off_ends_discovery_and_links(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        async with scanning() as sightings:
            device = await sightings.until(CUFF_ADDRESS)
            lost = asyncio.Event()
            client = BleakClient(device, disconnected_callback=lambda _: lost.set())
            await client.connect()
            assert await power(witness, on=False) is None
            await lost.wait()
            await client.disconnect()
        ordered = ["Discovering=True", "Connected=False", "Discovering=False", "Powered=False"]
        assert witness.order(*ordered) == ordered
        assert "RSSI gone" in witness.events


async def test_nothing_is_ready_while_the_adapter_is_off(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        async with scanning() as sightings:
            await sightings.until(CUFF_ADDRESS)
        await power(witness, on=False)
        assert await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery") == NOT_READY
        assert await witness.call(ADAPTER_PATH, ADAPTER, "StopDiscovery") == NOT_READY
        assert await witness.call(CUFF_PATH, DEVICE, "Connect") == NOT_READY
        assert await witness.call(CUFF_PATH, DEVICE, "Pair") == NOT_READY
        with pytest.raises(BleakBluetoothNotAvailableError) as refusal:
            await BleakScanner().start()
        assert refusal.value.reason is BleakBluetoothNotAvailableReason.POWERED_OFF


async def test_power_on_makes_everything_work_again(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        cuff = radio.place_cuff()
        cuff.measure_frame(FRAME)
        await power(witness, on=False)
        await power(witness, on=True)
        async with scanning() as sightings:
            assert await collect(await sightings.until(CUFF_ADDRESS)) == [FRAME]
        assert cuff.unsent == ()


async def test_power_off_ends_a_connection_attempt(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        async with scanning() as sightings:
            await collect(await sightings.until(CUFF_ADDRESS))
        attempt = asyncio.create_task(witness.call(CUFF_PATH, DEVICE, "Connect"))
        another = asyncio.create_task(witness.call(CUFF_PATH, DEVICE, "Connect"))
        assert await another == "org.bluez.Error.InProgress"
        await power(witness, on=False)
        assert await attempt == "org.bluez.Error.Failed"


@pytest.mark.parametrize("text", ["le-connection-create-socket", "br-connection-unknown"])
async def test_a_fault_fails_the_next_connect_only(tmp_path: Path, text: str) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        radio.place_cuff().measure_frame(FRAME)
        device = await sightings.until(CUFF_ADDRESS)
        radio.adapter.fail_next("Connect", "org.bluez.Error.Failed", text)
        with pytest.raises(BleakDBusError) as refusal:
            await BleakClient(device).connect()
        assert refusal.value.dbus_error == "org.bluez.Error.Failed"
        assert refusal.value.dbus_error_details == text
        assert await collect(device) == [FRAME]


async def test_a_fault_fails_the_next_discovery_only(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        radio.place_cuff().measure_frame(FRAME)
        radio.adapter.fail_next("StartDiscovery", "org.bluez.Error.InProgress")
        with pytest.raises(BleakDBusError) as refusal:
            await BleakScanner().start()
        assert refusal.value.dbus_error == "org.bluez.Error.InProgress"
        async with scanning() as sightings:
            await sightings.until(CUFF_ADDRESS)


async def test_a_deaf_adapter_says_nothing_until_it_is_power_cycled(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_beacon()
        async with scanning() as sightings:
            await sightings.until(BEACON_ADDRESS)
            radio.adapter.deafen()
            await witness.call(ADAPTER_PATH, PROPERTIES, "GetAll", "s", ADAPTER)
            before = len(witness.events)
            refusal = await witness.call(device_path(BEACON_ADDRESS), DEVICE, "Connect")
            assert refusal == "org.bluez.Error.Failed"
            assert witness.events[before:] == []
        await power(witness, on=False)
        await power(witness, on=True)
        async with scanning() as sightings:
            await sightings.until(BEACON_ADDRESS)
