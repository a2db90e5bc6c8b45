"""BTHome v2 service data (0xFCD2): decode what tells of occupancy, skip what does not.

An own decoder, because bthome-ble costs a station 12 MB of memory, 20 packages and an advertisement
type of bleak's for these few objects; the tests hold it against bthome-ble.

Layout (bthome.io/format): device information (bit 0 encrypted, bit 1 address included, bits 5 to 7
version), the address if included, then objects: an id and a value whose size the id implies. An
unknown id ends the reading, because its size is unknown; what comes before it counts. Encrypted:
AES-CCM with a key of 16 bytes; the objects are followed by a counter and a check of 4 bytes each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from contract.errors import DecodeError, Reason

SERVICE_UUID: Final = "0000fcd2-0000-1000-8000-00805f9b34fb"
KEY_SIZE: Final = 16

_ENCRYPTED: Final = 0x01
_ADDRESS_INCLUDED: Final = 0x02
_VERSION: Final = 2
_ADDRESS_SIZE: Final = 6
_COUNTER_SIZE: Final = 4
_CHECK_SIZE: Final = 4

_PACKET_ID: Final = 0x00
_PRESENCE: Final = frozenset({0x21, 0x23, 0x25})  # motion, occupancy, presence
_OPENING: Final = frozenset({0x11, 0x1A})  # opening, door
_COUNT: Final = frozenset({0x09, 0x3D, 0x3E})
_SIGNED_COUNT: Final = frozenset({0x59, 0x5A, 0x5B})
_COMMAND: Final = 0x3B
_SAYS_ITS_SIZE: Final = frozenset({_COMMAND, 0x53, 0x54})  # and text, raw

_IDS_BY_SIZE: Final = {
    1: "00 01 09 0f 10 11 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 29 2a 2b 2c"
    " 2d 2e 2f 3a 46 57 58 59 60 64 65",
    2: "02 03 06 07 08 0c 0d 0e 12 13 14 3c 3d 3f 40 41 43 44 45 47 48 49 4a 51 52 56 5a 5d 5e 5f"
    " 61 f0",
    3: "04 05 0a 0b 42 4b f2",
    4: "3e 4c 4d 4e 4f 50 55 5b 5c 62 63 f1",
}
_SIZES: Final = {id_: size for size, ids in _IDS_BY_SIZE.items() for id_ in bytes.fromhex(ids)}


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What one advertisement tells of occupancy; None where it holds no such object."""

    packet_id: int | None = None
    """Changes with each new content, modulo 256."""
    counter: int | None = None
    """Of the encryption: grows with each new content, until the device restarts."""
    present: bool | None = None
    """Motion, occupancy or presence, if there are several any of them."""
    is_open: bool | None = None
    """A door or opening, if there are several any of them."""
    count: int | None = None
    """The first count; what it counts is the sensor's own affair."""


class Cipher(Protocol):
    """AES-CCM with a check of 4 bytes."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes; raises cryptography.exceptions.InvalidTag."""


def cipher(key: bytes) -> Cipher:
    """The cipher for a device's key; raises ValueError unless that has 16 bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM  # 7 MB: only with a key

    if len(key) != KEY_SIZE:
        raise ValueError(f"a BTHome key has {KEY_SIZE} bytes, not {len(key)}")
    return AESCCM(key, tag_length=_CHECK_SIZE)


def decode(service_data: bytes, *, address: str, cipher: Cipher | None = None) -> Advertisement:
    """What the service data of the device at `address` (AA:BB:CC:DD:EE:FF) tells.

    With a `cipher` plain data is refused, or anybody could speak for the device. Raises
    DecodeError: TRUNCATED, UNKNOWN_VERSION (there is v1, long gone), or SCHEMA for what is
    encrypted or plain against expectation, or fails the check.
    """
    if not service_data:
        raise DecodeError(Reason.TRUNCATED, "no device information")
    information = service_data[0]
    if information >> 5 != _VERSION:
        raise DecodeError(Reason.UNKNOWN_VERSION, f"BTHome version {information >> 5}, not 2")
    body, sender = service_data[1:], bytes.fromhex(address.replace(":", ""))
    if information & _ADDRESS_INCLUDED:
        body, sender = body[_ADDRESS_SIZE:], body[:_ADDRESS_SIZE][::-1]
        if len(sender) < _ADDRESS_SIZE:
            raise DecodeError(Reason.TRUNCATED, "the address is cut off")
    if bool(information & _ENCRYPTED) != (cipher is not None):
        raise DecodeError(Reason.SCHEMA, "encrypted without a key, or plain with one")
    if cipher is None:
        return _understood(body, None)
    nonce = sender + b"\xd2\xfc" + service_data[:1]
    return _understood(*_decrypted(body, nonce, cipher))


def _decrypted(body: bytes, nonce: bytes, cipher: Cipher) -> tuple[bytes, int]:
    from cryptography.exceptions import InvalidTag

    secret, check = body[: -_COUNTER_SIZE - _CHECK_SIZE], body[-_CHECK_SIZE:]
    counter = body[-_COUNTER_SIZE - _CHECK_SIZE : -_CHECK_SIZE]
    if len(counter) < _COUNTER_SIZE:
        raise DecodeError(Reason.TRUNCATED, "counter and check are cut off")
    try:
        plain = cipher.decrypt(nonce + counter, secret + check, None)
    except InvalidTag as error:
        raise DecodeError(Reason.SCHEMA, "not encrypted with this device's key") from error
    return plain, int.from_bytes(counter, "little")


def _understood(body: bytes, counter: int | None) -> Advertisement:
    packet_id = count = None
    present, is_open = [], []
    for id_, value in _objects(body):
        if id_ == _PACKET_ID:
            packet_id = value[0]
        elif id_ in _PRESENCE:
            present.append(bool(value[0]))
        elif id_ in _OPENING:
            is_open.append(bool(value[0]))
        elif id_ in _COUNT | _SIGNED_COUNT and count is None:
            count = int.from_bytes(value, "little", signed=id_ in _SIGNED_COUNT)
    return Advertisement(
        packet_id,
        counter,
        any(present) if present else None,
        any(is_open) if is_open else None,
        count,
    )


def _objects(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Ids and values up to the first unknown id; raises DecodeError if a value is cut off."""
    rest = body
    while rest:
        id_, rest = rest[0], rest[1:]
        size = _SIZES.get(id_)
        if size is None:
            if id_ not in _SAYS_ITS_SIZE:
                return
            says, rest = rest[:1], rest[1:]
            size = _said_size(id_, says)
        value, rest = rest[:size], rest[size:]
        if len(value) < size:
            raise _cut_off(id_)
        yield id_, value


def _said_size(id_: int, says: bytes) -> int:
    if not says:
        raise _cut_off(id_)
    # A command's size is that of its arguments, in five bits; its code comes on top.
    return 1 + (says[0] & 0x1F) if id_ == _COMMAND else says[0]


def _cut_off(id_: int) -> DecodeError:
    return DecodeError(Reason.TRUNCATED, f"object 0x{id_:02x} is cut off")
