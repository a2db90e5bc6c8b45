"""What a virtual peripheral is: its GATT table, its hooks, and the handles with which it acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
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


class Bonding(Enum):
    """How a peripheral pairs without a passkey."""

    NONE = auto()
    """It never pairs."""
    JUST_WORKS = auto()
    """It pairs with whoever asks, and asks nobody anything."""


class PasskeyEntry(Enum):
    """Where a passkey is shown and where it is entered."""

    STATION = auto()
    """The peripheral shows it, or bears it on a label; it is entered at the station."""
    PERIPHERAL = auto()
    """The station shows it, and somebody enters it at the peripheral without a mistake."""
    COMPARED = auto()
    """Both show it; the station confirms that they agree, the peripheral always does."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """The peripheral pairs by a number of up to six digits, 0 to 999999."""

    number: int
    entry: PasskeyEntry = PasskeyEntry.STATION


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
    encrypted: bool = False
    """Whether it may be read, written and subscribed to over a bonded link only."""

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

    def drop(self) -> None:
        """Goes out of range: nothing passes any more, and the central notices after a while."""


class Peripheral:
    """A virtual device; inherit from it and override the hooks that matter.

    `on_connect` runs for as long as the link lasts, `on_subscribe` for as long as the central
    wants the values: both are cancelled when that ends. An exception in a hook ends the radio.

    The switches may be set at any time:
    `bonding` says how it pairs; most peripherals do when they are asked to.
    `refuses_pairing` makes it pair with nobody new, as one that is not in its pairing mode.
    `lost_bond` makes it forget the central, until it is paired again.
    """

    address: str
    name: str
    services: tuple[Service, ...]
    bonding: Bonding | Passkey = Bonding.JUST_WORKS
    refuses_pairing: bool = False
    lost_bond: bool = False

    def on_placed(self, transmitter: Transmitter) -> None:
        """The peripheral is within range of the adapter."""

    async def on_connect(self, link: Link) -> None:
        """A central has connected."""

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        """The central has enabled notifications or indications."""

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        """The central writes a value; raise AttError to refuse it, as this does."""
        raise AttError(WRITE_NOT_PERMITTED)

    def on_read(self, uuid: str) -> bytes | None:
        """What a read of this characteristic returns just now; None for the value it declares."""
        return None

    def on_disconnect(self) -> None:
        """The link has ended, whoever ended it."""
