"""The BTHome sensors of one station: from what the radio hears of them to events, each once.

The radio feeds it, because only one scanner can run: all service data under
`bthome.SERVICE_UUID`, with the address it came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contract.errors import DecodeError, Reason
from edge_agent.occupancy import bthome
from edge_agent.occupancy.bthome import Advertisement
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.sensing import Count, Entered, Event, Presence, Silent

REPEAT_SECONDS = 4.0
"""For so long the same packet id, or an older one, is the same content heard again."""

_NEWER_PACKETS = 64  # ids this far ahead, modulo 256, are newer; the rest are late or repeated
_RESTARTED_COUNTER = 100  # below it, a counter that falls is that of a device that has restarted


class Counting(StrEnum):
    """What a sensor's count means; BTHome has no object for people."""

    PEOPLE = "people"
    """How many are there now."""
    PASSES = "passes"
    """How often its door was passed since it was started."""


@dataclass(frozen=True, slots=True)
class Beacon:
    """One BTHome device; `key` has 16 bytes if it encrypts."""

    sensor: str
    key: bytes | None = field(default=None, repr=False)
    counting: Counting = Counting.PEOPLE
    passes_per_entry: int = 2


class Beacons:
    """Remembers what each device said last."""

    def __init__(self, beacons: Mapping[str, Beacon]) -> None:
        """`beacons` by address, AA:BB:CC:DD:EE:FF; raises ValueError for a key of wrong size."""
        self._devices = {address.upper(): _Device(one) for address, one in beacons.items()}

    def hear(self, address: str, service_data: bytes, at: datetime) -> tuple[Event, ...]:
        """What the device at `address` newly tells; nothing if it is not one of this station.

        Raises DecodeError as bthome.decode does, and with RESENT for an encrypted advertisement
        whose counter was passed long ago.
        """
        device = self._devices.get(address.upper())
        return () if device is None else device.hear(address, service_data, at)

    def silence(self, at: datetime) -> tuple[Event, ...]:
        """The radio is lost: every sensor is silent."""
        return tuple(device.silence(at) for device in self._devices.values())


class _Device:
    def __init__(self, beacon: Beacon) -> None:
        self._beacon = beacon
        self._cipher = None if beacon.key is None else bthome.cipher(beacon.key)
        self._doorway = Doorway(beacon.passes_per_entry)
        self._last: tuple[Advertisement, datetime] | None = None
        self._passes: int | None = None

    def hear(self, address: str, service_data: bytes, at: datetime) -> tuple[Event, ...]:
        heard = bthome.decode(service_data, address=address, cipher=self._cipher)
        if self._last is not None and not _is_new(heard, at, *self._last):
            return ()
        self._last = heard, at
        return self._events(heard, at)

    def silence(self, at: datetime) -> Event:
        self._doorway.forget()
        return Silent(self._beacon.sensor, at)

    def _events(self, heard: Advertisement, at: datetime) -> tuple[Event, ...]:
        sensor, events = self._beacon.sensor, list[Event]()
        if heard.present is not None:
            events.append(Presence(sensor, at, heard.present))
        if heard.is_open is not None:
            events.append(Entered(sensor, at, self._doorway.moved(heard.is_open)))
        if heard.count is not None:
            if self._beacon.counting is Counting.PEOPLE:
                events.append(Count(sensor, at, max(0, heard.count)))
            else:
                entries = self._doorway.passed(self._new_passes(heard.count))
                events.append(Entered(sensor, at, entries))
        return tuple(events)

    def _new_passes(self, shown: int) -> int:
        """The passes since the count was last shown; one that has fallen began again at 0."""
        before = shown if self._passes is None else self._passes
        self._passes = shown
        return max(0, shown - before if shown >= before else shown)


def _is_new(heard: Advertisement, at: datetime, last: Advertisement, last_at: datetime) -> bool:
    """Whether an advertisement has content that was not heard yet; raises DecodeError (RESENT)."""
    if heard.counter is not None and last.counter is not None:
        if _RESTARTED_COUNTER <= heard.counter < last.counter:
            raise DecodeError(Reason.RESENT, "an encrypted advertisement from the past")
        if heard.counter == last.counter:
            return False
    if heard.packet_id is None or last.packet_id is None:
        return True
    if not 0 <= (at - last_at).total_seconds() <= REPEAT_SECONDS:
        return True
    return 0 < (heard.packet_id - last.packet_id) % 256 < _NEWER_PACKETS
