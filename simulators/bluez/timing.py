"""How long things take on the air and inside BlueZ."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds; the defaults are what a cuff next to a Raspberry Pi takes."""

    connect_seconds: float = 0.1
    """From the advertisement that is answered to the link."""
    discover_seconds: float = 0.5
    """Service discovery over the link."""
    round_trip_seconds: float = 0.03
    """A request and its response, or an indication and its confirmation."""
    connect_timeout_seconds: float = 20.0
    """How long Connect waits for a silent peripheral, as the kernel does."""
    temporary_seconds: float = 30.0
    """How long a device that was never connected stays known (BlueZ: TemporaryTimeout)."""
    supervision_seconds: float = 2.0
    """How long a link stays up to a peripheral that has gone out of range."""
    pair_seconds: float = 0.5
    """The exchange of keys, apart from what people do meanwhile."""
    pairing_timeout_seconds: float = 30.0
    """How long pairing may take with everything, as the Security Manager's timer has it."""


TYPICAL = Timing()
