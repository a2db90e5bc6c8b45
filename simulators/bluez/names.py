"""The names of BlueZ on D-Bus: interfaces, their methods and properties with signatures, UUIDs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

BUS_NAME: Final = "org.bluez"
ROOT_PATH: Final = "/org/bluez"
ADAPTER_PATH: Final = f"{ROOT_PATH}/hci0"

ADAPTER: Final = "org.bluez.Adapter1"
AGENT: Final = "org.bluez.Agent1"
AGENTS: Final = "org.bluez.AgentManager1"
MONITOR: Final = "org.bluez.AdvertisementMonitor1"
MONITORS: Final = "org.bluez.AdvertisementMonitorManager1"
DEVICE: Final = "org.bluez.Device1"
SERVICE: Final = "org.bluez.GattService1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
DESCRIPTOR: Final = "org.bluez.GattDescriptor1"

INTROSPECTABLE: Final = "org.freedesktop.DBus.Introspectable"
OBJECT_MANAGER: Final = "org.freedesktop.DBus.ObjectManager"
PEER: Final = "org.freedesktop.DBus.Peer"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"


class Method(NamedTuple):
    """The D-Bus signatures of a method."""

    takes: str = ""
    returns: str = ""


METHODS: Final[Mapping[str, Mapping[str, Method]]] = MappingProxyType(
    {
        INTROSPECTABLE: {"Introspect": Method(returns="s")},
        OBJECT_MANAGER: {"GetManagedObjects": Method(returns="a{oa{sa{sv}}}")},
        PROPERTIES: {
            "Get": Method("ss", "v"),
            "GetAll": Method("s", "a{sv}"),
            "Set": Method("ssv"),
        },
        ADAPTER: {
            "StartDiscovery": Method(),
            "StopDiscovery": Method(),
            "SetDiscoveryFilter": Method("a{sv}"),
            "RemoveDevice": Method("o"),
        },
        AGENTS: {
            "RegisterAgent": Method("os"),
            "UnregisterAgent": Method("o"),
            "RequestDefaultAgent": Method("o"),
        },
        MONITORS: {"RegisterMonitor": Method("o"), "UnregisterMonitor": Method("o")},
        DEVICE: {
            "Connect": Method(),
            "Disconnect": Method(),
            "Pair": Method(),
            "CancelPairing": Method(),
        },
        CHARACTERISTIC: {
            "ReadValue": Method("a{sv}", "ay"),
            "WriteValue": Method("aya{sv}"),
            "StartNotify": Method(),
            "StopNotify": Method(),
        },
        DESCRIPTOR: {"ReadValue": Method("a{sv}", "ay")},
    }
)
"""Every method that the virtual BlueZ answers; any other is an UnknownMethod."""

PROPERTY_TYPES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        ADAPTER: {
            "Address": "s",
            "AddressType": "s",
            "Name": "s",
            "Alias": "s",
            "Powered": "b",
            "Discoverable": "b",
            "Pairable": "b",
            "Discovering": "b",
            "Roles": "as",
            "UUIDs": "as",
        },
        MONITORS: {"SupportedMonitorTypes": "as", "SupportedFeatures": "as"},
        DEVICE: {
            "Address": "s",
            "AddressType": "s",
            "Name": "s",
            "Alias": "s",
            "Adapter": "o",
            "Paired": "b",
            "Bonded": "b",
            "Trusted": "b",
            "Blocked": "b",
            "LegacyPairing": "b",
            "Connected": "b",
            "ServicesResolved": "b",
            "UUIDs": "as",
            "RSSI": "n",
            "ManufacturerData": "a{qv}",
            "ServiceData": "a{sv}",
        },
        SERVICE: {"UUID": "s", "Device": "o", "Primary": "b", "Includes": "ao"},
        CHARACTERISTIC: {
            "UUID": "s",
            "Service": "o",
            "Value": "ay",
            "Notifying": "b",
            "Flags": "as",
            "MTU": "q",
        },
        DESCRIPTOR: {"UUID": "s", "Characteristic": "o", "Value": "ay"},
    }
)

WRITABLE: Final = frozenset({(ADAPTER, "Powered"), (DEVICE, "Trusted")})
"""The (interface, property) pairs that a client may set; all are booleans."""


def device_path(address: str) -> str:
    """The object path of the device with this address, such as `A4:C1:38:00:00:01`."""
    return f"{ADAPTER_PATH}/dev_{address.upper().replace(':', '_')}"


def assigned_uuid(number: int) -> str:
    """The 128-bit UUID, as BlueZ writes it, of a 16-bit number assigned by the Bluetooth SIG."""
    return f"{number:08x}-0000-1000-8000-00805f9b34fb"


CLIENT_CONFIGURATION_UUID: Final = assigned_uuid(0x2902)
