"""A look at Bluetooth from outside: what a station's radio will find, without using it."""

import asyncio
from typing import Any, NamedTuple

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from contract.errors import LinkLost
from edge_agent.radio.bluez import NAME

_BUS = "org.freedesktop.DBus"
_ADAPTER = "org.bluez.Adapter1"


class NoBus(LinkLost):
    """The system bus does not answer."""


class NoBlueZ(LinkLost):
    """Nobody on the bus is BlueZ."""


class NotAllowed(LinkLost):
    """The bus does not let this user speak to BlueZ."""


class Inspection(NamedTuple):
    """The adapters that BlueZ has, by name, and whether each has power."""

    adapters: dict[str, bool]


async def inspect(*, seconds: float) -> Inspection:
    """Ask BlueZ for its adapters; raises NoBus, NoBlueZ, NotAllowed, or LinkLost if it is mute."""
    try:
        async with asyncio.timeout(seconds):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, EOFError, TimeoutError) as error:
        raise NoBus(type(error).__name__) from error
    try:
        async with asyncio.timeout(seconds):
            return await _ask(bus)
    except TimeoutError as error:
        raise LinkLost("BlueZ does not answer") from error
    finally:
        bus.disconnect()


async def _ask(bus: MessageBus) -> Inspection:
    has_owner = Message(
        _BUS, "/org/freedesktop/DBus", _BUS, "NameHasOwner", signature="s", body=[NAME]
    )
    if not await _reply(bus, has_owner):
        raise NoBlueZ(NAME)
    objects = await _reply(
        bus, Message(NAME, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    )
    return Inspection(
        {
            path.rpartition("/")[2]: bool(interfaces[_ADAPTER]["Powered"].value)
            for path, interfaces in objects.items()
            if _ADAPTER in interfaces
        }
    )


async def _reply(bus: MessageBus, message: Message) -> Any:
    reply = await bus.call(message)
    if reply is None:
        raise LinkLost("no reply")
    if reply.message_type is MessageType.ERROR:
        kind = NotAllowed if reply.error_name == f"{_BUS}.Error.AccessDenied" else LinkLost
        raise kind(reply.error_name)
    return reply.body[0]
