"""The methods of org.bluez: what each call does to the adapter, a device or an attribute."""

from collections.abc import Awaitable, Callable, Mapping

from dbus_fast import Message, MessageFlag, Variant
from dbus_fast.aio import MessageBus

from simulators.bluez import errors, names, wire
from simulators.bluez.adapter import Adapter, DiscoveryFilter
from simulators.bluez.tree import Properties, Tree


class Call:
    """One method call, answered by `reply` or by the Refused that its method raises."""

    def __init__(self, bus: MessageBus, message: Message) -> None:
        self._bus = bus
        self._message = message
        self.path = message.path or ""
        self.interface = message.interface or ""
        self.member = message.member or ""
        self.client = message.sender or ""

    @property
    def arguments(self) -> list[object]:
        """The arguments; variants are still wrapped."""
        return list(self._message.body)

    @property
    def signature(self) -> str:
        """The D-Bus signature of the arguments."""
        return self._message.signature

    def reply(self, *values: object) -> None:
        """Sends the result, which fits the signature of the method."""
        method = names.METHODS[self.interface][self.member]
        self._send(Message.new_method_return(self._message, method.returns, list(values)))

    def refuse(self, refusal: errors.Refused) -> None:
        """Sends an error."""
        self._send(Message.new_error(self._message, refusal.name, refusal.text))

    def _send(self, message: Message) -> None:
        if not self._message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._bus.send(message)


class Methods:
    """Answers every call of names.METHODS, and refuses all others by their proper error."""

    def __init__(self, tree: Tree, adapter: Adapter) -> None:
        self._tree = tree
        self._adapter = adapter
        self._answers: Mapping[tuple[str, str], Callable[[Call], Awaitable[None]]] = {
            (names.INTROSPECTABLE, "Introspect"): self._introspect,
            (names.OBJECT_MANAGER, "GetManagedObjects"): self._get_managed_objects,
            (names.PROPERTIES, "Get"): self._get,
            (names.PROPERTIES, "GetAll"): self._get_all,
            (names.PROPERTIES, "Set"): self._set,
            (names.ADAPTER, "StartDiscovery"): self._start_discovery,
            (names.ADAPTER, "StopDiscovery"): self._stop_discovery,
            (names.ADAPTER, "SetDiscoveryFilter"): self._set_discovery_filter,
            (names.ADAPTER, "RemoveDevice"): self._remove_device,
            (names.DEVICE, "Connect"): self._connect,
            (names.DEVICE, "Disconnect"): self._disconnect,
            (names.DEVICE, "Pair"): self._pair,
            (names.CHARACTERISTIC, "ReadValue"): self._read_value,
            (names.CHARACTERISTIC, "WriteValue"): self._write_value,
            (names.CHARACTERISTIC, "StartNotify"): self._start_notify,
            (names.CHARACTERISTIC, "StopNotify"): self._stop_notify,
            (names.DESCRIPTOR, "ReadValue"): self._read_value,
        }

    async def answer(self, call: Call) -> None:
        """Does what the call asks for and replies."""
        try:
            await self._find(call)(call)
        except errors.Refused as refusal:
            call.refuse(refusal)

    def _find(self, call: Call) -> Callable[[Call], Awaitable[None]]:
        answer = self._answers.get((call.interface, call.member))
        known = names.METHODS.get(call.interface, {}).get(call.member)
        if answer is None or known is None or known.takes != call.signature:
            raise errors.unknown_method(call.interface, call.member, call.signature)
        if call.interface == names.INTROSPECTABLE:
            return answer
        if call.interface == names.OBJECT_MANAGER:
            if call.path != "/":
                raise errors.unknown_method(call.interface, call.member, call.signature)
            return answer
        interfaces = self._tree.interfaces(call.path)
        if not interfaces:
            raise errors.unknown_object(call.path)
        if call.interface != names.PROPERTIES and call.interface not in interfaces:
            raise errors.unknown_method(call.interface, call.member, call.signature)
        return answer

    async def _introspect(self, call: Call) -> None:
        call.reply(wire.introspection(self._tree, call.path))

    async def _get_managed_objects(self, call: Call) -> None:
        objects = self._tree.objects()
        call.reply({path: wire.exported(interfaces) for path, interfaces in objects.items()})

    async def _get(self, call: Call) -> None:
        interface, name = (str(argument) for argument in call.arguments)
        properties = self._properties(call.path, interface)
        if name not in properties:
            raise errors.invalid_arguments(f"No such property '{name}'")
        call.reply(wire.variant(interface, name, properties[name]))

    async def _get_all(self, call: Call) -> None:
        interface = str(call.arguments[0])
        call.reply(wire.variants(interface, self._properties(call.path, interface)))

    async def _set(self, call: Call) -> None:
        interface, name, value = call.arguments
        self._properties(call.path, str(interface))
        if (interface, name) not in names.WRITABLE:
            raise errors.read_only(str(name))
        if not isinstance(value, Variant) or value.signature != "b":
            raise errors.invalid_arguments(f"'{name}' is a boolean")
        self._tree.change(call.path, str(interface), {str(name): bool(value.value)})
        call.reply()

    def _properties(self, path: str, interface: str) -> Properties:
        interfaces = self._tree.interfaces(path)
        if interface not in interfaces:
            raise errors.invalid_arguments(f"No such interface '{interface}'")
        return interfaces[interface]

    async def _start_discovery(self, call: Call) -> None:
        self._adapter.start_discovery(call.client)
        call.reply()

    async def _stop_discovery(self, call: Call) -> None:
        self._adapter.stop_discovery(call.client)
        call.reply()

    async def _set_discovery_filter(self, call: Call) -> None:
        self._adapter.set_discovery_filter(call.client, _discovery_filter(call.arguments[0]))
        call.reply()

    async def _remove_device(self, call: Call) -> None:
        self._adapter.remove_device(str(call.arguments[0]))
        call.reply()

    async def _connect(self, call: Call) -> None:
        await self._adapter.device_at(call.path).connect(call.reply)

    async def _disconnect(self, call: Call) -> None:
        self._adapter.device_at(call.path).disconnect(call.reply)

    async def _pair(self, call: Call) -> None:
        await self._adapter.device_at(call.path).pair()
        call.reply()

    async def _read_value(self, call: Call) -> None:
        offset = _options(call.arguments[0]).get("offset", 0)
        if not isinstance(offset, int):
            raise errors.invalid_arguments("'offset' is a number")
        call.reply(await self._adapter.device_at(call.path).gatt.read(call.path, offset))

    async def _write_value(self, call: Call) -> None:
        value = call.arguments[0]
        if not isinstance(value, bytes):
            raise errors.invalid_arguments("the value is an array of bytes")
        await self._adapter.device_at(call.path).gatt.write(call.path, value)
        call.reply()

    async def _start_notify(self, call: Call) -> None:
        await self._adapter.device_at(call.path).gatt.start_notify(call.path, call.client)
        call.reply()

    async def _stop_notify(self, call: Call) -> None:
        self._adapter.device_at(call.path).gatt.stop_notify(call.path, call.client)
        call.reply()


def _options(argument: object) -> dict[str, object]:
    """An `a{sv}` argument without its variants."""
    if not isinstance(argument, dict):
        return {}
    return {str(key): value.value for key, value in argument.items() if isinstance(value, Variant)}


def _discovery_filter(argument: object) -> DiscoveryFilter:
    """The parts of a filter that the virtual adapter acts on; others do not change what is heard.

    The transport is always LE, and the virtual peripherals have no path loss and no pattern.
    """
    options = _options(argument)
    uuids, rssi = options.get("UUIDs"), options.get("RSSI")
    return DiscoveryFilter(
        frozenset(str(uuid).lower() for uuid in uuids) if isinstance(uuids, list) else frozenset(),
        rssi if isinstance(rssi, int) else None,
    )
