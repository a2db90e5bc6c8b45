"""Links of the virtual BlueZ that break without a goodbye, and requests that meet each other."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode

from edge_agent.devices.blood_pressure import SERVICE_UUID
from simulators.bluez.names import CHARACTERISTIC, DEVICE, assigned_uuid
from simulators.bluez.peripheral import (
    Advertisement,
    AttError,
    Characteristic,
    Flag,
    Link,
    Peripheral,
    Service,
    Transmitter,
)
from tests.integration.radio import (
    CUFF_ADDRESS,
    CUFF_PATH,
    QUICK,
    collect,
    scanning,
    virtual_radio,
    watching,
)

FRAME: Final = b"\x00\x76\x00\x4e\x00\xff\x07"
LEVEL_UUID: Final = assigned_uuid(0x2A19)
LEVEL_PATH: Final = f"{CUFF_PATH}/service0010/char0011"
BUSY: Final = 0xFE


class Fickle(Peripheral):
    """Advertises without end, counts notifications up, and is dropped when the test wants it."""

    def __init__(self, *, drops_at_once: bool = False) -> None:
        self.address = CUFF_ADDRESS
        self.name = "Fickle"
        flags = (Flag.READ, Flag.WRITE, Flag.NOTIFY)
        self.services = (Service(SERVICE_UUID, (Characteristic(LEVEL_UUID, flags, b"\x50"),)),)
        self.written: list[bytes] = []
        self.sent = 0
        self._link: Link | None = None
        self._drops_at_once = drops_at_once

    def on_placed(self, transmitter: Transmitter) -> None:
        advertisement = Advertisement((SERVICE_UUID,), interval_seconds=0.02)
        transmitter.advertise(advertisement, seconds=60)

    async def on_connect(self, link: Link) -> None:
        self._link = link
        if self._drops_at_once:
            link.drop()

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        while True:
            link.notify(uuid, self.sent.to_bytes(2, "little"))
            self.sent += 1
            await asyncio.sleep(0.005)

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        self.written.append(value)
        if value == bytes((BUSY,)):
            raise AttError(BUSY)

    def drop(self) -> None:
        """Goes out of range."""
        assert self._link is not None
        self._link.drop()


async def found() -> BLEDevice:
    """The peripheral, as a scan finds it."""
    async with scanning() as sightings:
        return await sightings.until(CUFF_ADDRESS)


async def test_a_dropped_link_stays_up_until_its_supervision_times_out(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        fickle = Fickle()
        radio.adapter.place(fickle)
        lost = asyncio.Event()
        device = await found()
        async with BleakClient(device, disconnected_callback=lambda _: lost.set()) as client:
            loop = asyncio.get_running_loop()
            fickle.drop()
            dropped = loop.time()
            assert client.is_connected
            await lost.wait()
            assert loop.time() - dropped >= QUICK.supervision_seconds


async def test_nothing_arrives_from_out_of_range(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        fickle = Fickle()
        radio.adapter.place(fickle)
        lost, some = asyncio.Event(), asyncio.Event()
        received: list[int] = []

        def receive(_: object, value: bytearray) -> None:
            received.append(int.from_bytes(value, "little"))
            if len(received) == 3:
                fickle.drop()
                some.set()

        device = await found()
        async with BleakClient(device, disconnected_callback=lambda _: lost.set()) as client:
            await client.start_notify(LEVEL_UUID, receive)
            await some.wait()
            sent = fickle.sent
            await lost.wait()
        assert received == list(range(len(received)))
        assert len(received) <= sent < fickle.sent


async def _read(client: BleakClient) -> None:
    await client.read_gatt_char(LEVEL_UUID)


async def _write(client: BleakClient) -> None:
    await client.write_gatt_char(LEVEL_UUID, b"\x01", response=True)


@pytest.mark.parametrize("request_", [_read, _write])
async def test_a_request_out_of_range_ends_with_the_link(
    tmp_path: Path, request_: Callable[[BleakClient], Awaitable[None]]
) -> None:
    async with virtual_radio(tmp_path) as radio:
        fickle = Fickle()
        radio.adapter.place(fickle)
        async with BleakClient(await found()) as client:
            fickle.drop()
            with pytest.raises(BleakGATTProtocolError) as refusal:
                await request_(client)
        assert refusal.value.code is BleakGATTProtocolErrorCode.UNLIKELY_ERROR
        assert fickle.written == []


async def test_a_link_can_break_during_service_discovery(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        fickle = Fickle(drops_at_once=True)
        radio.adapter.place(fickle)
        device = await found()
        with pytest.raises(BleakError):
            await BleakClient(device).connect()
        assert witness.order("Connected=True", "Connected=False", "ServicesResolved=True") == [
            "Connected=True",
            "Connected=False",
        ]
        fickle = Fickle()
        radio.adapter.place(fickle)
        async with BleakClient(device) as client:
            assert await client.read_gatt_char(LEVEL_UUID) == b"\x50"


async def test_connecting_to_a_device_that_stopped_advertising_fails(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        async with scanning() as sightings:
            await collect(await sightings.until(CUFF_ADDRESS))
        began = asyncio.get_running_loop().time()
        assert await witness.call(CUFF_PATH, DEVICE, "Connect") == "org.bluez.Error.Failed"
        assert asyncio.get_running_loop().time() - began >= QUICK.connect_timeout_seconds


async def test_a_waiting_connection_catches_a_window_of_one_second(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = radio.place_cuff(window_seconds=1.0)
        cuff.measure_frame(FRAME)
        device = await sightings.until(CUFF_ADDRESS)
        await collect(device)
        waiting = asyncio.create_task(collect(device))
        cuff.measure_frame(FRAME[::-1])
        assert await waiting == [FRAME[::-1]]


async def test_a_characteristic_does_one_read_and_one_write_at_a_time(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(Fickle())
        async with BleakClient(await found()):
            nothing: dict[str, object] = {}
            calls = (
                witness.call(LEVEL_PATH, CHARACTERISTIC, "ReadValue", "a{sv}", nothing),
                witness.call(LEVEL_PATH, CHARACTERISTIC, "WriteValue", "aya{sv}", b"\x01", nothing),
                witness.call(LEVEL_PATH, CHARACTERISTIC, "ReadValue", "a{sv}", nothing),
                witness.call(LEVEL_PATH, CHARACTERISTIC, "WriteValue", "aya{sv}", b"\x02", nothing),
            )
            replies = list(await asyncio.gather(*calls))
        busy = "org.bluez.Error.InProgress"
        assert replies == [b"\x50", None, busy, busy]


async def test_bleak_waits_for_its_turn(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        radio.adapter.place(Fickle())
        async with BleakClient(await found()) as client:
            values = await asyncio.gather(*(client.read_gatt_char(LEVEL_UUID) for _ in range(5)))
        assert values == [b"\x50"] * 5


async def test_a_write_can_be_refused_with_an_error_of_the_profile(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        fickle = Fickle()
        radio.adapter.place(fickle)
        async with BleakClient(await found()) as client:
            with pytest.raises(BleakGATTProtocolError) as refusal:
                await client.write_gatt_char(LEVEL_UUID, bytes((BUSY,)), response=True)
            await client.write_gatt_char(LEVEL_UUID, b"\x02", response=True)
        assert refusal.value.code == BUSY
        assert fickle.written == [bytes((BUSY,)), b"\x02"]
