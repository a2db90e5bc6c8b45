"""A publisher with a real outbox, for tests that watch what leaves it and when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from contract.screening_batch import blood_pressure_row
from contract.status import Agent, Release
from contract.usage import WINDOW_SECONDS, UsageWindow
from edge_agent.connection import Timing
from edge_agent.outbox import Outbox
from edge_agent.publisher import Identity, Publisher
from edge_agent.release import compose, compose_usage
from edge_agent.settings import MqttSection
from edge_agent.telemetry import Telemetry

STATION = "BJ-CY-012"
BOOT = "0123456789abcdef"
EPOCH = 7
DAY = date(2026, 9, 1)
MIN_BATCH = 5
QUICK = Timing(connect=2, connack=2, first_pause=0.02, lasting_pauses=1)
_PATIENCE_SECONDS = 20.0


class Words(Telemetry):
    """Telemetry that also keeps what was said about the broker."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[str] = []
        self.refusals: list[str] = []
        self.lonely = 0
        self.news = asyncio.Condition()

    def broker_lost(self, problem: str) -> None:
        super().broker_lost(problem)
        self.losses.append(problem)

    def message_refused(self, problem: str) -> None:
        super().message_refused(problem)
        self.refusals.append(problem)

    def nobody_ingests(self) -> None:
        super().nobody_ingests()
        self.lonely += 1


@dataclass
class Station:
    """One station's outbox and publisher, in a test's hands."""

    outbox: Outbox
    words: Words
    publisher: Publisher
    configs: list[bytes] = field(default_factory=list)
    beats: Callable[[], int] = lambda: 0

    def add_usage(self, count: int = 1) -> None:
        """Number so many usage messages of one window each, and wake the publisher."""
        add_usage(self.outbox, count)
        self.publisher.wake()

    def add_batch(self, rows: int = MIN_BATCH) -> None:
        """Number a batch, and wake the publisher."""
        add_batch(self.outbox, rows)
        self.publisher.wake()

    async def empty(self) -> None:
        """Wait until every message was receipted and deleted."""
        await until(lambda: self.outbox.ledger().pending == 0)


def add_usage(outbox: Outbox, count: int, windows: int = 1, epoch: int = EPOCH) -> None:
    for _ in range(count):
        first = outbox.ledger().numbered * 1000
        for place in range(windows):
            start = (first + place) * WINDOW_SECONDS
            outbox.keep_window(start, UsageWindow(start=start, entries=3).model_dump_json())
        outbox.release_windows(windows, lambda seq, kept: compose_usage(STATION, epoch, seq, kept))


def add_batch(outbox: Outbox, rows: int = MIN_BATCH) -> None:
    row = blood_pressure_row(135, 82, 70, single=True).model_dump_json(exclude_none=True)
    outbox.stage([("bp", DAY, row)] * rows, rejects={}, used=())
    outbox.release(
        "bp",
        rows,
        lambda seq, kept, rejects: compose(STATION, EPOCH, seq, "bp", kept, rejects, Random(1)),
    )


def open_outbox(directory: Path, epoch: int = EPOCH) -> Outbox:
    return Outbox(directory / "outbox.sqlite", new_epoch=epoch, today=DAY)


def settings(port: int, **changes: Any) -> MqttSection:
    quick: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "reconnect_max_seconds": 1,
        "receipt_timeout_seconds": 0.3,
        "drain_per_second": 100_000,
        "drain_spread_seconds": 0,
    }
    return MqttSection(**(quick | changes))


@asynccontextmanager
async def running_publisher(
    outbox: Outbox,
    mqtt: MqttSection,
    *,
    timing: Timing = QUICK,
    supply: Callable[[], bool] = lambda: False,
    station: str = STATION,
    rng: Random | None = None,
) -> AsyncIterator[Station]:
    words = Words()
    agent = Agent(
        version="1",
        min_batch=MIN_BATCH,
        release=Release.DAILY,
        heartbeat_seconds=mqtt.heartbeat_seconds,
    )
    configs: list[bytes] = []

    beats: list[None] = []
    publisher = Publisher(
        mqtt,
        Identity(station, BOOT, agent),
        outbox,
        words,
        condition=lambda: None,
        supply=supply,
        on_config=configs.append,
        rng=rng or Random(20),
        beat=lambda: beats.append(None),
        timing=timing,
    )
    running = Station(outbox, words, publisher, configs, beats=lambda: len(beats))
    task = asyncio.create_task(publisher.run())
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def until(holds: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until something that other threads or processes bring about holds."""
    pause = asyncio.Event()
    async with asyncio.timeout(seconds):
        while not holds():
            try:
                async with asyncio.timeout(0.01):
                    await pause.wait()
            except TimeoutError:
                continue
