"""An open connection to one device through bleak: read, write, subscribe, and what arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakCharacteristicNotFoundError, BleakDBusError, BleakError
from bleak.exc import BleakGATTProtocolError as AttError

from contract.errors import LinkLost

BROKEN = (BleakError, OSError, EOFError, TimeoutError)
"""What bleak and its D-Bus client raise when a device, the adapter or BlueZ goes away."""

# ATT errors and BlueZ errors by which a device asks for a bond.
_WANTS_BOND_CODES = frozenset({0x05, 0x08, 0x0C, 0x0F})
_WANTS_BOND_NAMES = frozenset(
    {
        "org.bluez.Error.NotPermitted",
        "org.bluez.Error.NotAuthorized",
        "org.bluez.Error.NotPaired",
        "org.bluez.Error.AuthenticationFailed",
    }
)


class Arrived(NamedTuple):
    """A notification or indication: of which characteristic, and its bytes."""

    characteristic: str
    data: bytes


class Refused(Exception):
    """The device refused a write; nothing else is affected."""


class Link:
    """A connection that is open; every method raises LinkLost when it breaks."""

    def __init__(self, client: BleakClient, arrivals: "asyncio.Queue[Arrived | None]") -> None:
        self._client = client
        self._arrivals = arrivals

    def has(self, characteristic: str) -> bool:
        """Whether the device has the characteristic in any service."""
        return any(
            found.uuid == characteristic
            for service in self._client.services
            for found in service.characteristics
        )

    async def read(self, characteristic: str) -> bytes | None:
        """Its value, or None if the device has it not or does not give it."""
        if not self.has(characteristic):
            return None
        try:
            return bytes(await self._client.read_gatt_char(characteristic))
        except AttError:
            return None
        except BROKEN as error:
            raise LinkLost(name_of(error)) from error

    async def subscribe(self, characteristic: str) -> None:
        """Have its notifications or indications join what `next` returns, bonding if need be."""
        try:
            await self._start_notify(characteristic)
        except BROKEN as error:
            if not _wants_bond(error):
                raise LinkLost(name_of(error)) from error
            await self.pair()
            await self._again(characteristic)

    async def pair(self) -> None:
        """Bond with the device; nothing happens if the bond is there."""
        try:
            await self._client.pair()
        except BROKEN as error:
            raise LinkLost(f"no bond: {name_of(error)}") from error

    async def write(self, service: str, characteristic: str, value: bytes) -> None:
        """Write with response; raises Refused if the device does not want it."""
        try:
            await self._client.write_gatt_char(self._found(service, characteristic), value, True)
        except (AttError, BleakCharacteristicNotFoundError) as error:
            raise Refused(name_of(error)) from error
        except BROKEN as error:
            raise LinkLost(name_of(error)) from error

    async def next(self, patience_seconds: float) -> Arrived | None:
        """What arrives next, or None when the device hung up or was quiet for so long."""
        try:
            async with asyncio.timeout(patience_seconds):
                return await self._arrivals.get()
        except TimeoutError:
            return None

    @property
    def is_open(self) -> bool:
        """Whether the device has not hung up."""
        return self._client.is_connected

    async def _start_notify(self, characteristic: str) -> None:
        # A plain queue, filled at once: the order is the device's own, and an exception in a
        # callback would be swallowed by the D-Bus library.
        def take(sender: BleakGATTCharacteristic, data: bytearray) -> None:
            self._arrivals.put_nowait(Arrived(sender.uuid, bytes(data)))

        await self._client.start_notify(characteristic, take)

    async def _again(self, characteristic: str) -> None:
        try:
            await self._start_notify(characteristic)
        except BROKEN as error:
            raise LinkLost(name_of(error)) from error

    def _found(self, service: str, characteristic: str) -> BleakGATTCharacteristic | str:
        """The characteristic within its service: Date Time exists in two."""
        found = self._client.services.get_service(service)
        inside = found.get_characteristic(characteristic) if found else None
        return inside or characteristic


@asynccontextmanager
async def opened(
    device: BLEDevice, connecting: asyncio.Lock, *, connect_seconds: float
) -> AsyncIterator[Link]:
    """A link to a device that advertises; it is always closed, or bleak would leak a connection.

    Links are opened one at a time, under the lock: many adapters refuse a second attempt.
    """
    arrivals: asyncio.Queue[Arrived | None] = asyncio.Queue()
    client = BleakClient(
        device,
        disconnected_callback=lambda _: arrivals.put_nowait(None),
        timeout=connect_seconds,
    )
    try:
        try:
            async with connecting:
                await client.connect()
            yield Link(client, arrivals)
        finally:
            await client.disconnect()
    except BROKEN as error:
        let_cancellation_through()
        raise LinkLost(name_of(error)) from error


def let_cancellation_through() -> None:
    """Letting go of a BlueZ that is gone fails too, and that failure hides a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def name_of(error: BaseException) -> str:
    """Words for the log without the device's address, which identifies it."""
    return error.dbus_error if isinstance(error, BleakDBusError) else type(error).__name__


def _wants_bond(error: BaseException) -> bool:
    if isinstance(error, AttError):
        return error.code in _WANTS_BOND_CODES
    return isinstance(error, BleakDBusError) and error.dbus_error in _WANTS_BOND_NAMES
