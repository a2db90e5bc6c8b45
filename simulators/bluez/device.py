"""One device as the adapter knows it: seen, connected, resolved, paired, and lost again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from simulators.bluez import errors, names
from simulators.bluez.airtime import Airtime
from simulators.bluez.discovery import Telling
from simulators.bluez.gatt import Gatt
from simulators.bluez.link import Ends, LiveLink
from simulators.bluez.pairing import Keys, Pairing
from simulators.bluez.peripheral import Advertisement, Peripheral
from simulators.bluez.sighting import advertised, merged, unseen
from simulators.bluez.timing import Timing
from simulators.bluez.tree import Properties, Tree


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every device of an adapter shares."""

    tree: Tree
    tasks: asyncio.TaskGroup
    timing: Timing
    keys: Keys


class Device:
    """The Device1 object of a peripheral, and what the peripheral can do with its radio."""

    def __init__(
        self,
        peripheral: Peripheral,
        around: Surroundings,
        heard: Callable[["Device", Advertisement], bool],
    ) -> None:
        self.path = names.device_path(peripheral.address)
        self.pairing = Pairing(self.path, peripheral, around.keys, around.timing, self._bonded)
        self.gatt = Gatt(self.path, peripheral, around.tree, self.pairing)
        self.airtime = Airtime(around.tasks, peripheral.name, lambda advert: heard(self, advert))
        self._peripheral = peripheral
        self._bonds = around.keys.bonds
        self._tree = around.tree
        self._tasks = around.tasks
        self._timing = around.timing
        self._attempt: asyncio.Task[bool] | None = None
        self._link: LiveLink | None = None
        self._discovery: asyncio.Task[None] | None = None
        self._temporary = not self.pairing.bonded
        self._expiry: asyncio.TimerHandle | None = None
        if self.pairing.bonded:
            self._restore()

    def see(self, advertisement: Advertisement, telling: Telling) -> None:
        """An advertisement has passed the filters: the object appears, or changes."""
        if self.path not in self._tree:
            known = unseen(self._peripheral)
            first = {names.DEVICE: {**known, **advertised(known, advertisement)}}
            self._tree.add(self.path, first)
        else:
            self._see_again(advertisement, telling)
        if self._temporary:
            self._restart_expiry()

    def fade(self) -> None:
        """Discovery has ended: without this the next scan would tell of no change."""
        if self.path in self._tree:
            self._tree.drop(self.path, names.DEVICE, ["RSSI"])

    def trust(self, *, trusted: bool) -> None:
        """A client sets Trusted, which is kept with the bond."""
        self._change({"Trusted": trusted})
        if self.pairing.bonded:
            self._bonds.keep(self._peripheral.address, trusted=trusted)

    async def connect(self, connected: Callable[[], None]) -> None:
        """Waits for the peripheral to advertise and links up.

        Calls `connected` between Connected and the services: for LE, BlueZ answers Connect there.
        """
        if self._attempt is not None:
            raise errors.in_progress()
        if self._link is not None:
            connected()
            return
        self._keep()
        attempt = self._attempt = self._tasks.create_task(
            self._reach(connected), name=f"connecting to {self._peripheral.name}"
        )
        await asyncio.wait({attempt})
        if self._attempt is attempt:
            self._attempt = None
        if attempt.cancelled():
            raise errors.failed(errors.CONNECT_CANCELLED)
        if not attempt.result():
            raise errors.failed(errors.CONNECT_ABORTED)

    async def pair(self, client: str) -> None:
        """Connects if need be, pairs, and returns when the services are resolved.

        A link that was made for a pairing which failed is dropped again.
        """
        if self.pairing.bonded:
            raise errors.already_exists()
        linked = self._link is not None
        await self.connect(_nothing)
        if self._link is None or self._discovery is None:
            raise errors.failed(errors.CONNECT_ABORTED)
        discovery = self._discovery
        try:
            await self.pairing.pair(self._link, client)
        except errors.Refused:
            if not linked:
                self.hang_up()
            raise
        await asyncio.wait({discovery})

    def disconnect(self, disconnected: Callable[[], None]) -> None:
        """Hangs up or gives up connecting; BlueZ answers just before Connected turns false."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        if self._link is None:
            disconnected()
        else:
            self._link_down(disconnected)

    def hang_up(self) -> None:
        """The peripheral ends the link, or it breaks."""
        if self._link is not None:
            self._link_down(_nothing)

    def release(self, client: str) -> None:
        """A client has left the bus: what only it wanted ends."""
        self.gatt.release(client)
        if self.pairing.wanted_by(client):
            self.hang_up()

    def forget(self) -> None:
        """The device is removed; the peripheral itself may well advertise again."""
        self._bonds.forget(self._peripheral.address)
        self.withdraw()

    def withdraw(self) -> None:
        """The object goes, the bond stays."""
        self.disconnect(_nothing)
        self._keep()
        self._temporary = True
        self.gatt.forget()
        self._tree.remove(self.path)

    async def _reach(self, connected: Callable[[], None]) -> bool:
        """Whether the peripheral could be reached in time; if so, the link is up."""
        try:
            async with asyncio.timeout(self._timing.connect_timeout_seconds):
                await self.airtime.wait_on_air()
                await asyncio.sleep(self._timing.connect_seconds)
        except TimeoutError:
            return False
        link = self._link_up()
        if self.pairing.bonded and not await self.pairing.encrypt(link):
            if self._link is link:
                self._link_down(_nothing)
            return False
        connected()
        self._discovery = link.run(self._discover(link), "service discovery")
        return True

    def _link_up(self) -> LiveLink:
        self.airtime.pause()
        ends = Ends(deliver=self.gatt.deliver, hang_up=self.hang_up)
        link = self._link = LiveLink(self._peripheral, self._tasks, ends, self._timing)
        self._change({"Connected": True})
        link.run(self._peripheral.on_connect(link), "connected")
        return link

    async def _discover(self, link: LiveLink) -> None:
        await asyncio.sleep(self._timing.discover_seconds)
        await link.round_trip()
        await self.pairing.settled()
        self.gatt.resolve(link)
        known = self._tree.interfaces(self.path)[names.DEVICE]["UUIDs"]
        self._change({"UUIDs": merged(known, self.gatt.service_uuids())})
        self._change({"ServicesResolved": True})

    def _link_down(self, disconnected: Callable[[], None]) -> None:
        if self._link is not None:
            self._link.end()
            self._link = None
            self._discovery = None
        self.gatt.lose_link()
        self._change({"ServicesResolved": False})
        disconnected()
        self._change({"Connected": False})
        self.airtime.resume()
        self._peripheral.on_disconnect()

    def _change(self, values: Properties) -> None:
        self._tree.change(self.path, names.DEVICE, values)

    def _bonded(self) -> None:
        trusted = self._tree.interfaces(self.path)[names.DEVICE]["Trusted"] is True
        self._bonds.keep(self._peripheral.address, trusted=trusted)
        self._keep()
        self._change({"Paired": True, "Bonded": True})

    def _restore(self) -> None:
        """A bond from an earlier run: the device is known before it is heard."""
        known = {
            **unseen(self._peripheral),
            "Paired": True,
            "Bonded": True,
            "Trusted": self._bonds.trusts(self._peripheral.address),
            "UUIDs": merged((), self.gatt.service_uuids()),
        }
        self._tree.add(self.path, {names.DEVICE: known})

    def _see_again(self, advertisement: Advertisement, telling: Telling) -> None:
        known = self._tree.interfaces(self.path)[names.DEVICE]
        values = advertised(known, advertisement)
        always = {"ServiceData", "ManufacturerData"} if telling.duplicates else set()
        before = known.get("RSSI")
        if isinstance(before, int) and abs(advertisement.rssi - before) < telling.rssi_step:
            del values["RSSI"]
        self._tree.change(self.path, names.DEVICE, values, always={*always, "RSSI"})

    def _keep(self) -> None:
        """A device that was asked to connect is no longer temporary."""
        self._temporary = False
        if self._expiry is not None:
            self._expiry.cancel()

    def _restart_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(
            self._timing.temporary_seconds, self._tree.remove, self.path
        )
