"""One live connection between the adapter and a peripheral."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

from contract.errors import LinkLost
from simulators.bluez.peripheral import Link, Peripheral
from simulators.bluez.timing import Timing

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Ends:
    """What the two ends of a link do with what the peripheral sends over it."""

    deliver: Callable[[str, bytes], None]
    """Takes the UUID of a characteristic and its new value."""
    hang_up: Callable[[], None]


class LiveLink(Link):
    """A connection; every task started on it ends with it."""

    def __init__(
        self, peripheral: Peripheral, tasks: asyncio.TaskGroup, ends: Ends, timing: Timing
    ) -> None:
        self._peripheral = peripheral
        self._tasks = tasks
        self._ends = ends
        self._timing = timing
        self._in_range = True
        self._ended = asyncio.Event()
        self._running: set[asyncio.Task[object]] = set()
        self._subscriptions: dict[str, asyncio.Task[None]] = {}

    @property
    def alive(self) -> bool:
        """Whether the link holds, as far as the central knows."""
        return not self._ended.is_set()

    def run(self, work: Coroutine[object, object, _T], name: str) -> asyncio.Task[_T]:
        """Runs `work` until it is done or the link ends."""
        task = self._tasks.create_task(work, name=f"{self._peripheral.name}: {name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def subscribe(self, uuid: str) -> None:
        """The central enables this characteristic's values."""
        hook = self._peripheral.on_subscribe(self, uuid)
        self._subscriptions[uuid] = self.run(hook, f"subscribed to {uuid}")

    def unsubscribe(self, uuid: str) -> None:
        """The central disables them."""
        self._subscriptions.pop(uuid).cancel()

    async def round_trip(self) -> bool:
        """Waits for as long as a request and its response take; whether the link still holds.

        Nothing comes back from out of range: then the link ends first.
        """
        await asyncio.sleep(self._timing.round_trip_seconds)
        if not self._in_range:
            await self._ended.wait()
        return self.alive

    def end(self) -> None:
        """The link is gone."""
        self._ended.set()
        self._subscriptions.clear()
        for task in tuple(self._running):
            task.cancel()

    def subscribed(self, uuid: str) -> bool:
        return uuid in self._subscriptions

    def notify(self, uuid: str, value: bytes) -> None:
        if not self.alive or uuid not in self._subscriptions:
            raise LinkLost(f"{self._peripheral.name}: nobody listens to {uuid}")
        if self._in_range:
            self._ends.deliver(uuid, value)

    async def indicate(self, uuid: str, value: bytes) -> None:
        self.notify(uuid, value)
        if not await self.round_trip():
            raise LinkLost(f"{self._peripheral.name}: the link broke before the confirmation")

    def hang_up(self) -> None:
        if self.alive:
            self._ends.hang_up()

    def drop(self) -> None:
        if self._in_range:
            self._in_range = False
            self.run(self._time_out(), "link supervision")

    async def _time_out(self) -> None:
        await asyncio.sleep(self._timing.supervision_seconds)
        self.hang_up()
