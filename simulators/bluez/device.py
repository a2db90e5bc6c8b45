"""One device as the adapter knows it: seen, connected, resolved, paired, and lost again."""

import asyncio
from collections.abc import Callable

from simulators.bluez import errors, names
from simulators.bluez.airtime import Airtime
from simulators.bluez.gatt import Gatt
from simulators.bluez.link import Ends, LiveLink
from simulators.bluez.peripheral import Advertisement, Peripheral
from simulators.bluez.timing import Timing
from simulators.bluez.tree import Properties, Tree


def _nothing() -> None:
    pass


class Device:
    """The Device1 object of a peripheral, and what the peripheral can do with its radio."""

    def __init__(
        self,
        peripheral: Peripheral,
        tree: Tree,
        tasks: asyncio.TaskGroup,
        timing: Timing,
        heard: Callable[["Device", Advertisement], None],
    ) -> None:
        self.path = names.device_path(peripheral.address)
        self.gatt = Gatt(self.path, peripheral, tree)
        self.airtime = Airtime(tasks, peripheral.name, lambda advert: heard(self, advert))
        self._peripheral = peripheral
        self._tree = tree
        self._tasks = tasks
        self._timing = timing
        self._attempt: asyncio.Task[bool] | None = None
        self._link: LiveLink | None = None
        self._discovery: asyncio.Task[None] | None = None
        self._temporary = True
        self._expiry: asyncio.TimerHandle | None = None

    def see(self, advertisement: Advertisement) -> None:
        """An advertisement has passed the filters: the object appears, or changes.

        The RSSI is told each time, as BlueZ up to 5.87 does during a filtered discovery.
        """
        if self.path not in self._tree:
            self._tree.add(self.path, {names.DEVICE: self._first_seen(advertisement)})
        else:
            self._tree.change(
                self.path, names.DEVICE, self._advertised(advertisement), always={"RSSI"}
            )
        if self._temporary:
            self._restart_expiry()

    def fade(self) -> None:
        """Discovery has ended: without this the next scan would tell of no change."""
        if self.path in self._tree:
            self._tree.drop(self.path, names.DEVICE, ["RSSI"])

    async def connect(self, connected: Callable[[], None]) -> None:
        """Waits for the peripheral to advertise and links up.

        Calls `connected` between Connected and the services: for LE, BlueZ answers Connect there.
        """
        if self._link is not None:
            connected()
            return
        if self._attempt is not None:
            raise errors.in_progress()
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

    async def pair(self) -> None:
        """Just Works: no question is asked; returns when the services are resolved."""
        if self._tree.interfaces(self.path)[names.DEVICE]["Paired"]:
            raise errors.already_exists()
        await self.connect(_nothing)
        if self._link is None or self._discovery is None:
            raise errors.failed(errors.CONNECT_ABORTED)
        self._change({"Paired": True, "Bonded": True})
        await asyncio.wait({self._discovery})

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

    def forget(self) -> None:
        """The device is removed; the peripheral itself may well advertise again."""
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
        self._link_up(connected)
        return True

    def _link_up(self, connected: Callable[[], None]) -> None:
        self.airtime.pause()
        ends = Ends(deliver=self.gatt.deliver, hang_up=self.hang_up)
        link = LiveLink(self._peripheral, self._tasks, ends, self._timing.round_trip_seconds)
        self._link = link
        self._change({"Connected": True})
        connected()
        self._discovery = link.run(self._discover(link), "service discovery")
        link.run(self._peripheral.on_connect(link), "connected")

    async def _discover(self, link: LiveLink) -> None:
        await asyncio.sleep(self._timing.discover_seconds)
        self.gatt.resolve(link)
        known = self._tree.interfaces(self.path)[names.DEVICE]["UUIDs"]
        self._change({"UUIDs": _merged(known, self.gatt.service_uuids())})
        self._change({"ServicesResolved": True})

    def _link_down(self, disconnected: Callable[[], None]) -> None:
        if self._link is not None:
            self._link.end()
            self._link = None
        self.gatt.lose_link()
        self._change({"ServicesResolved": False})
        disconnected()
        self._change({"Connected": False})
        self.airtime.resume()
        self._peripheral.on_disconnect()

    def _change(self, values: Properties) -> None:
        self._tree.change(self.path, names.DEVICE, values)

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

    def _first_seen(self, advertisement: Advertisement) -> Properties:
        return {
            "Address": self._peripheral.address.upper(),
            "AddressType": "public",
            "Name": self._peripheral.name,
            "Alias": self._peripheral.name,
            "Adapter": names.ADAPTER_PATH,
            "Paired": False,
            "Bonded": False,
            "Trusted": False,
            "Blocked": False,
            "LegacyPairing": False,
            "Connected": False,
            "ServicesResolved": False,
            "UUIDs": (),
            **self._advertised(advertisement),
        }

    def _advertised(self, advertisement: Advertisement) -> Properties:
        known = self._tree.interfaces(self.path).get(names.DEVICE, {}).get("UUIDs", ())
        values: dict[str, int | tuple[str, ...] | dict[str, bytes] | dict[int, bytes]] = {
            "RSSI": advertisement.rssi,
            "UUIDs": _merged(known, set(advertisement.service_uuids)),
        }
        if advertisement.service_data:
            values["ServiceData"] = dict(advertisement.service_data)
        if advertisement.manufacturer_data:
            values["ManufacturerData"] = dict(advertisement.manufacturer_data)
        return values


def _merged(known: object, found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(found.union(known if isinstance(known, tuple) else ())))
