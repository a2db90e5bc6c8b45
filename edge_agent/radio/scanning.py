"""The one scanner of a station: hears its devices, talks to each, and survives BlueZ."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from contract.errors import LinkLost, OutboxUnavailable
from edge_agent.devices.device_information import MANUFACTURER_NAME_UUID, decode_string
from edge_agent.devices.model import Kind, Model
from edge_agent.devices.models import recognise
from edge_agent.radio import bluez
from edge_agent.radio.bluez import BlueZ
from edge_agent.radio.conversation import Conversation, Known, Patience
from edge_agent.radio.hearing import Hearing, State
from edge_agent.radio.link import BROKEN, Arrived, Link, let_cancellation_through, name_of, opened
from edge_agent.radio.pairing import PairingAgent
from edge_agent.radio.watchdog import Remedy, Watchdog
from edge_agent.telemetry import Telemetry

SILENCES = 3
"""After so many silences of `Timing.deaf_after` every remedy was tried, and it is said."""

# With an RSSI filter every BlueZ tells of every advertisement; without one newer ones keep quiet
# about a known device whose payload has not changed, such as a cuff's second window.
_FILTERS: BlueZDiscoveryFilters = {"Transport": "le", "DuplicateData": True, "RSSI": -127}


class Timing(NamedTuple):
    """How long to wait, in seconds; None leaves it to the model of the device."""

    connect: float = 20.0
    first_reading: float = 30.0
    idle: float | None = None
    cool_down: float | None = None
    retry: float = 5.0
    deaf_after: float = 300.0


@dataclass(frozen=True, slots=True)
class Devices:
    """The Bluetooth devices of a station by address, with the passkey of those that want one.

    A visitor's own meter is not among them and is left alone. `sensors` only advertise.
    """

    meters: Mapping[str, int | None]
    sensors: frozenset[str] = frozenset()
    links: int = 4


class _Sighting(NamedTuple):
    """A device that advertises, and what it tells of its make."""

    device: BLEDevice
    name: str | None
    companies: frozenset[int]
    services: tuple[str, ...]

    @property
    def address(self) -> str:
        return self.device.address.upper()

    def model(self, manufacturer: str | None = None) -> Model:
        return recognise(
            name=self.name,
            company_ids=self.companies,
            service_uuids=self.services,
            manufacturer=manufacturer,
        )


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what the radio hears; each must have kept it durably when it returns."""

    frame: Callable[[str, Model, Arrived], None]
    service_data: Callable[[str, Mapping[str, bytes]], None]
    known: Callable[[str], Known]
    device_clock: Callable[[], datetime | None]
    talked: Callable[[str, Model, int | None], None] = lambda *_: None
    """To whom a conversation was held, and the device's battery in percent if it told."""
    ready: Callable[[], bool] = lambda: True
    """Whether a conversation may begin: until then devices keep what they were not asked for."""
    lost: Callable[[], None] = lambda: None
    """The adapter or BlueZ is away, and with it every device that only advertises."""


class _Remedied(LinkLost):
    """The scan is begun again on purpose, because of a silence."""


class Radio:
    """Listens for the devices of one station."""

    def __init__(
        self,
        adapter: str,
        devices: Devices,
        timing: Timing,
        ears: Ears,
        telemetry: Telemetry,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called whenever the loop turns, also while it tries to get a radio at all."""
        self._adapter = adapter
        self._devices = devices
        self._timing = timing
        self._ears = ears
        self._telemetry = telemetry
        self._beat = beat
        self._agent = PairingAgent(devices.meters)
        self._watchdog = Watchdog(timing.deaf_after, monotonic())
        self._hearing = Hearing(SILENCES * timing.deaf_after, monotonic())
        self._present = True
        self.has_scanned = asyncio.Event()
        self._seen: asyncio.Queue[_Sighting] = asyncio.Queue()
        self._busy: set[str] = set()
        self._links = asyncio.Semaphore(devices.links)
        self._connecting = asyncio.Lock()

    async def run(self) -> None:
        """Scan and converse for ever, starting over whenever BlueZ or the adapter is lost."""
        while True:
            self._beat()
            try:
                async with bluez.connected(self._adapter) as daemon:
                    await self._agent.register(daemon)
                    await self._scan(daemon)
            except _Remedied:
                self._telemetry.radio_helped()
            except (LinkLost, *BROKEN) as error:
                let_cancellation_through()
                self._present = False
                self._ears.lost()
                self._telemetry.scan_lost(
                    str(error) if isinstance(error, LinkLost) else name_of(error)
                )
            await asyncio.sleep(self._timing.retry)

    @property
    def state(self) -> State:
        """Whether there is an adapter and it hears; nobody's measuring moves it."""
        if not self._present:
            return State.ABSENT
        return State.DEAF if self._hearing.is_deaf else State.HEARING

    def day_passed(self) -> None:
        """The station's daily round is being gone."""
        self._hearing.day_passed(monotonic())

    async def _scan(self, daemon: BlueZ) -> None:
        self._seen = asyncio.Queue()
        self._busy = set()
        scanner = BleakScanner(
            self._advertised, bluez={"adapter": self._adapter, "filters": _FILTERS}
        )
        talks: set[asyncio.Task[None]] = set()
        lost = asyncio.create_task(self._until_lost(daemon), name="until lost")
        try:
            async with scanner:
                self.has_scanned.set()
                self._present = True
                while not lost.done():
                    await self._start_talks(talks, lost)
                raise lost.result()
        finally:
            lost.cancel()
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    async def _start_talks(
        self, talks: "set[asyncio.Task[None]]", lost: "asyncio.Task[LinkLost]"
    ) -> None:
        """Wait for the next device that advertises and begin to talk to it."""
        seen = asyncio.create_task(self._seen.get(), name="next device")
        try:
            done, _ = await asyncio.wait({seen, lost, *talks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            seen.cancel()  # nothing happens to it if it is done
        for talk in done & talks:
            talks.discard(talk)
            talk.result()  # a bug in a conversation ends the agent
        if seen not in done:
            return
        talks.add(asyncio.create_task(self._talk(seen.result()), name="conversation"))

    async def _until_lost(self, daemon: BlueZ) -> LinkLost:
        """Wait until BlueZ is lost, or its silence calls for starting over."""
        lost = asyncio.create_task(daemon.until_lost(), name="bluez watch")
        try:
            while True:
                done, _ = await asyncio.wait({lost}, timeout=self._timing.deaf_after / 4)
                if done:
                    return lost.result()
                self._beat()
                if self._busy:  # a device that is talked to does not advertise
                    self._watchdog.heard(monotonic())
                if self._hearing.look(monotonic()):
                    self._telemetry.radio_deaf()
                match self._watchdog.look(monotonic()):
                    case Remedy.RESTART_SCAN:
                        return _Remedied("nothing heard, starting the scan again")
                    case Remedy.POWER_CYCLE:
                        with suppress(LinkLost):  # if it is gone, the next scan says so
                            await daemon.power_cycle()
                        return _Remedied("nothing heard, the adapter was without power")
        finally:
            lost.cancel()

    def _advertised(self, device: BLEDevice, data: AdvertisementData) -> None:
        # Also called for any other change that BlueZ reports of the device, such as its hang-up.
        self._watchdog.heard(monotonic())
        address = device.address.upper()
        if address in self._devices.meters:
            self._hearing.heard_own()
        else:
            self._hearing.heard(monotonic())
        if address in self._devices.sensors:
            self._ears.service_data(address, data.service_data)
        if address not in self._devices.meters or address in self._busy or not self._ears.ready():
            return
        sighting = _Sighting(
            device,
            data.local_name or device.name,
            frozenset(data.manufacturer_data),
            tuple(data.service_uuids),
        )
        if sighting.model().kind is not Kind.OTHER:
            self._busy.add(address)
            self._seen.put_nowait(sighting)

    async def _talk(self, sighting: _Sighting) -> None:
        """One conversation and its cool-down, in which phantom advertisements are ignored."""
        model = sighting.model()
        try:
            async with self._links:
                await self._converse(sighting, model)
            wait = self._timing.cool_down
            await asyncio.sleep(model.cool_down_seconds if wait is None else wait)
        finally:
            self._busy.discard(sighting.address)

    async def _converse(self, sighting: _Sighting, model: Model) -> None:
        battery: int | None = None
        talked = False

        def keep(arrived: Arrived) -> None:
            nonlocal talked
            self._ears.frame(sighting.address, model, arrived)
            self._telemetry.frame_received()
            talked = True

        try:
            await asyncio.sleep(model.pause_before_discovery_seconds)
            seconds = self._timing.connect
            async with opened(sighting.device, self._connecting, connect_seconds=seconds) as link:
                model = await self._identified(sighting, model, link)
                patience = Patience(self._timing.first_reading, self._timing.idle)
                talk = Conversation(link, model, keep, patience, self._ears.device_clock)
                if model.kind is Kind.CUFF:
                    await talk.with_cuff()
                else:
                    await talk.with_meter(self._ears.known(sighting.address))
                battery = await talk.battery()
        except (LinkLost, OutboxUnavailable):
            self._telemetry.conversation_broken()
        else:
            self._telemetry.conversation_ended()
            talked = True
        if talked:
            self._ears.talked(sighting.address, model, battery)

    async def _identified(self, sighting: _Sighting, model: Model, link: Link) -> Model:
        """The model of a device that its advertisement did not tell, by its manufacturer."""
        if model.known:
            return model
        told = await link.read(MANUFACTURER_NAME_UUID)
        model = sighting.model(decode_string(told) if told else None)
        if not model.known:
            self._telemetry.model_unknown()
        return model
