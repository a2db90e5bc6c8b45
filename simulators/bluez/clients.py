"""What the virtual BlueZ itself asks of clients: their agents, and signals of their objects."""

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

_DBUS = "org.freedesktop.DBus"


class Clients:
    """The clients on the bus, as those whom one can call."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def ask(
        self, owner: str, path: str, method: tuple[str, str], signature: str, *arguments: object
    ) -> tuple[object, ...] | None:
        """What an (interface, member) of a client returns; None if it refuses or has gone."""
        reply = await self._bus.call(_call(owner, path, method, signature, *arguments))
        if reply.message_type is MessageType.ERROR:
            return None
        return tuple(reply.body)

    def tell(
        self,
        owner: str,
        path: str,
        method: tuple[str, str],
        signature: str = "",
        *arguments: object,
    ) -> None:
        """Calls an (interface, member) of a client and wants no answer."""
        call = _call(owner, path, method, signature, *arguments)
        call.flags = MessageFlag.NO_REPLY_EXPECTED
        self._bus.send(call)

    async def listen(self, rule: str) -> None:
        """Receives the signals that `rule` matches, until forget()."""
        await self.ask(_DBUS, "/org/freedesktop/DBus", (_DBUS, "AddMatch"), "s", rule)

    def forget(self, rule: str) -> None:
        """Receives them no more."""
        self.tell(_DBUS, "/org/freedesktop/DBus", (_DBUS, "RemoveMatch"), "s", rule)


def _call(
    owner: str, path: str, method: tuple[str, str], signature: str, *arguments: object
) -> Message:
    interface, member = method
    return Message(
        destination=owner,
        path=path,
        interface=interface,
        member=member,
        signature=signature,
        body=list(arguments),
    )
