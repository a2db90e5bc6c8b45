"""A station without a radio, as a process: its parent hands it frames and windows, and kills it.

It says `Accepted` only after the outbox has returned from keeping what it was given.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from contract.condition import Clock
from contract.errors import OutboxUnavailable
from contract.status import Agent, LedgerCount, Release
from contract.usage import UsageWindow
from edge_agent.connection import Timing
from edge_agent.desk import Desk
from edge_agent.devices import blood_pressure, models
from edge_agent.frame import Frame as JournalledFrame
from edge_agent.outbox import Limits, Outbox
from edge_agent.publisher import Identity, Publisher
from edge_agent.release import compose_usage
from edge_agent.settings import (
    MqttSection,
    PrivacySection,
    RadioSection,
    SessionSection,
    Settings,
    StationSection,
)
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry
from tests.chaos.doom import Doom, await_doom

STATION = "BJ-CY-012"
NOON_ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
GAP_SECONDS = 0.05
WINDOWS_IN_A_MESSAGE = 3
_TICK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Life:
    """What one life of the process is given: its file, its broker, its seed and perhaps its end."""

    path: Path
    broker: tuple[str, int]
    seed: int
    doom: Doom | None = None
    died_in: Path | None = None
    min_batch: int = 1
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Frame:
    """Keep a cuff's frame."""

    number: int
    device: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Window:
    """Keep a usage window."""

    number: int
    start: int


@dataclass(frozen=True, slots=True)
class Empty:
    """Say `Emptied` as soon as nothing waits any more."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End in good order."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """These are on disk."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """These were not taken: no room."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Emptied:
    """Nothing waits; how the ledger stands, and how many windows were given up."""

    ledger: LedgerCount
    windows_lost: int = 0


Order = Frame | Window | Empty | Leave
Answer = Accepted | Refused | Emptied


class _End(Exception):
    """The parent has said `Leave`."""


def live(pipe: Connection, life: Life) -> None:
    """One life of the station; ends when told to, or when the parent hangs up."""
    logging.disable()
    if life.doom is not None and life.died_in is not None:
        await_doom(life.doom, os.open(life.died_in, os.O_WRONLY | os.O_CREAT))
    asyncio.run(_live(pipe, life))


async def _live(pipe: Connection, life: Life) -> None:
    today = datetime.now(UTC).date()
    epoch = 1 + life.seed
    with Outbox(life.path, new_epoch=epoch, today=today, limits=life.limits) as outbox:
        station = _Station(pipe, life, outbox)
        asyncio.get_running_loop().add_reader(pipe.fileno(), station.take_orders)
        try:
            await station.run()
        except* _End:
            pass


@dataclass
class _Station:
    pipe: Connection
    life: Life
    outbox: Outbox
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_watched: bool = False

    def __post_init__(self) -> None:
        settings = _settings(self.life)
        telemetry = Telemetry()
        about = Agent(
            version="0", min_batch=1, release=settings.privacy.release, heartbeat_seconds=300
        )
        rng = Random(self.life.seed)
        identity = Identity(STATION, f"{rng.getrandbits(64):016x}", about)
        self.clock = StationClock(
            lambda: datetime.now(UTC),
            lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
            lambda: Clock.SYNCHRONISED,
            boot="this machine",
        )
        self.clock.look()
        self.publisher = Publisher(
            settings.mqtt,
            identity,
            self.outbox,
            telemetry,
            condition=lambda: None,
            supply=self._supply,
            on_config=None,
            rng=rng,
            timing=Timing(first_pause=0.1),
        )
        self.desk = Desk(
            settings,
            self.outbox,
            telemetry,
            self.publisher.wake,
            clock=self.clock,
            rng=rng,
        )

    async def run(self) -> None:
        """Like `edge_agent.agent`, without radio and sensors."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.desk.run())
            tasks.create_task(self.publisher.run())
            tasks.create_task(self._send_windows())
            await self.has_ended.wait()
            raise _End

    def take_orders(self) -> None:
        """Does what the parent wants; called when the pipe has something."""
        orders: list[Order] = []
        try:
            while self.pipe.poll():
                orders.append(self.pipe.recv())
        except EOFError:  # the parent is gone
            os._exit(1)
        frames = [order for order in orders if isinstance(order, Frame)]
        if frames:
            self._keep(frames, partial(self._journal, frames))
        for order in orders:
            match order:
                case Window():
                    self._keep([order], partial(self._keep_window, order))
                case Empty():
                    self.is_watched = True
                case Leave():
                    self.has_ended.set()

    def _keep(self, orders: Iterable[Frame | Window], keep: Callable[[], None]) -> None:
        numbers = tuple(order.number for order in orders)
        try:
            keep()
        except OutboxUnavailable:
            self.pipe.send(Refused(numbers))
        else:
            self.pipe.send(Accepted(numbers))

    def _journal(self, frames: Iterable[Frame]) -> None:
        now = self.clock.since_start()
        self.outbox.journal_all(
            JournalledFrame(
                0,
                frame.device,
                models.GENERIC_CUFF.title,
                blood_pressure.MEASUREMENT_UUID,
                now,
                frame.data,
                self.clock.boot,
            )
            for frame in frames
        )

    def _keep_window(self, window: Window) -> None:
        content = UsageWindow(start=window.start, entries=window.number)
        self.outbox.keep_window(window.start, content.model_dump_json(exclude_none=True))

    async def _send_windows(self) -> None:
        while True:
            if self._supply():
                self.publisher.wake()
            elif self.is_watched:
                self._report_if_empty()
            await asyncio.sleep(_TICK_SECONDS)

    def _supply(self) -> bool:
        try:
            return self._number_windows()
        except OutboxUnavailable:
            return False

    def _number_windows(self) -> bool:
        return self.outbox.release_windows(
            WINDOWS_IN_A_MESSAGE,
            lambda seq, windows: compose_usage(STATION, self.outbox.epoch, seq, windows),
        )

    def _report_if_empty(self) -> None:
        waiting = self.outbox.backlog()
        if waiting.messages or waiting.windows:
            return
        if self.outbox.staged_counts() or self.outbox.journalled():
            return
        self.is_watched = False
        self.pipe.send(Emptied(self.outbox.ledger(), self.outbox.losses().windows))


def _settings(life: Life) -> Settings:
    release = Release.IMMEDIATE if life.min_batch == 1 else Release.WHEN_FULL
    host, port = life.broker
    return Settings(
        station=StationSection(id=STATION, timezone=NOON_ZONE),
        mqtt=MqttSection(
            host=host,
            port=port,
            receipt_timeout_seconds=0.5,
            reconnect_max_seconds=1,
            drain_per_second=10_000,
            drain_spread_seconds=0,
        ),
        radio=RadioSection(devices=("C0:FF:EE:00:00:01",)),
        session=SessionSection(gap_seconds=GAP_SECONDS),
        privacy=PrivacySection(min_batch=life.min_batch, release=release),
    )
