"""BlueZ itself on the system bus: what bleak does not tell, and the power of the adapter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from contract.errors import LinkLost

NAME = "org.bluez"
_BUS = "org.freedesktop.DBus"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ADAPTER = "org.bluez.Adapter1"
_PAUSE_WITHOUT_POWER_SECONDS = 0.5


class BlueZ:
    """A connection to the system bus that knows whether BlueZ and its adapter are there."""

    def __init__(self, bus: MessageBus, adapter: str) -> None:
        self.bus = bus
        self._path = f"/org/bluez/{adapter}"
        self._lost: asyncio.Future[LinkLost] = asyncio.get_running_loop().create_future()
        bus.add_message_handler(self._notice)

    async def until_lost(self) -> LinkLost:
        """Wait until BlueZ leaves, the adapter loses its power, or the bus ends; say which.

        bleak keeps believing in a BlueZ that crashed: it watches objects, not their owner.
        """
        return await asyncio.shield(self._lost)

    async def power_on(self) -> None:
        """Give the adapter power; nothing happens if it has it. Raises LinkLost."""
        await self._set_power(on=True)

    async def power_cycle(self) -> None:
        """Take the adapter's power away and give it back, as unplugging it would. Raises LinkLost.

        The end of its power is noticed like any other, so the scan starts over.
        """
        await self._set_power(on=False)
        await asyncio.sleep(_PAUSE_WITHOUT_POWER_SECONDS)
        await self._set_power(on=True)

    async def call(self, path: str, interface: str, member: str, signature: str, *body: Any) -> Any:
        """The first value of the reply, or None; raises LinkLost with the name of an error."""
        message = Message(NAME, path, interface, member, signature=signature, body=list(body))
        reply = await self.bus.call(message)
        if reply is None or reply.message_type is MessageType.ERROR:
            raise LinkLost(f"{member}: {reply.error_name if reply else 'no reply'}")
        return reply.body[0] if reply.body else None

    def lose(self, reason: str) -> None:
        """Note that BlueZ cannot be used any more."""
        if not self._lost.done():
            self._lost.set_result(LinkLost(reason))

    async def watch(self) -> None:
        """Ask the bus for the signals that `until_lost` waits for."""
        for rule in (
            f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{NAME}'",
            f"type='signal',sender='{NAME}',interface='{_PROPERTIES}',path='{self._path}'",
        ):
            message = Message(
                _BUS, "/org/freedesktop/DBus", _BUS, "AddMatch", signature="s", body=[rule]
            )
            await self.bus.call(message)

    async def _set_power(self, *, on: bool) -> None:
        value = Variant("b", on)
        await self.call(self._path, _PROPERTIES, "Set", "ssv", _ADAPTER, "Powered", value)

    def _notice(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged":
            self.lose("BlueZ left the bus")
        elif message.member == "PropertiesChanged" and message.path == self._path:
            powered = message.body[1].get("Powered")
            if powered is not None and not powered.value:
                self.lose("the adapter lost its power")


@asynccontextmanager
async def connected(adapter: str) -> AsyncIterator[BlueZ]:
    """A watched connection with the adapter powered; raises LinkLost or OSError without one."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    bluez = BlueZ(bus, adapter)
    ended = asyncio.create_task(_until_ended(bus, bluez), name="bus ended")
    try:
        await bluez.watch()
        await bluez.power_on()
        yield bluez
    finally:
        ended.cancel()
        bus.disconnect()


async def _until_ended(bus: MessageBus, bluez: BlueZ) -> None:
    with suppress(OSError, EOFError):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    bluez.lose("the system bus ended")
