"""One life of the agent: every part built for one set of settings, and run until it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from random import Random
from zoneinfo import ZoneInfo

from contract.condition import Configuration
from contract.status import Agent as AgentStatus
from edge_agent.condition import Conditions, Place
from edge_agent.desk import Desk
from edge_agent.devices.model import Kind, Model
from edge_agent.intake import Intake
from edge_agent.memory import Memory
from edge_agent.outbox import Outbox
from edge_agent.progress import Progress
from edge_agent.publisher import Identity, Publisher
from edge_agent.radio.conversation import Known
from edge_agent.radio.scanning import Devices, Ears, Radio, Timing
from edge_agent.release import Policy
from edge_agent.room import Room
from edge_agent.room_sensors import addresses
from edge_agent.settings import Settings
from edge_agent.station_clock import StationClock
from edge_agent.supervision import turns
from edge_agent.telemetry import Telemetry

_ALIASES = {Kind.CUFF: "bp", Kind.GLUCOSE_METER: "glu"}


@dataclass(frozen=True, slots=True)
class Lasting:
    """What outlives a change of settings: opened once, handed from life to life."""

    outbox: Outbox
    telemetry: Telemetry
    clock: StationClock
    intake: Intake
    rng: Random
    progress: Progress


class Life:
    """Desk, room, publisher and radio of one station, with settings that do not change."""

    def __init__(
        self,
        settings: Settings,
        lasting: Lasting,
        on_config: Callable[[bytes], None],
        configuration: Callable[[], Configuration | None],
    ) -> None:
        """Build every part; `on_config` gets each payload of the station's `config` topic.

        `configuration` says what became of it, for the status.
        """
        self._settings = settings
        self._progress = lasting.progress
        self._publisher = Publisher(
            settings.mqtt,
            Identity(settings.station.id, f"{lasting.rng.getrandbits(64):016x}", _about(settings)),
            lasting.outbox,
            lasting.telemetry,
            condition=lambda: self._conditions.now(),
            supply=lambda: self._room.release_backlog(),
            on_config=on_config if settings.configuration.remote else None,
            rng=lasting.rng,
            beat=partial(lasting.progress.beat, "publisher"),
        )
        self._desk = _desk(settings, lasting, self._publisher.wake)
        self._room = _room(settings, lasting, self._publisher)
        self._radio = _radio(settings, lasting, self._room, self._talked)
        self._conditions = _conditions(settings, lasting, self._radio, configuration)

    async def run(self) -> None:
        """Run every part until this is cancelled."""
        self._progress.expect(turns(self._settings, radio=needs_radio(self._settings)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._desk.run(), name="desk")
            tasks.create_task(self._room.run(), name="room")
            tasks.create_task(self._publisher.run(), name="publisher")
            tasks.create_task(self._conditions.run(), name="conditions")
            if needs_radio(self._settings):
                tasks.create_task(self._radio.run(), name="radio")

    def _talked(self, address: str, model: Model, battery_percent: int | None) -> None:
        kind = _ALIASES.get(model.kind, "dev")
        self._conditions.talked(_key(address), kind, battery_percent)

    async def until_healthy(self) -> None:
        """Wait until the broker has the birth, and the radio scans if this station needs one."""
        await self._publisher.has_been_connected.wait()
        if needs_radio(self._settings):
            await self._radio.has_scanned.wait()

    def ailment(self) -> str:
        """What is missing until then, in words that may be published."""
        if not self._publisher.has_been_connected.is_set():
            return "no connection to the broker"
        return "the Bluetooth radio does not scan"

    def say_how_it_is(self) -> None:
        """Send a heartbeat now."""
        self._publisher.say_how_it_is()


def needs_radio(settings: Settings) -> bool:
    """Whether anything of this station speaks Bluetooth."""
    return bool(settings.radio.devices or addresses(settings.occupancy.sensors))


def _desk(settings: Settings, lasting: Lasting, wake: Callable[[], None]) -> Desk:
    return Desk(
        settings,
        lasting.outbox,
        lasting.telemetry,
        wake,
        clock=lasting.clock,
        rng=lasting.rng,
        beat=partial(lasting.progress.beat, "desk"),
    )


def _room(settings: Settings, lasting: Lasting, publisher: Publisher) -> Room:
    return Room(
        settings.station.id,
        settings.occupancy,
        lasting.outbox,
        lasting.telemetry,
        publisher.wake,
        clock=lasting.clock,
        rng=lasting.rng,
        is_connected=lambda: publisher.is_connected,
        beat=partial(lasting.progress.beat, "room"),
    )


def _conditions(
    settings: Settings,
    lasting: Lasting,
    radio: Radio,
    configuration: Callable[[], Configuration | None],
) -> Conditions:
    privacy = settings.privacy
    place = Place(
        settings.outbox.path.parent,
        ZoneInfo(settings.station.timezone),
        [_key(address) for address in settings.radio.devices],
        Policy(
            privacy.min_batch,
            privacy.release,
            privacy.release_at,
            privacy.release_jitter_seconds,
        ),
    )
    return Conditions(
        place,
        lasting.outbox,
        lasting.clock,
        lasting.telemetry,
        radio=radio if needs_radio(settings) else None,
        configuration=configuration,
        rng=lasting.rng,
    )


def _key(address: str) -> str:
    """What stands for a device where its address has no business."""
    return blake2b(address.encode(), digest_size=16).hexdigest()


def _radio(
    settings: Settings,
    lasting: Lasting,
    room: Room,
    talked: Callable[[str, Model, int | None], None],
) -> Radio:
    ears = Ears(
        frame=lasting.intake.take,
        service_data=room.advertised,
        known=lambda address: _known(lasting.outbox.memory(address)),
        device_clock=_device_clock(settings, lasting.clock),
        ready=lambda: lasting.intake.is_ready,
        lost=room.radio_lost,
        talked=talked,
    )
    adapter = settings.radio.adapter
    beat = partial(lasting.progress.beat, "radio")
    return Radio(adapter, _devices(settings), _timing(settings), ears, lasting.telemetry, beat)


def _about(settings: Settings) -> AgentStatus:
    return AgentStatus(
        version=version("health-kiosk"),
        min_batch=settings.privacy.min_batch,
        release=settings.privacy.release,
        heartbeat_seconds=settings.mqtt.heartbeat_seconds,
    )


def _known(memory: str | None) -> Known:
    remembered = Memory.from_json(memory) if memory else Memory()
    return Known(remembered.last_sequence, remembered.last_base_time)


def _device_clock(settings: Settings, clock: StationClock) -> Callable[[], datetime | None]:
    """What devices' clocks are set to: the local time, if that is known."""
    zone = ZoneInfo(settings.station.timezone)

    def local_time() -> datetime | None:
        is_told = settings.radio.set_clocks and clock.trusted
        return clock.now().astimezone(zone) if is_told else None

    return local_time


def _devices(settings: Settings) -> Devices:
    radio = settings.radio
    return Devices(
        meters={address: radio.passkeys.get(address) for address in radio.devices},
        sensors=addresses(settings.occupancy.sensors),
        links=radio.links,
    )


def _timing(settings: Settings) -> Timing:
    radio = settings.radio
    return Timing(
        connect=radio.connect_timeout_seconds,
        first_reading=radio.first_reading_seconds,
        idle=radio.idle_seconds,
        cool_down=radio.cool_down_seconds,
        retry=radio.retry_seconds,
        deaf_after=radio.deaf_after_seconds,
    )
