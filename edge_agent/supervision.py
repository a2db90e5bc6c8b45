"""Feeding systemd's watchdog for as long as every loop of the agent turns, and not longer."""

import asyncio
from typing import Never

from edge_agent.notify import Notifier
from edge_agent.progress import Progress
from edge_agent.publisher import LONGEST_TURN_SECONDS
from edge_agent.settings import Settings
from edge_agent.telemetry import Telemetry

UNWATCHED_SECONDS = 180.0
"""The period where no watchdog is set: a stuck loop is then reported all the same."""

_LOOKS_PER_PERIOD = 4


def turns(settings: Settings, *, radio: bool) -> dict[str, float]:
    """How many seconds the longest turn of each loop takes; `radio` is whether one is needed.

    A radio that hears nothing still turns: it tries its remedies and says so. A new process would
    hear no more, and would break the open usage window.
    """
    bluetooth = settings.radio
    longest = {"desk": 1.0, "room": 15.0, "publisher": LONGEST_TURN_SECONDS}
    if radio:
        longest["radio"] = bluetooth.deaf_after_seconds / 4 + bluetooth.retry_seconds
    return longest


def period_seconds(notifier: Notifier) -> float:
    """The period within which something has to happen: the watchdog's, if there is one."""
    return notifier.watchdog_seconds or UNWATCHED_SECONDS


async def supervise(progress: Progress, notifier: Notifier, telemetry: Telemetry) -> Never:
    """Say that the agent is ready, then feed the watchdog until a loop is stuck, and name it.

    It is fed again if the loop turns again before systemd has ended the process.
    """
    known: tuple[str, ...] = ()
    notifier.ready()
    try:
        while True:
            stuck = progress.stuck()
            if stuck:
                notifier.status(f"stuck: {', '.join(stuck)}")
                if stuck != known:
                    telemetry.loops_stuck(stuck)
            else:
                notifier.status("every loop turns")
                notifier.alive()
            known = stuck
            await asyncio.sleep(period_seconds(notifier) / _LOOKS_PER_PERIOD)
    finally:
        notifier.stopping()
