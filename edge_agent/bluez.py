"""BlueZ itself on the system bus: what bleak does not tell, such as that it has gone."""

import asyncio

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from contract.errors import LinkLost

_NAME = "org.bluez"
_BUS = "org.freedesktop.DBus"
_RULE = f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{_NAME}'"


async def until_gone() -> LinkLost:
    """Wait until BlueZ leaves the bus, or the bus ends, and say which.

    bleak keeps believing in a BlueZ that crashed: it watches objects, not the owner of the name.
    """
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    gone = asyncio.Event()

    def notice(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            gone.set()

    bus.add_message_handler(notice)
    watch = Message(_BUS, "/org/freedesktop/DBus", _BUS, "AddMatch", signature="s", body=[_RULE])
    ended = asyncio.create_task(bus.wait_for_disconnect(), name="bus ended")  # type: ignore[no-untyped-call]
    left = asyncio.create_task(gone.wait(), name="bluez left")
    try:
        await bus.call(watch)
        await asyncio.wait({ended, left}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        left.cancel()
        ended.cancel()
        bus.disconnect()
    return LinkLost("BlueZ left the bus" if gone.is_set() else "the system bus ended")
