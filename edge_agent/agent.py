"""One station's agent: wires radio, sessions, outbox and publisher, and runs them until told."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from random import Random
from zoneinfo import ZoneInfo

from contract.status import Agent as AgentStatus
from edge_agent.desk import Clock, Desk
from edge_agent.outbox import Outbox
from edge_agent.publisher import Identity, Publisher
from edge_agent.radio import Radio, Timing
from edge_agent.settings import Settings
from edge_agent.telemetry import Telemetry


async def run(settings: Settings, *, clock: Clock, rng: Random) -> None:
    """Run the agent of one station until it is cancelled.

    `rng` draws the outbox's epoch, the boot id, the order of rows and the release jitter: give
    it a SystemRandom unless a test needs to repeat itself.
    """
    telemetry = Telemetry()
    today = clock().astimezone(ZoneInfo(settings.station.timezone)).date()
    with Outbox(settings.outbox.path, new_epoch=rng.randrange(1, 2**53), today=today) as outbox:
        identity = Identity(settings.station.id, f"{rng.getrandbits(64):016x}", _about(settings))
        publisher = Publisher(settings.mqtt, identity, outbox, telemetry)
        desk = Desk(settings, outbox, telemetry, publisher.wake, clock=clock, rng=rng)
        radio = Radio(
            cuffs=frozenset(settings.radio.cuffs),
            adapter=settings.radio.adapter,
            timing=_timing(settings),
            on_frame=lambda device, data: outbox.journal(device, clock(), data),
            telemetry=telemetry,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(radio.run(), name="radio")
            tasks.create_task(desk.run(), name="desk")
            tasks.create_task(publisher.run(), name="publisher")


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


def _timing(settings: Settings) -> Timing:
    radio = settings.radio
    return Timing(
        connect=radio.connect_timeout_seconds,
        first_reading=radio.first_reading_seconds,
        idle=radio.idle_seconds,
        cool_down=radio.cool_down_seconds,
        retry=radio.retry_seconds,
    )
