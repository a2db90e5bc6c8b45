"""One station's agent: wires radio, desk, room, outbox and publisher, and runs them until told."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from random import Random
from zoneinfo import ZoneInfo

from contract.status import Agent as AgentStatus
from edge_agent.desk import Clock, Desk
from edge_agent.memory import Memory
from edge_agent.outbox import Outbox
from edge_agent.publisher import Identity, Publisher
from edge_agent.radio.conversation import Known
from edge_agent.radio.scanning import Devices, Ears, Radio, Timing
from edge_agent.room import Room, addresses
from edge_agent.settings import Settings
from edge_agent.telemetry import Telemetry

_CLOCK_RUNS_SINCE = 2025
"""A station's clock that shows an earlier year was never set."""


async def run(settings: Settings, *, clock: Clock, rng: Random) -> None:
    """Run the agent of one station until it is cancelled.

    `rng` draws the outbox's epoch, the boot id, the order of rows and the release jitter: give
    it a SystemRandom unless a test needs to repeat itself.
    """
    telemetry = Telemetry()
    zone = ZoneInfo(settings.station.timezone)
    today = clock().astimezone(zone).date()
    with Outbox(settings.outbox.path, new_epoch=rng.randrange(1, 2**53), today=today) as outbox:
        identity = Identity(settings.station.id, f"{rng.getrandbits(64):016x}", _about(settings))
        publisher = Publisher(settings.mqtt, identity, outbox, telemetry)
        desk = Desk(settings, outbox, telemetry, publisher.wake, clock=clock, rng=rng)
        room = Room(
            settings.station.id,
            settings.occupancy,
            outbox,
            telemetry,
            publisher.wake,
            clock=clock,
            rng=rng,
        )
        ears = Ears(
            frame=lambda address, model, arrived: outbox.journal(
                address, model.title, arrived.characteristic, clock(), arrived.data
            ),
            service_data=room.advertised,
            known=lambda address: _known(outbox.memory(address)),
            device_clock=_device_clock(settings, clock, zone),
        )
        radio = Radio(
            settings.radio.adapter, _devices(settings), _timing(settings), ears, telemetry
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(desk.run(), name="desk")
            tasks.create_task(room.run(), name="room")
            tasks.create_task(publisher.run(), name="publisher")
            if settings.radio.devices or addresses(settings.occupancy.sensors):
                tasks.create_task(radio.run(), name="radio")


def system_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


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


def _device_clock(
    settings: Settings, clock: Clock, zone: ZoneInfo
) -> Callable[[], datetime | None]:
    """What devices' clocks are set to: the local time, unless the station's own was never set."""

    def local_time() -> datetime | None:
        now = clock().astimezone(zone)
        trusted = settings.radio.set_clocks and now.year >= _CLOCK_RUNS_SINCE
        return now if trusted else None

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
