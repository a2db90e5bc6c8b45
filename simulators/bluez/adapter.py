"""The one adapter: which peripherals are in range, and which clients are looking for them."""

import asyncio
from dataclasses import dataclass

from simulators.bluez import errors, names
from simulators.bluez.device import Device
from simulators.bluez.peripheral import Advertisement, Peripheral
from simulators.bluez.timing import Timing
from simulators.bluez.tree import Tree


@dataclass(frozen=True, slots=True)
class DiscoveryFilter:
    """What one client wants to hear of: any of these services, at least this loud (dBm)."""

    service_uuids: frozenset[str] = frozenset()
    rssi: int | None = None

    def passes(self, advertisement: Advertisement) -> bool:
        """Whether the client is told of this advertisement."""
        if self.rssi is not None and advertisement.rssi < self.rssi:
            return False
        return not self.service_uuids or not self.service_uuids.isdisjoint(
            advertisement.service_uuids
        )


_EVERYTHING = DiscoveryFilter()


class Adapter:
    """The Adapter1 object `hci0` and the devices in its range."""

    def __init__(self, tree: Tree, tasks: asyncio.TaskGroup, timing: Timing) -> None:
        self._tree = tree
        self._tasks = tasks
        self._timing = timing
        self._devices: dict[str, Device] = {}
        self._filters: dict[str, DiscoveryFilter] = {}
        self._discovering: set[str] = set()
        tree.add(
            names.ADAPTER_PATH,
            {
                names.ADAPTER: {
                    "Address": "00:1A:7D:DA:71:01",
                    "AddressType": "public",
                    "Name": "virtual",
                    "Alias": "virtual",
                    "Powered": True,
                    "Discoverable": False,
                    "Pairable": True,
                    "Discovering": False,
                    "Roles": ("central",),
                    "UUIDs": (),
                }
            },
        )

    def place(self, peripheral: Peripheral) -> None:
        """Puts a peripheral within range; it stays silent until it advertises."""
        device = Device(peripheral, self._tree, self._tasks, self._timing, self._heard)
        self._devices[device.path] = device
        peripheral.on_placed(device.airtime)

    def device_at(self, path: str) -> Device:
        """The known device at `path`, or the one that the attribute at `path` belongs to."""
        device = self._devices.get("/".join(path.split("/")[:5]))
        if device is None or device.path not in self._tree:
            raise errors.unknown_object(path)
        return device

    def set_discovery_filter(self, client: str, wanted: DiscoveryFilter) -> None:
        """Replaces what a client wants to hear of, now or once it starts discovery."""
        self._filters[client] = wanted

    def start_discovery(self, client: str) -> None:
        """Opens a client's discovery session."""
        if client in self._discovering:
            raise errors.in_progress()
        self._discovering.add(client)
        self._tree.change(names.ADAPTER_PATH, names.ADAPTER, {"Discovering": True})

    def stop_discovery(self, client: str) -> None:
        """Ends a client's discovery session."""
        if client not in self._discovering:
            raise errors.failed("No discovery started")
        self._end_discovery(client)

    def remove_device(self, path: str) -> None:
        """Forgets a device, its bond and its services."""
        if path not in self._devices or path not in self._tree:
            raise errors.does_not_exist()
        self._devices[path].forget()

    def release(self, client: str) -> None:
        """A client has left the bus: its sessions end, links stay up."""
        self._end_discovery(client)
        for device in self._devices.values():
            device.gatt.release(client)

    def withdraw(self) -> None:
        """Takes everything off the bus in good order, as a daemon that is stopped does."""
        for device in self._devices.values():
            device.airtime.silence()
            if device.path in self._tree:
                device.forget()
        self._tree.remove(names.ADAPTER_PATH)

    def _heard(self, device: Device, advertisement: Advertisement) -> None:
        if any(
            self._filters.get(client, _EVERYTHING).passes(advertisement)
            for client in self._discovering
        ):
            device.see(advertisement)

    def _end_discovery(self, client: str) -> None:
        self._filters.pop(client, None)
        if client not in self._discovering:
            return
        self._discovering.remove(client)
        if not self._discovering:
            for device in self._devices.values():
                device.fade()
            self._tree.change(names.ADAPTER_PATH, names.ADAPTER, {"Discovering": False})
