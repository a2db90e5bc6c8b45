"""Keeping the station's line of time, and with it whatever waits for time to pass."""

import asyncio
from typing import Never

from edge_agent.desk import STARTS
from edge_agent.intake import Intake
from edge_agent.outbox import Outbox
from edge_agent.station_clock import StationClock, starts_from_json
from edge_agent.telemetry import Telemetry

_TICK_SECONDS = 1.0


def begin(clock: StationClock, outbox: Outbox) -> None:
    """Find out what time it is before anything is dated.

    If an earlier run of the agent knew when this machine was started, so does this one: a restart
    while the network is away holds nothing up.
    """
    started = starts_from_json(outbox.noted(STARTS)).get(clock.boot)
    if started is not None:
        clock.resume(started)
    clock.look()


async def keep(clock: StationClock, intake: Intake, telemetry: Telemetry) -> Never:
    """Look at the system clock, and offer what was kept to the disk, about once a second."""
    while True:
        if clock.look() is not None:
            telemetry.clock_set()
        intake.flush()
        await asyncio.sleep(_TICK_SECONDS)
