"""A peripheral that wants a bond, and the person who answers for the station when it pairs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError
from dbus_fast import DBusError
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusObjectPath, DBusUInt16, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from simulators.bluez.names import AGENT, AGENTS, DEVICE, PROPERTIES, ROOT_PATH, assigned_uuid
from simulators.bluez.peripheral import (
    Advertisement,
    Bonding,
    Characteristic,
    Flag,
    Link,
    Passkey,
    Peripheral,
    Service,
    Transmitter,
)
from tests.integration.radio import CUFF_ADDRESS, CUFF_PATH, Radio, Witness, scanning

SERVICE_UUID: Final = assigned_uuid(0x1810)
SECRET_UUID: Final = assigned_uuid(0x2A52)
SECRET_PATH: Final = f"{CUFF_PATH}/service0010/char0011"
AGENT_PATH: Final = "/test/agent"
NUMBER: Final = 42_137
BOND: Final = ["Paired=True", "Bonded=True"]


class Locked(Peripheral):
    """Advertises without end; its one characteristic wants a bond."""

    def __init__(self, bonding: Bonding | Passkey, *, refuses: bool = False) -> None:
        self.address = CUFF_ADDRESS
        self.name = "Locked"
        flags = (Flag.READ, Flag.WRITE, Flag.NOTIFY)
        secret = Characteristic(SECRET_UUID, flags, b"secret", encrypted=True)
        self.services = (Service(SERVICE_UUID, (secret,)),)
        self.bonding = bonding
        self.refuses_pairing = refuses
        self.written: list[bytes] = []
        self._link: Link | None = None

    def on_placed(self, transmitter: Transmitter) -> None:
        advertisement = Advertisement((SERVICE_UUID,), interval_seconds=0.02)
        transmitter.advertise(advertisement, seconds=60)

    async def on_connect(self, link: Link) -> None:
        self._link = link

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        self.written.append(value)

    def drop(self) -> None:
        """Goes out of range."""
        assert self._link is not None
        self._link.drop()


class Person(ServiceInterface):
    """An Agent1 and who stands in front of it; `heard` has what it was told and asked."""

    def __init__(self, answer: int | None, *, hesitates: bool = False) -> None:
        super().__init__(AGENT)
        self.heard: list[object] = []
        self._answer = answer
        self._hesitates = hesitates
        self._happened = asyncio.Event()

    @dbus_method()
    async def RequestPasskey(self, device: DBusObjectPath) -> DBusUInt32:  # noqa: N802
        self._hear(("RequestPasskey", device))
        if self._hesitates:
            await asyncio.Event().wait()
        if self._answer is None:
            raise DBusError("org.bluez.Error.Rejected", "no")
        return self._answer

    @dbus_method()
    def RequestConfirmation(self, device: DBusObjectPath, passkey: DBusUInt32) -> None:  # noqa: N802
        self._hear(("RequestConfirmation", device, passkey))
        if self._answer is None:
            raise DBusError("org.bluez.Error.Rejected", "no")

    @dbus_method()
    def DisplayPasskey(  # noqa: N802
        self, device: DBusObjectPath, passkey: DBusUInt32, entered: DBusUInt16
    ) -> None:
        self._hear(("DisplayPasskey", device, passkey, entered))

    @dbus_method()
    def Cancel(self) -> None:  # noqa: N802
        self._hear("Cancel")

    @dbus_method()
    def Release(self) -> None:  # noqa: N802
        self._hear("Release")

    async def until(self, event: object) -> None:
        """Waits until it was told or asked this."""
        while event not in self.heard:
            self._happened.clear()
            await self._happened.wait()

    def _hear(self, event: object) -> None:
        self.heard.append(event)
        self._happened.set()


@asynccontextmanager
async def attending(
    radio: Radio, person: Person, capability: str = "KeyboardDisplay"
) -> AsyncIterator[Witness]:
    """Someone whose agent answers for the station."""
    bus = await MessageBus(bus_address=radio.address).connect()
    bus.export(AGENT_PATH, person)
    witness = Witness(bus)
    register = ("RegisterAgent", "os", AGENT_PATH, capability)
    assert await witness.call(ROOT_PATH, AGENTS, *register) is None
    assert await witness.call(ROOT_PATH, AGENTS, "RequestDefaultAgent", "o", AGENT_PATH) is None
    try:
        yield witness
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def found() -> BLEDevice:
    """The peripheral, as a scan finds it."""
    async with scanning() as sightings:
        return await sightings.until(CUFF_ADDRESS)


async def refusal_of_pairing() -> str:
    """The name of the error with which pairing fails."""
    with pytest.raises(BleakDBusError) as refusal:
        await BleakClient(await found(), pair=True).connect()
    return refusal.value.dbus_error


async def known(witness: Witness, name: str) -> object:
    """A property of the peripheral."""
    return await witness.call(CUFF_PATH, PROPERTIES, "Get", "ss", DEVICE, name)
