"""What a virtual peripheral is: its GATT table, its hooks, and the handles with which it acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

WRITE_NOT_PERMITTED: Final = 0x03


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What goes out on the air, once every `interval_seconds`; `rssi` is how it arrives, in dBm."""

    service_uuids: tuple[str, ...] = ()
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    rssi: int = -60
    interval_seconds: float = 0.25


class Flag(StrEnum):
    """What a characteristic allows, in the words of BlueZ."""

    READ = "read"
    WRITE_WITHOUT_RESPONSE = "write-without-response"
    WRITE = "write"
    NOTIFY = "notify"
    INDICATE = "indicate"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A descriptor besides the client configuration, which appears where it is needed."""

    uuid: str
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic; `value` is what a read returns."""

    uuid: str
    flags: tuple[Flag, ...]
    value: bytes = b""
    descriptors: tuple[Descriptor, ...] = ()

    @property
    def pushes(self) -> bool:
        """Whether a central can subscribe to it."""
        return Flag.NOTIFY in self.flags or Flag.INDICATE in self.flags


@dataclass(frozen=True, slots=True)
class Service:
    """A primary service."""

    uuid: str
    characteristics: tuple[Characteristic, ...]


class AttError(Exception):
    """A write is refused with this ATT error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class Transmitter(Protocol):
    """A peripheral's own radio while nobody is connected."""

    def advertise(self, advertisement: Advertisement, *, seconds: float) -> None:
        """Advertises for so long from now, in place of any earlier window; never in a link."""

    def silence(self) -> None:
        """Ends the window early."""


class Link(Protocol):
    """A connection as the peripheral has it."""

    def subscribed(self, uuid: str) -> bool:
        """Whether the central wants this characteristic's values."""

    def notify(self, uuid: str, value: bytes) -> None:
        """Sends a value; raises LinkLost unless it is subscribed to over a live link."""

    async def indicate(self, uuid: str, value: bytes) -> None:
        """Sends a value and waits for its confirmation; raises LinkLost if that cannot come."""

    def hang_up(self) -> None:
        """Ends the connection; nothing happens if it has ended already."""


class Peripheral:
    """A virtual device; inherit from it and override the hooks that matter.

    `on_connect` runs for as long as the link lasts, `on_subscribe` for as long as the central
    wants the values: both are cancelled when that ends. An exception in a hook ends the radio.
    """

    address: str
    name: str
    services: tuple[Service, ...]

    def on_placed(self, transmitter: Transmitter) -> None:
        """The peripheral is within range of the adapter."""

    async def on_connect(self, link: Link) -> None:
        """A central has connected."""

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        """The central has enabled notifications or indications."""

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        """The central writes a value; raise AttError to refuse it, as this does."""
        raise AttError(WRITE_NOT_PERMITTED)

    def on_disconnect(self) -> None:
        """The link has ended, whoever ended it."""
