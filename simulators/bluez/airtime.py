"""The advertising windows of one peripheral."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from simulators.bluez.peripheral import Advertisement, Transmitter


class Airtime(Transmitter):
    """Advertises to `heard`, one window at a time, and pauses while the peripheral is in a link.

    `heard` says whether the adapter received the advertisement.
    """

    def __init__(
        self, tasks: asyncio.TaskGroup, name: str, heard: Callable[[Advertisement], bool]
    ) -> None:
        self._tasks = tasks
        self._name = name
        self._heard = heard
        self._window: asyncio.Task[None] | None = None
        self._unlinked = asyncio.Event()
        self._unlinked.set()
        self._on_air = asyncio.Event()

    def advertise(self, advertisement: Advertisement, *, seconds: float) -> None:
        self.silence()
        self._window = self._tasks.create_task(
            self._advertise(advertisement, seconds), name=f"{self._name} advertises"
        )

    def silence(self) -> None:
        if self._window is not None:
            self._window.cancel()
            self._window = None
        self._on_air.clear()

    def pause(self) -> None:
        """A link begins: nothing is sent until resume(), but the window's clock runs on."""
        self._unlinked.clear()
        self._on_air.clear()

    def resume(self) -> None:
        """The link has ended."""
        self._unlinked.set()

    def miss(self) -> None:
        """What was received last does not count any more."""
        self._on_air.clear()

    async def wait_on_air(self) -> None:
        """Waits for the next advertisement to be received, or returns at once within a window."""
        await self._on_air.wait()

    async def _advertise(self, advertisement: Advertisement, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._unlinked.wait():
                    if self._heard(advertisement):
                        self._on_air.set()
                    await asyncio.sleep(advertisement.interval_seconds)
        self._on_air.clear()
