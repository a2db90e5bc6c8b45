"""What there is to know about one make of cuff or meter: the columns of the table of models."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from edge_agent.devices.blood_pressure import Layout
from edge_agent.devices.sequence_numbers import Order


class Kind(Enum):
    """What a device measures."""

    CUFF = auto()
    GLUCOSE_METER = auto()
    OTHER = auto()


class Bonding(Enum):
    """The most that a device may want before it gives its readings away."""

    NONE = auto()
    JUST_WORKS = auto()
    PASSKEY = auto()


class ClockMoment(Enum):
    """When in a conversation the clock may be written."""

    BEFORE_SUBSCRIBING = auto()
    IN_REPLY = auto()
    """Only in answer to the device's first notification of its own Current Time."""
    AFTER_READING = auto()


class Clock(NamedTuple):
    """How a device's clock may be set; a device that refuses has lost nothing."""

    moment: ClockMoment
    service: str
    characteristic: str


class Sends(Enum):
    """What a device sends by itself, or that it waits to be asked."""

    WHOLE_MEMORY = auto()
    ONLY_UNSENT = auto()
    NEWEST = auto()
    ON_REQUEST = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One make of device, or a family that behaves alike. All pauses are in seconds.

    It is recognised by the beginning of its name, or by company identifier and service
    together, or by its manufacturer string once connected. `may_delete` means that what was
    sent may be gone from the device; `may_resend` that a reading may come more than once.
    """

    title: str
    kind: Kind
    service: str | None
    names: tuple[str, ...] = ()
    companies: frozenset[int] = frozenset()
    manufacturers: tuple[str, ...] = ()
    bonding: Bonding
    clock: Clock | None = None
    sends: Sends = Sends.UNKNOWN
    may_delete: bool = True
    may_resend: bool = True
    order: Order = Order.ASCENDING
    layout: Layout = Layout.STANDARD
    pause_before_discovery_seconds: float = 0.0
    pause_before_subscribe_seconds: float = 0.0
    pause_before_request_seconds: float = 0.0
    idle_seconds: float = 10.0
    cool_down_seconds: float = 10.0
    known: bool = True
