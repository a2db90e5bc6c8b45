"""The process behind `org.bluez`: it owns the name, answers clients and tells them of changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dbus_fast import Message, MessageType, RequestNameReply, unpack_variants
from dbus_fast.aio import MessageBus

from contract.errors import LinkLost
from simulators.bluez import names, wire
from simulators.bluez.adapter import Adapter, Parties
from simulators.bluez.agents import Agents
from simulators.bluez.bonds import Bonds
from simulators.bluez.call import Call
from simulators.bluez.calls import Methods
from simulators.bluez.clients import Clients
from simulators.bluez.device import Surroundings
from simulators.bluez.discovery import AdvertisementRule, Discovery
from simulators.bluez.monitors import Monitors, Pattern
from simulators.bluez.pairing import Keys
from simulators.bluez.timing import TYPICAL, Timing
from simulators.bluez.tree import Tree
from simulators.bluez.writer import write_patiently

_DBUS = "org.freedesktop.DBus"
_CLIENT_LEFT = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg2=''"
_OURS = (MessageType.METHOD_CALL, MessageType.SIGNAL)


class _Finished(Exception):
    """Ends the task group, with whatever still runs in it."""


@asynccontextmanager
async def virtual_bluez(
    address: str,
    *,
    timing: Timing = TYPICAL,
    rule: AdvertisementRule = AdvertisementRule.BLUEZ,
    bonds: Path | None = None,
) -> AsyncIterator[Adapter]:
    """Owns `org.bluez` on the bus at `address` while the block runs; yields the adapter.

    `rule` says which BlueZ it is as to advertisements that repeat; `bonds` is a file that keeps
    bonds from one run to the next.
    Peripherals placed on the adapter live in the block's task group: a bug in one of them, or the
    loss of the bus (LinkLost), ends the block with an exception group.
    """
    bus = await MessageBus(bus_address=address).connect()
    write_patiently(bus)
    try:
        async with asyncio.TaskGroup() as tasks:
            clients = Clients(bus)
            parties = Parties(Agents(clients), Monitors(clients), Discovery(rule))
            tree = Tree(lambda signal: bus.send(wire.signal_message(signal)))
            keys = Keys(Bonds(bonds), parties.agents)
            adapter = Adapter(Surroundings(tree, tasks, timing, keys), parties)
            daemon = _Daemon(bus, tasks, Methods(tree, adapter), adapter)
            tasks.create_task(_lose(bus), name="virtual BlueZ: loss of the bus")
            service = tasks.create_task(daemon.serve(), name="virtual BlueZ")
            await clients.listen(_CLIENT_LEFT)
            await daemon.take_name()
            yield adapter
            service.cancel()
            adapter.withdraw()
            tasks.create_task(_finish(), name="virtual BlueZ: end")
    except* _Finished:
        pass
    finally:
        if bus.connected:
            bus.disconnect()
            await _disconnection(bus)


async def _finish() -> None:
    raise _Finished


async def _lose(bus: MessageBus) -> None:
    with suppress(EOFError, OSError):
        # Shielded because dbus-fast waits on one future, which our cancellation must not reach.
        await asyncio.shield(_disconnection(bus))
    raise LinkLost("the bus under the virtual BlueZ has gone")


async def _disconnection(bus: MessageBus) -> None:
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class _Daemon:
    """Answers on the raw message level.

    dbus-fast's service interfaces hide the caller, whom discovery and notify sessions belong to,
    cannot drop a property, and announce objects from the wrong path.
    """

    def __init__(
        self, bus: MessageBus, tasks: asyncio.TaskGroup, methods: Methods, adapter: Adapter
    ) -> None:
        self._bus = bus
        self._tasks = tasks
        self._methods = methods
        self._adapter = adapter
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        bus.add_message_handler(self._receive)

    async def take_name(self) -> None:
        """Becomes org.bluez; raises LinkLost if another process is."""
        if await self._bus.request_name(names.BUS_NAME) is not RequestNameReply.PRIMARY_OWNER:
            raise LinkLost(f"{names.BUS_NAME} already has an owner on this bus")

    async def serve(self) -> None:
        """Answers clients, each call in a task of its own, and cleans up after those who leave."""
        while True:
            message = await self._inbox.get()
            if message.message_type is MessageType.METHOD_CALL:
                call = Call(self._bus, message)
                self._tasks.create_task(
                    self._methods.answer(call), name=f"{call.member} for {call.client}"
                )
            elif message.member == "NameOwnerChanged":
                self._adapter.release(message.body[0])
            elif message.member == "InterfacesAdded":
                self._adapter.monitors.learn(
                    message.sender or "", message.body[0], _patterns(message)
                )

    def _receive(self, message: Message) -> bool:
        """Whether dbus-fast is to leave the message to us; no more happens here.

        It logs and swallows what a handler raises, and a bug of ours must end the process.
        """
        if message.interface == names.PEER or message.message_type not in _OURS:
            return False
        self._inbox.put_nowait(message)
        return True


def _patterns(exported: Message) -> tuple[Pattern, ...]:
    """The patterns of a monitor that a client has exported; none if it is something else."""
    monitor = unpack_variants(exported.body[1]).get(names.MONITOR, {})
    return tuple(
        Pattern(start, type_, bytes(content))
        for start, type_, content in monitor.get("Patterns", ())
    )
