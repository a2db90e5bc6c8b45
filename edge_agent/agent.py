"""One station's agent: opens what lasts, and runs one life after another until it is told to end.

A life (`edge_agent/life.py`) is every part of the station with one set of settings. Another desired
configuration ends it and begins the next in the same process.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from time import monotonic
from zoneinfo import ZoneInfo

from edge_agent import crash, synchronisation, timekeeping
from edge_agent.intake import Intake
from edge_agent.life import Lasting, Life
from edge_agent.notify import Notifier
from edge_agent.outbox import Limits, Outbox
from edge_agent.progress import Progress
from edge_agent.settings import OutboxSection, Settings
from edge_agent.station_clock import StationClock
from edge_agent.succession import Succession
from edge_agent.supervision import period_seconds, supervise
from edge_agent.telemetry import Telemetry


async def run(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    rng: Random,
    notifier: Notifier | None = None,
) -> None:
    """Run the agent of one station until it is cancelled.

    `clock` is the system's, which need not be right; `settings.clock` says when it is believed.
    `rng` draws the outbox's epoch, the boot ids, the order of rows and the release jitter: give
    it a SystemRandom unless a test needs to repeat itself. `notifier` tells systemd how it goes.
    """
    crash.watch(asyncio.get_running_loop())
    zone = ZoneInfo(settings.station.timezone)
    today = clock().astimezone(zone).date()
    epoch = rng.randrange(1, 2**53)
    line = _station_clock(settings, clock)
    limits = _limits(settings.outbox)
    with Outbox(
        settings.outbox.path, new_epoch=epoch, today=today, limits=limits, clock=line.now
    ) as outbox:
        timekeeping.begin(line, outbox)
        notifier = notifier or Notifier()
        progress = Progress(period_seconds(notifier), monotonic)
        telemetry = Telemetry()
        intake = Intake(outbox, telemetry, line)
        lasting = Lasting(outbox, telemetry, line, intake, rng, progress)
        async with asyncio.TaskGroup() as tasks:
            # What runs for as long as the process does is started here.
            tasks.create_task(timekeeping.keep(line, intake, telemetry), name="clock")
            tasks.create_task(_lives(settings, lasting), name="lives")
            watch = supervise(progress, notifier, lasting.telemetry)
            tasks.create_task(watch, name="supervision")


def _limits(settings: OutboxSection) -> Limits:
    return Limits(
        max_bytes=settings.max_megabytes * 2**20,
        screening_max_days=settings.screening_max_days,
        usage_max_days=settings.usage_max_days,
        usage_max_bytes=settings.usage_max_megabytes * 2**20,
        damaged_days=settings.damaged_max_days,
    )


def system_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def _station_clock(settings: Settings, system: Callable[[], datetime]) -> StationClock:
    return StationClock(
        system,
        synchronisation.boot_time,
        lambda: synchronisation.source(settings.clock.trust, system=system),
        synchronisation.boot_id(),
    )


async def _lives(settings: Settings, lasting: Lasting) -> None:
    """Begin with what the file and the desired configuration say; another one begins another."""
    succession = Succession(
        settings,
        lasting.outbox,
        lasting.telemetry,
        lambda due, on_config: Life(due, lasting, on_config, lambda: succession.report),
    )
    await succession.run()
