"""The virtual BlueZ on D-Bus: order of signals, sessions of clients, errors, and how it ends."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from bleak import BleakClient

from contract.errors import LinkLost
from simulators.bluez import names
from simulators.bluez.names import ADAPTER, ADAPTER_PATH, CHARACTERISTIC, DEVICE, PROPERTIES
from simulators.bluez.peripheral import (
    Advertisement,
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
    Witness,
    scanning,
    virtual_radio,
    watching,
)

PROJECT = Path(__file__).parents[2]
FRAME = b"\x00\x76\x00\x4e\x00\xff\x07"
RESULT_PATH = f"{CUFF_PATH}/service0018/char0019"

CLIENT = """
import asyncio
from bleak import BleakClient, BleakScanner
from edge_agent.devices.blood_pressure import MEASUREMENT_UUID, SERVICE_UUID

async def main():
    async with BleakScanner(service_uuids=[SERVICE_UUID]) as scanner:
        device, _ = await anext(scanner.advertisement_data())
        client = BleakClient(device)
        await client.connect()
        await client.start_notify(MEASUREMENT_UUID, lambda *_: None)
        print("subscribed", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""

STATION = """
import asyncio, random, sys
from pathlib import Path
from simulators.station_radio import run

asyncio.run(run(
    directory=Path(sys.argv[1]), address="A4:C1:38:00:00:01", name="Cuff", readings=iter(()),
    mean_interval_seconds=1, rng=random.Random(1), counted=lambda _: None,
    announce=lambda address: print(address, flush=True),
))
"""


@asynccontextmanager
async def python(script: str, *arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """A Python process, after it has said its first line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *arguments, cwd=PROJECT, stdin=DEVNULL, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def connect(witness: Witness) -> None:
    """Finds and connects the cuff, and waits for its services."""
    assert await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery") is None
    await witness.until("+dev_A4_C1_38_00_00_01")
    assert await witness.call(CUFF_PATH, DEVICE, "Connect") is None
    await witness.until("ServicesResolved=True")


async def test_connect_is_answered_between_the_link_and_the_services(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        await connect(witness)
        services = ["+service0018", "+char0019", "+desc001b"]
        ordered = ["Connected=True", "reply Connect", *services, "ServicesResolved=True"]
        assert witness.order(*ordered) == ordered
        uuids = next(event for event in witness.events if event.startswith("UUIDs="))
        assert names.assigned_uuid(0x180A) in uuids
        assert witness.order("+desc001b", uuids, "ServicesResolved=True")[1] == uuids


async def test_a_hang_up_clears_notifying_then_services_then_connected(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        await connect(witness)
        assert await witness.call(RESULT_PATH, CHARACTERISTIC, "StartNotify") is None
        await witness.until("Connected=False")
        ordered = [
            "Notifying=True",
            "reply StartNotify",
            f"Value={FRAME!r}",
            "Notifying=False",
            "ServicesResolved=False",
            "Connected=False",
        ]
        assert witness.order(*ordered) == ordered


async def test_disconnect_is_answered_before_connected_turns_false(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        await connect(witness)
        assert await witness.call(CUFF_PATH, DEVICE, "Disconnect") is None
        await witness.until("Connected=False")
        ordered = ["ServicesResolved=False", "reply Disconnect", "Connected=False"]
        assert witness.order(*ordered) == ordered


async def test_services_are_not_announced_again_after_a_reconnection(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        await connect(witness)
        await witness.call(CUFF_PATH, DEVICE, "Disconnect")
        assert await witness.call(CUFF_PATH, DEVICE, "Connect") is None
        await witness.until("ServicesResolved=True", times=2)
        assert witness.events.count("+char0019") == 1


async def test_a_notify_session_is_enabled_again_by_the_next_connection(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        cuff = radio.place_cuff()
        cuff.measure_frame(FRAME)
        await connect(witness)
        await witness.call(RESULT_PATH, CHARACTERISTIC, "StartNotify")
        await witness.until("Connected=False")
        cuff.measure_frame(FRAME)
        await witness.call(CUFF_PATH, DEVICE, "Connect")
        await witness.until(f"Value={FRAME!r}", times=2)
        assert witness.events.count("Notifying=True") == 2


async def test_the_last_discovery_session_takes_the_signal_strength_with_it(
    tmp_path: Path,
) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.place_cuff().measure_frame(FRAME)
        await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery")
        async with scanning() as sightings:
            await sightings.until(CUFF_ADDRESS)
        assert "RSSI gone" not in witness.events
        await witness.call(ADAPTER_PATH, ADAPTER, "StopDiscovery")
        await witness.until("Discovering=False")
        assert "RSSI gone" in witness.events


async def test_a_device_never_connected_is_forgotten(tmp_path: Path) -> None:
    timing = replace(QUICK, temporary_seconds=0.2)
    async with (
        virtual_radio(tmp_path, timing=timing) as radio,
        watching(radio.address) as witness,
    ):
        radio.place_cuff(window_seconds=0.1).measure_frame(FRAME)
        await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery")
        await witness.until("-dev_A4_C1_38_00_00_01")
        unknown = await witness.call(CUFF_PATH, DEVICE, "Connect")
        assert unknown == "org.freedesktop.DBus.Error.UnknownObject"


async def test_a_killed_client_loses_its_sessions_but_not_its_link(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        cuff = radio.place_cuff(window_seconds=60, pause_seconds=60, patience_seconds=60)
        cuff.measure_frame(FRAME)
        async with python(CLIENT) as (client, said):
            assert said == "subscribed"
            client.kill()
            await witness.until("Discovering=False")
            await witness.until("Notifying=False")
        assert await witness.call(CUFF_PATH, PROPERTIES, "Get", "ss", DEVICE, "Connected") is True


@pytest.mark.parametrize(
    ("path", "interface", "member", "error"),
    [
        (ADAPTER_PATH, ADAPTER, "GetDiscoveryFilters", "org.freedesktop.DBus.Error.UnknownMethod"),
        (ADAPTER_PATH, DEVICE, "Connect", "org.freedesktop.DBus.Error.UnknownMethod"),
        (CUFF_PATH, DEVICE, "Connect", "org.freedesktop.DBus.Error.UnknownObject"),
        (ADAPTER_PATH, ADAPTER, "StopDiscovery", "org.bluez.Error.Failed"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    tmp_path: Path, path: str, interface: str, member: str, error: str
) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        assert await witness.call(path, interface, member) == error


async def test_a_client_can_discover_only_once_at_a_time(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        assert await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery") is None
        busy = await witness.call(ADAPTER_PATH, ADAPTER, "StartDiscovery")
        assert busy == "org.bluez.Error.InProgress"


class _Burst(Peripheral):
    """Pushes a burst of values, larger than any socket buffer, the moment it is asked to."""

    uuid = names.assigned_uuid(0x2A36)
    frames = tuple(number.to_bytes(2, "little") * 9 for number in range(3000))

    def __init__(self) -> None:
        self.address = CUFF_ADDRESS
        self.name = "Burst"
        pushed = Characteristic(self.uuid, (Flag.NOTIFY, Flag.WRITE))
        self.services = (Service(names.assigned_uuid(0x1810), (pushed,)),)

    def on_placed(self, transmitter: Transmitter) -> None:
        advertisement = Advertisement((names.assigned_uuid(0x1810),), interval_seconds=0.02)
        transmitter.advertise(advertisement, seconds=5)

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        os.kill(int.from_bytes(value, "big"), signal.SIGSTOP)
        for frame in self.frames:
            link.notify(uuid, frame)


async def test_a_burst_larger_than_the_socket_buffer_arrives_whole(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(_Burst())
        received: list[bytes] = []
        complete = asyncio.Event()

        def receive(_: object, frame: bytearray) -> None:
            received.append(bytes(frame))
            if len(received) == len(_Burst.frames):
                complete.set()

        async with scanning() as sightings:
            device = await sightings.until(CUFF_ADDRESS)
        async with BleakClient(device) as client:
            await client.start_notify(_Burst.uuid, receive)
            daemon = await witness.process_of_the_bus()
            asyncio.get_running_loop().call_later(0.2, os.kill, daemon, signal.SIGCONT)
            await client.write_gatt_char(_Burst.uuid, daemon.to_bytes(4, "big"), response=True)
            await complete.wait()
        assert tuple(received) == _Burst.frames


async def test_a_killed_radio_takes_its_bus_with_it(tmp_path: Path) -> None:
    async with asyncio.timeout(10), python(STATION, str(tmp_path)) as (station, address):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "bus.socket")
        async with watching(address) as witness:
            assert await witness.call(ADAPTER_PATH, PROPERTIES, "GetAll", "s", ADAPTER)
        station.kill()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_lost_bus_ends_the_radio(tmp_path: Path) -> None:
    async def lose_the_bus() -> None:
        async with virtual_radio(tmp_path) as radio:
            async with watching(radio.address) as witness:
                daemon = await witness.process_of_the_bus()
            os.kill(daemon, signal.SIGKILL)
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as lost:
        await lose_the_bus()
    assert lost.group_contains(LinkLost)
