"""Who listens to a sensor under test, writes down what it tells, and waits for the next of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Never

from contract.errors import Rejected, Unavailable
from edge_agent.occupancy.sensing import Entered, Event, Listener, Presence, Sensor, Silent

NINE: Final = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)


class Watch:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Notes(Listener):
    """Writes down what it is told; a test waits for the next of it."""

    clock: Watch = field(default_factory=Watch)
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    refusals: asyncio.Queue[Rejected] = field(default_factory=asyncio.Queue)
    losses: asyncio.Queue[Unavailable] = field(default_factory=asyncio.Queue)

    def sensed(self, event: Event) -> None:
        self.events.put_nowait(event)

    def refused(self, problem: Rejected) -> None:
        self.refusals.put_nowait(problem)

    def lost(self, problem: Unavailable) -> None:
        self.losses.put_nowait(problem)

    async def presence(self) -> bool:
        """The next event, which tells whether somebody is there."""
        event = await self.events.get()
        assert isinstance(event, Presence), event
        return event.occupied

    async def entries(self) -> int:
        """The next event, which tells how many came in."""
        event = await self.events.get()
        assert isinstance(event, Entered), event
        return event.count

    async def silence(self) -> str:
        """The next event, which tells that a sensor is silent."""
        event = await self.events.get()
        assert isinstance(event, Silent), event
        return event.sensor


@asynccontextmanager
async def running(sensor: Sensor, notes: Notes | None = None) -> AsyncIterator[Notes]:
    """The sensor tells `notes` while the block runs, which may take ten seconds."""
    notes = notes or Notes()
    async with asyncio.timeout(10), in_background(lambda: sensor.run(notes)):
        yield notes


@asynccontextmanager
async def in_background(work: Callable[[], Awaitable[Never]]) -> AsyncIterator[None]:
    """Something that runs while the block does."""

    async def run() -> None:
        await work()

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
