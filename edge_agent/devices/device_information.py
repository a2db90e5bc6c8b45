"""The Device Information Service 0x180A: strings, System ID and PnP ID; both ways.

The serial number and the System ID identify one device, and so the place where it stands.
They are for telling devices apart at the station, and are never logged or published.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from edge_agent.devices.fields import Fields, named

SERVICE_UUID = "0000180a-0000-1000-8000-00805f9b34fb"
SYSTEM_ID_UUID = "00002a23-0000-1000-8000-00805f9b34fb"
MODEL_NUMBER_UUID = "00002a24-0000-1000-8000-00805f9b34fb"
SERIAL_NUMBER_UUID = "00002a25-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION_UUID = "00002a26-0000-1000-8000-00805f9b34fb"
HARDWARE_REVISION_UUID = "00002a27-0000-1000-8000-00805f9b34fb"
SOFTWARE_REVISION_UUID = "00002a28-0000-1000-8000-00805f9b34fb"
MANUFACTURER_NAME_UUID = "00002a29-0000-1000-8000-00805f9b34fb"
PNP_ID_UUID = "00002a50-0000-1000-8000-00805f9b34fb"

IDENTIFYING_UUIDS = frozenset({SYSTEM_ID_UUID, SERIAL_NUMBER_UUID})
"""The characteristics whose values identify one device."""

# What the sample programs of radio chips answer; FORA's meters have kept it (reported in
# tidepool-org/uploader).
_PLACEHOLDERS = frozenset(
    {
        "model number",
        "serial number",
        "firmware revision",
        "hardware revision",
        "software revision",
        "manufacturer name",
    }
)


class VendorSource(IntEnum):
    """Who assigned the vendor number of a PnP ID."""

    BLUETOOTH_SIG = 1
    USB_FORUM = 2


@dataclass(frozen=True, slots=True)
class PnpId:
    """The kind of device, by numbers: not an identity."""

    source: VendorSource | int
    vendor: int
    product: int
    version: int


@dataclass(frozen=True, slots=True)
class SystemId:
    """The identity of one device: it does not show itself when printed or logged."""

    manufacturer: int = field(repr=False)
    organisation: int = field(repr=False)


def decode_string(value: bytes) -> str | None:
    """The text of a string characteristic; None if it is empty or a placeholder.

    It ends at the first NUL, and what is not UTF-8 is replaced.
    """
    text = value.partition(b"\0")[0].decode(errors="replace").strip()
    return None if not text or text.casefold() in _PLACEHOLDERS else text


def encode_string(text: str) -> bytes:
    """The value of a string characteristic."""
    return text.encode()


def decode_pnp_id(value: bytes) -> PnpId:
    """The value of 0x2A50; raises DecodeError (TRUNCATED) if it is cut off."""
    fields = Fields(value)
    return PnpId(named(VendorSource, fields.byte()), fields.word(), fields.word(), fields.word())


def encode_pnp_id(pnp: PnpId) -> bytes:
    """The 7 bytes of 0x2A50 for `pnp`."""
    words = (pnp.vendor, pnp.product, pnp.version)
    return bytes((pnp.source,)) + b"".join(word.to_bytes(2, "little") for word in words)


def decode_system_id(value: bytes) -> SystemId:
    """The value of 0x2A23; raises DecodeError (TRUNCATED) if it is cut off."""
    fields = Fields(value)
    manufacturer, organisation = fields.take(5), fields.take(3)
    return SystemId(int.from_bytes(manufacturer, "little"), int.from_bytes(organisation, "little"))


def encode_system_id(system: SystemId) -> bytes:
    """The 8 bytes of 0x2A23 for `system`."""
    return system.manufacturer.to_bytes(5, "little") + system.organisation.to_bytes(3, "little")
