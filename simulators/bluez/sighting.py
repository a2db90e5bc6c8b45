"""What is known of a device from its advertisements: the properties of its Device1 object."""

from simulators.bluez import names
from simulators.bluez.peripheral import Advertisement, Peripheral
from simulators.bluez.tree import Properties, Value


def unseen(peripheral: Peripheral) -> dict[str, Value]:
    """The properties of a device that is known by name and address only."""
    return {
        "Address": peripheral.address.upper(),
        "AddressType": "public",
        "Name": peripheral.name,
        "Alias": peripheral.name,
        "Adapter": names.ADAPTER_PATH,
        "Paired": False,
        "Bonded": False,
        "Trusted": False,
        "Blocked": False,
        "LegacyPairing": False,
        "Connected": False,
        "ServicesResolved": False,
        "UUIDs": (),
    }


def advertised(known: Properties, advertisement: Advertisement) -> dict[str, Value]:
    """What an advertisement says of a device with the properties `known`."""
    values: dict[str, Value] = {
        "RSSI": advertisement.rssi,
        "UUIDs": merged(known.get("UUIDs", ()), set(advertisement.service_uuids)),
    }
    if advertisement.service_data:
        values["ServiceData"] = dict(advertisement.service_data)
    if advertisement.manufacturer_data:
        values["ManufacturerData"] = dict(advertisement.manufacturer_data)
    return values


def merged(known: object, found: set[str]) -> tuple[str, ...]:
    """The UUIDs of both, sorted."""
    return tuple(sorted(found.union(known if isinstance(known, tuple) else ())))
