"""An agent's radio in a test's own process, and what it hands over."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from contract.errors import OutboxUnavailable
from edge_agent.devices.model import Model
from edge_agent.radio.conversation import Known
from edge_agent.radio.link import Arrived
from edge_agent.radio.scanning import Devices, Ears, Radio, Timing
from edge_agent.telemetry import Telemetry
from tests.integration.radio import CUFF_ADDRESS

TIMING = Timing(
    connect=2.0, first_reading=1.0, idle=0.3, cool_down=0.05, retry=0.05, deaf_after=60.0
)


class Listener:
    """A station's radio, and everything that its owner would have kept."""

    def __init__(
        self,
        meters: Mapping[str, int | None] | None = None,
        *,
        timing: Timing = TIMING,
        known: Mapping[str, Known] | None = None,
        now: datetime | None = None,
        sensors: frozenset[str] = frozenset(),
    ) -> None:
        self.telemetry = Telemetry()
        self.heard: list[tuple[str, Model, Arrived]] = []
        self.service_data: asyncio.Queue[tuple[str, Mapping[str, bytes]]] = asyncio.Queue()
        self.talked: list[tuple[str, Model, int | None]] = []
        self.ready = True
        self.refuses = False
        self.lost = asyncio.Event()
        self._frames: asyncio.Queue[Arrived] = asyncio.Queue()
        memory = dict(known or {})
        ears = Ears(
            frame=self._take,
            service_data=lambda *heard: self.service_data.put_nowait(heard),
            known=lambda address: memory.get(address, Known()),
            device_clock=lambda: now,
            talked=lambda *told: self.talked.append(told),
            ready=lambda: self.ready,
            lost=self.lost.set,
        )
        devices = Devices({CUFF_ADDRESS: None} if meters is None else meters, sensors)
        self._radio = Radio("hci0", devices, timing, ears, self.telemetry)

    async def next(self) -> bytes:
        """The next frame."""
        return (await self._frames.get()).data

    async def take(self, count: int) -> list[bytes]:
        """The next so many frames."""
        return [await self.next() for _ in range(count)]

    async def counted(self, name: str, count: int) -> None:
        """Wait until the telemetry has counted so much of something."""
        while self.telemetry.counts[name] < count:
            try:
                async with asyncio.timeout(0.02):
                    await asyncio.Event().wait()
            except TimeoutError:
                continue

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["asyncio.Task[None]"]:
        """The radio running; it must end soon after it is cancelled, and not end before."""
        task = asyncio.create_task(self._radio.run())
        try:
            yield task
            assert not task.done(), task
        finally:
            task.cancel()
            async with asyncio.timeout(3):
                await asyncio.gather(task, return_exceptions=True)

    def _take(self, address: str, model: Model, arrived: Arrived) -> None:
        if self.refuses:
            raise OutboxUnavailable("no disk takes it")
        self.heard.append((address, model, arrived))
        self._frames.put_nowait(arrived)
