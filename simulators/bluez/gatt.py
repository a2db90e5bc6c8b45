"""The GATT side of one device: its exported attributes, reads, writes and notify sessions."""

from collections.abc import Iterator
from contextlib import contextmanager

from simulators.bluez import errors, names
from simulators.bluez.attributes import Attribute, lay_out
from simulators.bluez.link import LiveLink
from simulators.bluez.pairing import Pairing
from simulators.bluez.peripheral import AttError, Characteristic, Flag, Peripheral
from simulators.bluez.tree import Tree

_INDICATING, _NOTIFYING, _SILENT = b"\x02\x00", b"\x01\x00", b"\x00\x00"


class Gatt:
    """Attributes stay exported after a disconnection, as BlueZ's cache has it.

    So do notify sessions: they belong to a D-Bus client until it stops them or leaves the bus,
    and the next connection enables them again.
    """

    def __init__(self, device: str, peripheral: Peripheral, tree: Tree, pairing: Pairing) -> None:
        self._peripheral = peripheral
        self._tree = tree
        self._pairing = pairing
        self._attributes = {at.path: at for at in lay_out(device, peripheral.services)}
        self._sessions: dict[str, set[str]] = {}
        self._link: LiveLink | None = None
        self._busy: set[tuple[str, str]] = set()

    def service_uuids(self) -> set[str]:
        """The UUIDs that service discovery finds."""
        return {service.uuid for service in self._peripheral.services}

    def resolve(self, link: LiveLink) -> None:
        """Service discovery has ended: exports what is new, enables the sessions that are left."""
        self._link = link
        for attribute in self._attributes.values():
            if attribute.path not in self._tree:
                self._tree.add(attribute.path, {attribute.interface: attribute.properties})
        for path, clients in self._sessions.items():
            if clients:
                self._set_notifying(path, on=True)

    def lose_link(self) -> None:
        """The link is gone; nothing can be read or pushed until resolve()."""
        self._link = None
        for path, attribute in self._attributes.items():
            declared = attribute.characteristic
            if declared is not None and declared.pushes and path in self._tree:
                self._tree.change(path, names.CHARACTERISTIC, {"Notifying": False})

    def forget(self) -> None:
        """The device was removed, and every session with it."""
        self._sessions.clear()

    def release(self, client: str) -> None:
        """A client has left the bus: its sessions end."""
        for path, clients in self._sessions.items():
            if client in clients:
                self._end_session(path, client)

    def deliver(self, uuid: str, value: bytes) -> None:
        """A notification or indication has arrived: told even if the value is the same."""
        for path, attribute in self._attributes.items():
            declared = attribute.characteristic
            if declared is not None and declared.uuid == uuid:
                self._tree.change(path, attribute.interface, {"Value": value}, always={"Value"})

    async def read(self, path: str, offset: int) -> bytes:
        """The value of a characteristic or descriptor from `offset` on."""
        attribute = self._attribute(path)
        with self._alone("read", path):
            await self._request(attribute)
        value = self._value(attribute)
        if offset > len(value):
            raise errors.att_error(errors.INVALID_OFFSET)
        # A client that is also subscribed sees its own read as a notification: BlueZ does that.
        self._tree.change(path, attribute.interface, {"Value": value}, always={"Value"})
        return value[offset:]

    async def write(self, path: str, value: bytes) -> None:
        """Writes a characteristic."""
        attribute, declared = self._attribute(path), self._characteristic(path)
        if not {Flag.WRITE, Flag.WRITE_WITHOUT_RESPONSE} & set(declared.flags):
            raise errors.not_supported()
        with self._alone("write", path):
            link = await self._request(attribute)
        try:
            self._peripheral.on_write(link, declared.uuid, value)
        except AttError as refusal:
            raise errors.att_error(refusal.code) from refusal

    async def start_notify(self, path: str, client: str) -> None:
        """Opens a client's notify session, and enables the characteristic with the first."""
        if not self._characteristic(path).pushes:
            raise errors.not_supported()
        sessions = self._sessions.setdefault(path, set())
        if client in sessions:
            raise errors.failed("Already notifying")
        sessions.add(client)
        if self._link is None:
            return  # BlueZ says yes all the same, and enables it with the next connection
        try:
            await self._request(self._attribute(path))
        except errors.Refused:
            sessions.discard(client)
            raise
        if client in sessions:
            self._set_notifying(path, on=True)

    def stop_notify(self, path: str, client: str) -> None:
        """Ends a client's notify session, and disables the characteristic with the last."""
        if client not in self._sessions.get(path, ()):
            raise errors.failed("No notify session started")
        self._end_session(path, client)

    def _end_session(self, path: str, client: str) -> None:
        self._sessions[path].discard(client)
        if not self._sessions[path]:
            self._set_notifying(path, on=False)

    def _set_notifying(self, path: str, *, on: bool) -> None:
        uuid = self._characteristic(path).uuid
        if self._link is None or self._link.subscribed(uuid) is on:
            return
        if on:
            self._link.subscribe(uuid)
        else:
            self._link.unsubscribe(uuid)
        self._tree.change(path, names.CHARACTERISTIC, {"Notifying": on})

    def _attribute(self, path: str) -> Attribute:
        attribute = self._attributes.get(path)
        if attribute is None or path not in self._tree:
            raise errors.unknown_object(path)
        return attribute

    def _characteristic(self, path: str) -> Characteristic:
        declared = self._attribute(path).characteristic
        if declared is None:
            raise errors.unknown_object(path)
        return declared

    def _value(self, attribute: Attribute) -> bytes:
        declared = attribute.characteristic
        if declared is not None and Flag.READ not in declared.flags:
            raise errors.att_error(errors.READ_NOT_PERMITTED)
        if attribute.properties["UUID"] == names.CLIENT_CONFIGURATION_UUID:
            return self._client_configuration(attribute.path.rpartition("/")[0])
        now = None if declared is None else self._peripheral.on_read(declared.uuid)
        return attribute.value if now is None else now

    def _client_configuration(self, path: str) -> bytes:
        declared = self._characteristic(path)
        if self._link is None or not self._link.subscribed(declared.uuid):
            return _SILENT
        return _NOTIFYING if Flag.NOTIFY in declared.flags else _INDICATING

    @contextmanager
    def _alone(self, operation: str, path: str) -> Iterator[None]:
        """One read and one write of an attribute at a time; more are refused, not queued."""
        if (operation, path) in self._busy:
            raise errors.in_progress()
        self._busy.add((operation, path))
        try:
            yield
        finally:
            self._busy.discard((operation, path))

    async def _request(self, attribute: Attribute) -> LiveLink:
        """Waits for the peripheral's answer; refused if there is no link, or if it breaks.

        If the peripheral wants a bond first, BlueZ pairs and repeats the request, once.
        """
        link = self._link
        if link is None:
            raise errors.failed("Not connected")
        await _answer(link)
        declared = attribute.characteristic
        if declared is not None and declared.encrypted and not self._pairing.bonded:
            if not await self._pairing.raise_security(link) and link.alive:
                raise errors.att_error(errors.INSUFFICIENT_AUTHENTICATION)
            await _answer(link)
        return link


async def _answer(link: LiveLink) -> None:
    if not await link.round_trip():
        raise errors.att_error(errors.UNLIKELY)
