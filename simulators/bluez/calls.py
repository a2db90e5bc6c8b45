"""The methods of org.bluez: what each call does to the adapter, a device or an attribute."""

from collections.abc import Awaitable, Callable, Mapping

from dbus_fast import Variant

from simulators.bluez import errors, names, wire
from simulators.bluez.adapter import Adapter
from simulators.bluez.call import Call
from simulators.bluez.discovery import DiscoveryFilter
from simulators.bluez.tree import Properties, Tree


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
            (names.AGENTS, "RegisterAgent"): self._register_agent,
            (names.AGENTS, "UnregisterAgent"): self._unregister_agent,
            (names.AGENTS, "RequestDefaultAgent"): self._request_default_agent,
            (names.MONITORS, "RegisterMonitor"): self._register_monitor,
            (names.MONITORS, "UnregisterMonitor"): self._unregister_monitor,
            (names.DEVICE, "Connect"): self._connect,
            (names.DEVICE, "Disconnect"): self._disconnect,
            (names.DEVICE, "Pair"): self._pair,
            (names.DEVICE, "CancelPairing"): self._cancel_pairing,
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
        if interface == names.ADAPTER:
            self._adapter.power(on=bool(value.value))
        else:
            self._adapter.device_at(call.path).trust(trusted=bool(value.value))
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
        self._adapter.set_discovery_filter(call.client, _discovery_filter(call.options(0)))
        call.reply()

    async def _remove_device(self, call: Call) -> None:
        self._adapter.remove_device(call.text(0))
        call.reply()

    async def _register_agent(self, call: Call) -> None:
        self._adapter.agents.register(call.client, call.text(0), call.text(1))
        call.reply()

    async def _unregister_agent(self, call: Call) -> None:
        self._adapter.agents.unregister(call.client, call.text(0))
        call.reply()

    async def _request_default_agent(self, call: Call) -> None:
        self._adapter.agents.make_default(call.client, call.text(0))
        call.reply()

    async def _register_monitor(self, call: Call) -> None:
        await self._adapter.monitors.register(call.client, call.text(0))
        call.reply()

    async def _unregister_monitor(self, call: Call) -> None:
        self._adapter.monitors.unregister(call.client, call.text(0))
        call.reply()

    async def _connect(self, call: Call) -> None:
        await self._adapter.reachable_device_at(call.path).connect(call.reply)

    async def _disconnect(self, call: Call) -> None:
        self._adapter.device_at(call.path).disconnect(call.reply)

    async def _pair(self, call: Call) -> None:
        await self._adapter.reachable_device_at(call.path).pair(call.client)
        call.reply()

    async def _cancel_pairing(self, call: Call) -> None:
        self._adapter.device_at(call.path).pairing.cancel()
        call.reply()

    async def _read_value(self, call: Call) -> None:
        offset = call.options(0).get("offset", 0)
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


def _discovery_filter(options: Mapping[str, object]) -> DiscoveryFilter | None:
    """The parts of a filter that the virtual adapter acts on; an empty one takes it back.

    Others do not change what is heard: the transport is always LE, nothing has a pattern.
    """
    if not options:
        return None
    uuids = options.get("UUIDs")
    return DiscoveryFilter(
        frozenset(str(uuid).lower() for uuid in uuids) if isinstance(uuids, list) else frozenset(),
        _number(options.get("RSSI")),
        _number(options.get("Pathloss")),
        options.get("DuplicateData") is True,
    )


def _number(option: object) -> int | None:
    return option if isinstance(option, int) else None
