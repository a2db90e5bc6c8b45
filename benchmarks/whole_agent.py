"""The agent as a whole: at rest, with a long queue, and while the queue drains."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter

from benchmarks.machine import memory, processor_seconds
from benchmarks.receiver import running_receiver
from benchmarks.report import Figure
from benchmarks.station import STATION, Agent, fill, surroundings

_SETTLING_SECONDS = 3.0  # after its birth: the first scan, the first look at everything
_LOOK_SECONDS = 0.05
_SAY_EVERY = 40  # looks
_PATIENCE_SECONDS = 300.0
_FAST = "drain_per_second = 1000000\ndrain_spread_seconds = 0\nwindow = {}\n"


async def at_rest(directory: Path, seconds: float, *, queued: int) -> list[Figure]:
    """Memory, processor and start-up time of the agent, connected, with `queued` messages.

    Nobody receipts them, so they stay.
    """
    if queued:
        await asyncio.to_thread(fill, directory / "outbox.sqlite", queued)
    async with surroundings(directory) as (broker, bus):
        agent = Agent(directory, broker, bus)
        if not queued:  # a first start leaves bytecode, as an installation does
            await asyncio.to_thread(lambda: agent.started().stop())
        await asyncio.to_thread(agent.started)
        try:
            await asyncio.sleep(_SETTLING_SECONDS)
            before = processor_seconds(agent.pid)
            await asyncio.sleep(seconds)
            share = (processor_seconds(agent.pid) - before) / seconds
            used = memory(agent.pid)
        finally:
            await asyncio.to_thread(agent.stop)
    state = f"with {queued:,} messages" if queued else "at rest"
    figures = [Figure(f"resident memory {state}", used.resident, "MiB", "<= 40")]
    if used.shared_fairly is not None:
        figures.append(Figure("  proportional share (PSS)", used.shared_fairly, "MiB"))
    return [
        *figures,
        Figure(f"processor {state}", 100 * share, "% of a core", "" if queued else "<= 0.5"),
        Figure(f"start to birth {state}", agent.start_seconds, "s"),
    ]


async def draining(directory: Path, messages: int, say: Callable[[str], None]) -> list[Figure]:
    """Messages that leave each second, each deleted on its receipt; by the size of the window."""
    figures = []
    for window, goal in ((16, ""), (500, ">= 2000")):
        place = directory / str(window)
        place.mkdir()
        rate = await _drained(place, messages, window, say)
        figures.append(Figure(f"drain, window of {window}", rate, "messages/s", goal))
    return figures


async def _drained(
    directory: Path, messages: int, window: int, say: Callable[[str], None]
) -> float:
    file = directory / "outbox.sqlite"
    await asyncio.to_thread(fill, file, messages)
    async with surroundings(directory) as (broker, bus):
        with running_receiver(broker.host, broker.port, STATION):
            agent = await asyncio.to_thread(
                Agent(directory, broker, bus, _FAST.format(window)).started
            )
            began, at_birth = perf_counter(), _pending(file)
            try:
                await _emptied(file, say)
                return at_birth / (perf_counter() - began)
            finally:
                await asyncio.to_thread(agent.stop)


async def _emptied(file: Path, say: Callable[[str], None]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        looks = 0
        while left := _pending(file):
            looks += 1
            if looks % _SAY_EVERY == 0:
                say(f"  {left:,} messages left")
            await asyncio.sleep(_LOOK_SECONDS)


def _pending(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found: tuple[int] = database.execute("SELECT count(*) FROM messages").fetchone()
    return found[0]
