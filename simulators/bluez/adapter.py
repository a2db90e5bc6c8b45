"""The one adapter: its power, which peripherals are in range, and who is looking for them."""

from dataclasses import dataclass

from simulators.bluez import errors, names
from simulators.bluez.agents import Agents
from simulators.bluez.device import Device, Surroundings
from simulators.bluez.discovery import PASSIVE, Discovery, DiscoveryFilter, Telling
from simulators.bluez.monitors import Monitors
from simulators.bluez.peripheral import Advertisement, Peripheral


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Parties:
    """What clients have registered with BlueZ."""

    agents: Agents
    monitors: Monitors
    discovery: Discovery


class Adapter:
    """The Adapter1 object `hci0` and the devices in its range."""

    def __init__(self, around: Surroundings, parties: Parties) -> None:
        self.agents = parties.agents
        self.monitors = parties.monitors
        self._around = around
        self._tree = around.tree
        self._discovery = parties.discovery
        self._devices: dict[str, Device] = {}
        self._powered = True
        self._deaf = False
        self._faults: dict[str, errors.Refused] = {}
        self._tree.add(names.ROOT_PATH, {names.AGENTS: {}})
        self._tree.add(
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
                },
                names.MONITORS: {
                    "SupportedMonitorTypes": ("or_patterns",),
                    "SupportedFeatures": (),
                },
            },
        )

    def place(self, peripheral: Peripheral) -> None:
        """Puts a peripheral within range; it stays silent until it advertises."""
        device = Device(peripheral, self._around, self._heard)
        self._devices[device.path] = device
        peripheral.on_placed(device.airtime)

    def fail_next(self, member: str, error: str, text: str = "") -> None:
        """The next call of Connect or StartDiscovery ends in this error, such as
        `org.bluez.Error.Failed`, and does nothing."""
        self._faults[member] = errors.Refused(error, text)

    def deafen(self) -> None:
        """It receives no advertisement, and so neither finds nor reaches a device, until it is
        switched off and on again: a controller that has hung without saying so."""
        self._deaf = True
        for device in self._devices.values():
            device.airtime.miss()

    def power(self, *, on: bool) -> None:
        """Switches the controller; off ends every link and every discovery session."""
        if on is self._powered:
            return
        self._powered = on
        if on:
            self._deaf = False
        else:
            for device in self._devices.values():
                device.disconnect(_nothing)
            self._discovery.end()
            self._settle()
        self._tree.change(names.ADAPTER_PATH, names.ADAPTER, {"Powered": on})

    def device_at(self, path: str) -> Device:
        """The known device at `path`, or the one that the attribute at `path` belongs to."""
        device = self._devices.get("/".join(path.split("/")[:5]))
        if device is None or device.path not in self._tree:
            raise errors.unknown_object(path)
        return device

    def reachable_device_at(self, path: str) -> Device:
        """The same, if the adapter is on and no fault is due for Connect."""
        device = self.device_at(path)
        self._ready("Connect")
        return device

    def set_discovery_filter(self, client: str, wanted: DiscoveryFilter | None) -> None:
        """Replaces what a client wants to hear of, now or once it starts discovery."""
        self._ready("SetDiscoveryFilter")
        self._discovery.set_filter(client, wanted)

    def start_discovery(self, client: str) -> None:
        """Opens a client's discovery session."""
        self._ready("StartDiscovery")
        self._discovery.start(client)
        self._tree.change(names.ADAPTER_PATH, names.ADAPTER, {"Discovering": True})

    def stop_discovery(self, client: str) -> None:
        """Ends a client's discovery session."""
        self._ready("StopDiscovery")
        self._discovery.stop(client)
        self._settle()

    def remove_device(self, path: str) -> None:
        """Forgets a device, its bond and its services."""
        if path not in self._devices or path not in self._tree:
            raise errors.does_not_exist()
        self._devices[path].forget()

    def release(self, client: str) -> None:
        """A client has left the bus: its sessions end, links stay up."""
        self._discovery.leave(client)
        self._settle()
        self.agents.leave(client)
        self.monitors.leave(client)
        for device in self._devices.values():
            device.release(client)

    def withdraw(self) -> None:
        """Takes everything off the bus in good order, as a daemon that is stopped does."""
        for device in self._devices.values():
            device.airtime.silence()
            if device.path in self._tree:
                device.withdraw()
        self.agents.release()
        self._tree.remove(names.ROOT_PATH)

    def _heard(self, device: Device, advertisement: Advertisement) -> bool:
        """Whether the controller receives this; clients are told if they want to be."""
        if self._deaf or not self._powered:
            return False
        telling = self._telling(advertisement)
        if telling is not None:
            device.see(advertisement, telling)
        return True

    def _telling(self, advertisement: Advertisement) -> Telling | None:
        active = self._discovery.telling(advertisement)
        if active is None and self.monitors.want(advertisement):
            return PASSIVE
        return active

    def _ready(self, member: str) -> None:
        if not self._powered:
            raise errors.not_ready()
        fault = self._faults.pop(member, None)
        if fault is not None:
            raise fault

    def _settle(self) -> None:
        """Nobody may be looking any more."""
        if not self._discovery.active:
            for device in self._devices.values():
                device.fade()
            self._tree.change(names.ADAPTER_PATH, names.ADAPTER, {"Discovering": False})
