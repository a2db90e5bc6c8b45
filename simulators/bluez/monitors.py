"""Passive scanning: the patterns in advertisements that clients' monitors wait for."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulators.bluez import errors, names
from simulators.bluez.clients import Clients
from simulators.bluez.peripheral import Advertisement

_UUIDS_16, _UUIDS_128, _SERVICE_DATA_16, _MANUFACTURER = 0x03, 0x07, 0x16, 0xFF
_ASSIGNED = names.assigned_uuid(0)[8:]


@dataclass(frozen=True, slots=True)
class Pattern:
    """These bytes at this offset of the data of this type."""

    start: int
    type: int
    content: bytes

    def within(self, advertisement: Advertisement) -> bool:
        """Whether the advertisement has it."""
        end = self.start + len(self.content)
        return any(
            type_ == self.type and data[self.start : end] == self.content
            for type_, data in _structures(advertisement)
        )


class Monitors:
    """The AdvertisementMonitorManager1 object: each client's root path, and the monitors below it.

    Only monitors that a client exports after RegisterMonitor count, and only their patterns.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._roots: set[tuple[str, str]] = set()
        self._patterns: dict[tuple[str, str], tuple[Pattern, ...]] = {}

    async def register(self, client: str, root: str) -> None:
        """From now on the client's monitors at `root` and below are heeded."""
        if (client, root) in self._roots:
            raise errors.already_exists()
        self._roots.add((client, root))
        await self._clients.listen(_exports(client))

    def unregister(self, client: str, root: str) -> None:
        """Drops the client's monitors at `root` and below."""
        if (client, root) not in self._roots:
            raise errors.does_not_exist()
        self._drop(client, root)

    def learn(self, client: str, path: str, patterns: tuple[Pattern, ...]) -> None:
        """A client has exported a monitor."""
        if any(
            client == owner and f"{path}/".startswith(f"{root}/") for owner, root in self._roots
        ):
            self._patterns[client, path] = patterns
            self._clients.tell(client, path, (names.MONITOR, "Activate"))

    def leave(self, client: str) -> None:
        """A client has left the bus."""
        for owner, root in tuple(self._roots):
            if owner == client:
                self._drop(client, root)

    def want(self, advertisement: Advertisement) -> bool:
        """Whether any monitor waits for this."""
        return any(
            pattern.within(advertisement)
            for patterns in self._patterns.values()
            for pattern in patterns
        )

    def _drop(self, client: str, root: str) -> None:
        self._roots.remove((client, root))
        self._clients.forget(_exports(client))
        for owner, path in tuple(self._patterns):
            if owner == client and f"{path}/".startswith(f"{root}/"):
                del self._patterns[owner, path]


def _exports(client: str) -> str:
    """The rule that matches what a client exports."""
    return (
        f"type='signal',sender='{client}',"
        f"interface='{names.OBJECT_MANAGER}',member='InterfacesAdded'"
    )


def _structures(advertisement: Advertisement) -> Iterator[tuple[int, bytes]]:
    """The data of the advertisement as it goes over the air, by type, least byte first."""
    short = [_short(uuid) for uuid in advertisement.service_uuids]
    long = [_long(uuid) for uuid in advertisement.service_uuids if _short(uuid) is None]
    yield _UUIDS_16, b"".join(uuid for uuid in short if uuid is not None)
    yield _UUIDS_128, b"".join(long)
    for uuid, data in advertisement.service_data.items():
        assigned = _short(uuid)
        if assigned is not None:
            yield _SERVICE_DATA_16, assigned + data
    for company, data in advertisement.manufacturer_data.items():
        yield _MANUFACTURER, company.to_bytes(2, "little") + data


def _short(uuid: str) -> bytes | None:
    """The two bytes of an assigned number, or None of any other UUID."""
    if not uuid.endswith(_ASSIGNED) or not uuid.startswith("0000"):
        return None
    return bytes.fromhex(uuid[4:8])[::-1]


def _long(uuid: str) -> bytes:
    return bytes.fromhex(uuid.replace("-", ""))[::-1]
