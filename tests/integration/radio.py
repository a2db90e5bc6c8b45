"""A virtual radio in the test's own process, and those who look at it: bleak and a D-Bus witness.

The radio runs in-process, on its own D-Bus connection, so that a test can hold the cuff in its
hand and wait for what happens. bleak notices no difference: all that it says goes through its own
sockets and a real dbus-daemon. Processes are started only where a process has to die.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from dbus_fast import Message, MessageType, unpack_variants
from dbus_fast.aio import MessageBus

from edge_agent.devices.blood_pressure import MEASUREMENT_UUID, SERVICE_UUID
from simulators.bluez.adapter import Adapter
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.discovery import AdvertisementRule
from simulators.bluez.names import BUS_NAME, device_path
from simulators.bluez.peripheral import Advertisement, Peripheral, Transmitter
from simulators.bluez.timing import Timing
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits

CUFF_ADDRESS: Final = "A4:C1:38:00:00:01"
CUFF_PATH: Final = device_path(CUFF_ADDRESS)
BEACON_ADDRESS: Final = "A4:C1:38:00:00:02"

QUICK: Final = Timing(
    connect_seconds=0.01,
    discover_seconds=0.01,
    round_trip_seconds=0.001,
    connect_timeout_seconds=1.0,
    temporary_seconds=5.0,
    supervision_seconds=0.1,
    pair_seconds=0.01,
    pairing_timeout_seconds=5.0,
)
_DBUS: Final = "org.freedesktop.DBus"
_INTERVAL_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Radio:
    """The running radio: its adapter, and the address of its bus."""

    adapter: Adapter
    address: str

    def place_cuff(
        self,
        *,
        window_seconds: float = 2.0,
        pause_seconds: float = 0.02,
        patience_seconds: float = 2.0,
    ) -> Cuff:
        """A cuff with an impatient person's habits, within range."""
        habits = Habits(window_seconds, pause_seconds, patience_seconds, _INTERVAL_SECONDS)
        cuff = Cuff(address=CUFF_ADDRESS, habits=habits)
        self.adapter.place(cuff)
        return cuff

    def place_beacon(self, service_uuid: str = SERVICE_UUID) -> None:
        """Something that advertises without end, and so tells a test that time has passed."""
        self.adapter.place(_Beacon(service_uuid))


class _Beacon(Peripheral):
    def __init__(self, service_uuid: str) -> None:
        self.address = BEACON_ADDRESS
        self.name = "Beacon"
        self.services = ()
        self._advertisement = Advertisement((service_uuid,), interval_seconds=_INTERVAL_SECONDS)

    def on_placed(self, transmitter: Transmitter) -> None:
        transmitter.advertise(self._advertisement, seconds=3600)


@asynccontextmanager
async def virtual_radio(
    directory: Path,
    *,
    timing: Timing = QUICK,
    rule: AdvertisementRule = AdvertisementRule.BLUEZ,
    bonds: Path | None = None,
) -> AsyncIterator[Radio]:
    """A quick radio that bleak finds; everything in the block has to end within ten seconds."""
    async with (
        asyncio.timeout(10),
        private_bus(directory) as address,
        virtual_bluez(address, timing=timing, rule=rule, bonds=bonds) as adapter,
    ):
        with system_bus_at(address):
            yield Radio(adapter, address)


@contextmanager
def system_bus_at(address: str) -> Iterator[None]:
    """Makes `address` what D-Bus clients of this process take for the system bus."""
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
    try:
        yield
    finally:
        if before is None:
            del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
        else:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before


class Sightings:
    """What a scanner has seen, in order."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self._coming: asyncio.Queue[BLEDevice] = asyncio.Queue()

    def see(self, device: BLEDevice, _: AdvertisementData) -> None:
        """The scanner's callback."""
        self._coming.put_nowait(device)

    async def until(self, address: str, times: int = 1) -> BLEDevice:
        """Waits until `address` was seen so many times more."""
        while True:
            device = await self._coming.get()
            self.addresses.append(device.address)
            times -= device.address == address
            if not times:
                return device


@asynccontextmanager
async def scanning() -> AsyncIterator[Sightings]:
    """A running scan for blood-pressure cuffs."""
    sightings = Sightings()
    async with BleakScanner(sightings.see, service_uuids=[SERVICE_UUID]):
        yield sightings


async def collect(device: BLEDevice) -> list[bytes]:
    """Connects, subscribes, and returns what was indicated when the cuff has hung up."""
    frames: list[bytes] = []
    hung_up = asyncio.Event()
    async with BleakClient(device, disconnected_callback=lambda _: hung_up.set()) as client:
        await client.start_notify(MEASUREMENT_UUID, lambda _, frame: frames.append(bytes(frame)))
        await hung_up.wait()
        return list(frames)


class Witness:
    """A D-Bus client of its own that calls org.bluez and keeps, in order, all that comes back."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.events: list[str] = []
        self._happened = asyncio.Event()
        self._called: dict[int, str] = {}

    async def call(
        self, path: str, interface: str, member: str, signature: str = "", *arguments: object
    ) -> object:
        """The result of a call, or the name of its error; `reply <member>` joins the events."""
        call = Message(
            destination=BUS_NAME,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(arguments),
            serial=self._bus.next_serial(),
        )
        self._called[call.serial] = f"reply {member}"
        reply = await self._bus.call(call)
        if reply.message_type is MessageType.ERROR:
            return reply.error_name
        result: object = unpack_variants(reply.body[0]) if reply.body else None
        return result

    async def process_of_the_bus(self) -> int:
        """The process id of the dbus-daemon."""
        reply = await self._bus.call(
            Message(
                destination=_DBUS,
                path="/org/freedesktop/DBus",
                interface=_DBUS,
                member="GetConnectionUnixProcessID",
                signature="s",
                body=[_DBUS],
            )
        )
        return int(reply.body[0])

    def listen(self, message: Message) -> bool:
        """The raw message handler: notes signals as `Property=value`, `+object` or `-object`."""
        if message.message_type is MessageType.METHOD_RETURN:
            self._tell(self._called.pop(message.reply_serial, "reply"))
        elif message.member == "PropertiesChanged":
            _, values, invalidated = message.body
            for name, value in unpack_variants(values).items():
                self._tell(f"{name}={value}")
            for name in invalidated:
                self._tell(f"{name} gone")
        elif message.member in {"InterfacesAdded", "InterfacesRemoved"}:
            sign = "+" if message.member == "InterfacesAdded" else "-"
            self._tell(sign + message.body[0].rpartition("/")[2])
        return False

    async def until(self, event: str, times: int = 1) -> None:
        """Waits until `event` has happened so many times since the beginning."""
        while self.events.count(event) < times:
            self._happened.clear()
            await self._happened.wait()

    def order(self, *events: str) -> list[str]:
        """Those of `events` that happened, in the order in which they did."""
        return [event for event in self.events if event in events]

    def _tell(self, event: str) -> None:
        self.events.append(event)
        self._happened.set()


@asynccontextmanager
async def watching(address: str) -> AsyncIterator[Witness]:
    """A witness on the bus at `address`."""
    bus = await MessageBus(bus_address=address).connect()
    witness = Witness(bus)
    bus.add_message_handler(witness.listen)
    rule = Message(
        destination=_DBUS,
        path="/org/freedesktop/DBus",
        interface=_DBUS,
        member="AddMatch",
        signature="s",
        body=[f"type='signal',sender='{BUS_NAME}'"],
    )
    await bus.call(rule)
    try:
        yield witness
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
