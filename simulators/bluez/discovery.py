"""Who is looking for devices, for which ones, and how much is told of each advertisement."""

from dataclasses import dataclass
from enum import Enum, auto

from simulators.bluez import errors
from simulators.bluez.peripheral import Advertisement

_STEP_DBM = 8


class AdvertisementRule(Enum):
    """When BlueZ tells of the signal strength of a device that has not changed otherwise."""

    BLUEZ = auto()
    """Up to 5.87: with every advertisement, as soon as any client has set a filter."""
    BLUEZ_NEXT = auto()
    """After 5.87: so only if a filter names RSSI or path loss; others hear of steps of 8 dBm.

    A device that advertises the same payload again is then not told of at all.
    """


@dataclass(frozen=True, slots=True)
class DiscoveryFilter:
    """What one client wants to hear of: any of these services, at least this loud (dBm)."""

    service_uuids: frozenset[str] = frozenset()
    rssi: int | None = None
    pathloss: int | None = None
    duplicates: bool = False
    """Whether payloads that have not changed are told again."""

    def passes(self, advertisement: Advertisement) -> bool:
        """Whether the client is told; nothing here has a path loss, so none is too high."""
        if self.rssi is not None and advertisement.rssi < self.rssi:
            return False
        return not self.service_uuids or not self.service_uuids.isdisjoint(
            advertisement.service_uuids
        )

    @property
    def measures(self) -> bool:
        """Whether the client wants to follow the signal."""
        return self.rssi is not None or self.pathloss is not None


@dataclass(frozen=True, slots=True)
class Telling:
    """How much of an advertisement that somebody wants is told about a known device."""

    rssi_step: int
    """The signal strength is told if it has changed by so many dBm."""
    duplicates: bool
    """The payload is told even if it has not changed."""


class Discovery:
    """The discovery sessions of all clients, and their filters."""

    def __init__(self, rule: AdvertisementRule) -> None:
        self._rule = rule
        self._filters: dict[str, DiscoveryFilter | None] = {}
        self._discovering: set[str] = set()

    @property
    def active(self) -> bool:
        """Whether anybody is looking."""
        return bool(self._discovering)

    def set_filter(self, client: str, wanted: DiscoveryFilter | None) -> None:
        """Replaces what a client wants to hear of, now or once it starts discovery."""
        self._filters[client] = wanted

    def start(self, client: str) -> None:
        """Opens a client's discovery session."""
        if client in self._discovering:
            raise errors.in_progress()
        self._discovering.add(client)

    def stop(self, client: str) -> None:
        """Ends a client's discovery session."""
        if client not in self._discovering:
            raise errors.failed("No discovery started")
        self.leave(client)

    def leave(self, client: str) -> None:
        """Ends a client's session if it has one, and forgets its filter."""
        self._filters.pop(client, None)
        self._discovering.discard(client)

    def end(self) -> None:
        """Ends every session."""
        self._filters.clear()
        self._discovering.clear()

    def telling(self, advertisement: Advertisement) -> Telling | None:
        """How much of the advertisement is told; None if nobody wants to hear of it."""
        wanted = [self._filters.get(client) for client in self._discovering]
        if not any(each is None or each.passes(advertisement) for each in wanted):
            return None
        filters = [each for each in wanted if each is not None]
        if self._rule is AdvertisementRule.BLUEZ:
            every = bool(filters)
        else:
            every = any(each.measures for each in filters)
        return Telling(0 if every else _STEP_DBM, any(each.duplicates for each in filters))


PASSIVE = Telling(_STEP_DBM, duplicates=False)
"""How much is told of what only a passive scan has heard."""
