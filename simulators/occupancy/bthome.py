"""A virtual BTHome sensor: it advertises what it last told, with a packet id that counts up."""

from collections.abc import Mapping
from typing import Final

from simulators.bluez.names import assigned_uuid
from simulators.bluez.peripheral import Advertisement, Peripheral, Transmitter

SERVICE_UUID: Final = assigned_uuid(0xFCD2)

PACKET_ID: Final = 0x00
BATTERY: Final = 0x01
COUNT: Final = 0x09
OPENING: Final = 0x11
MOTION: Final = 0x21
OCCUPANCY: Final = 0x23
PRESENCE: Final = 0x25

_PLAIN: Final = b"\x40"
_ENCRYPTED: Final = b"\x41"
_A_YEAR: Final = 365 * 86_400.0


def service_data(objects: Mapping[int, int]) -> bytes:
    """Plain service data with objects of one byte each, by id."""
    return _PLAIN + _body(objects)


def encrypted_service_data(
    objects: Mapping[int, int], *, address: str, key: bytes, counter: int
) -> bytes:
    """The same, encrypted as the device at `address` does it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM

    told = counter.to_bytes(4, "little")
    nonce = bytes.fromhex(address.replace(":", "")) + b"\xd2\xfc" + _ENCRYPTED + told
    sealed = AESCCM(key, tag_length=4).encrypt(nonce, _body(objects), None)
    return _ENCRYPTED + sealed[:-4] + told + sealed[-4:]


class BthomeSensor(Peripheral):
    """Advertises from the first `tell` on, as fast as `interval_seconds` says."""

    def __init__(
        self,
        *,
        address: str,
        name: str = "Virtual BTHome",
        key: bytes | None = None,
        interval_seconds: float = 1.0,
    ) -> None:
        self.address = address
        self.name = name
        self.services = ()
        self._key = key
        self._interval_seconds = interval_seconds
        self._told = 0
        self._transmitter: Transmitter | None = None

    def tell(self, objects: Mapping[int, int]) -> None:
        """From now on advertises these values of one byte, by object id, under a new packet id."""
        content = {PACKET_ID: self._told % 256, **objects}
        if self._key is None:
            data = service_data(content)
        else:
            data = encrypted_service_data(
                content, address=self.address, key=self._key, counter=self._told
            )
        self._told += 1
        self.advertise(data)

    def advertise(self, data: bytes) -> None:
        """From now on advertises exactly these bytes."""
        if self._transmitter is not None:
            self._transmitter.advertise(
                Advertisement(
                    service_data={SERVICE_UUID: data}, interval_seconds=self._interval_seconds
                ),
                seconds=_A_YEAR,
            )

    def on_placed(self, transmitter: Transmitter) -> None:
        self._transmitter = transmitter


def _body(objects: Mapping[int, int]) -> bytes:
    return b"".join(bytes((id_, value)) for id_, value in sorted(objects.items()))
