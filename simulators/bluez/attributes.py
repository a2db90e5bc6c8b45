"""A peripheral's GATT table laid out as BlueZ exports it: object paths, handles, properties."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from simulators.bluez import names
from simulators.bluez.peripheral import Characteristic, Descriptor, Service
from simulators.bluez.tree import Properties

# The handles below belong to the Generic Access and Generic Attribute services.
_FIRST_HANDLE: Final = 0x0010
_DEFAULT_ATT_MTU: Final = 23


@dataclass(frozen=True, slots=True)
class Attribute:
    """One exported object of a GATT table, and the value that a read of it returns."""

    path: str
    interface: str
    properties: Properties
    value: bytes = b""
    characteristic: Characteristic | None = None
    """Set if this object is a characteristic."""


def lay_out(device: str, services: tuple[Service, ...]) -> Iterator[Attribute]:
    """Every attribute below the device's path, parents first.

    Clients parse these paths: four hexadecimal digits, unique within the device.
    """
    handles = count(_FIRST_HANDLE)
    for service in services:
        path = f"{device}/service{next(handles):04x}"
        properties: Properties = {
            "UUID": service.uuid,
            "Device": device,
            "Primary": True,
            "Includes": (),
        }
        yield Attribute(path, names.SERVICE, properties)
        for characteristic in service.characteristics:
            yield from _characteristic(path, characteristic, handles)


def _characteristic(
    service: str, characteristic: Characteristic, handles: Iterator[int]
) -> Iterator[Attribute]:
    path = f"{service}/char{next(handles):04x}"
    next(handles)  # the value has a handle of its own, which BlueZ does not show
    properties: dict[str, bool | int | str | tuple[str, ...]] = {
        "UUID": characteristic.uuid,
        "Service": service,
        "Flags": tuple(characteristic.flags),
        "MTU": _DEFAULT_ATT_MTU,
    }
    descriptors = characteristic.descriptors
    if characteristic.pushes:
        properties["Notifying"] = False
        descriptors = (Descriptor(names.CLIENT_CONFIGURATION_UUID), *descriptors)
    yield Attribute(path, names.CHARACTERISTIC, properties, characteristic.value, characteristic)
    for descriptor in descriptors:
        yield Attribute(
            f"{path}/desc{next(handles):04x}",
            names.DESCRIPTOR,
            {"UUID": descriptor.uuid, "Characteristic": path},
            descriptor.value,
        )
