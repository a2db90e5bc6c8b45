"""Two full edge agents of a chaos platform: visitors measure at virtual cuffs, agents are killed.

Each reading has a session of its own, and what its row must be is written down. A virtual cuff
forgets a result when BlueZ has confirmed it, a moment before the agent has it on disk. So an agent
is killed whenever you like, but in that moment.
"""

import asyncio
import math
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from contract.screening_batch import BloodPressureRow, blood_pressure_row
from edge_agent.devices.blood_pressure import BloodPressureReading
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.timing import Timing
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from tests.chaos.platform_children import Child

STATIONS = ("BJ-CY-901", "BJ-HD-902")
GAP_SECONDS = 0.8
NOON_ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
_QUICK = Timing(0.01, 0.01, 0.001, 2.0, 30.0)
_HABITS = Habits(window_seconds=3600, pause_seconds=0.05, patience_seconds=5.0)
_CUFFS = 2
_BETWEEN_VISITS_SECONDS = (0.1, 0.5)
_POLL_SECONDS = 0.05
_JOURNALLING_SECONDS = 3.0
_PATIENCE_SECONDS = 60.0
_WAITING = (
    "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM staged),"
    " (SELECT count(*) FROM messages)"
)

Row = tuple[str, str | None, int, int, int | None, bool]
"""Category, subtype, systolic, diastolic, pulse, single: what a stored session says."""


@dataclass
class Kiosk:
    """One station: its agent, its cuffs, and the row of every reading that was ever measured."""

    id: str
    place: Path
    cuffs: tuple[Cuff, ...]
    agent: Child
    rows: Counter[Row] = field(default_factory=Counter)
    hands: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a result is between cuff and disk."""

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the station's file; none while there is no file."""
        try:
            file = f"file:{self.place}/outbox.sqlite?mode=ro"
            with closing(sqlite3.connect(file, uri=True, timeout=5)) as database:
                return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    def holds(self, cuff: Cuff) -> bool:
        """Whether a frame of this cuff is on disk, and not yet part of a session."""
        # Addresses are written by the test itself.
        query = f"SELECT count(*) FROM journal WHERE device = '{cuff.address}'"  # noqa: S608
        return self.ask(query) not in ([], [(0,)])

    def is_empty(self) -> bool:
        """Whether every result has left the cuffs, and everything has its receipt."""
        return not self.hands.locked() and self.ask(_WAITING) == [(0, 0, 0)]

    def refused(self) -> dict[str, int]:
        """Readings that the agent has refused, by reason."""
        return dict(self.ask("SELECT reason, count FROM rejects"))


@dataclass(frozen=True, slots=True)
class Post:
    """Where agents run: their files, their broker, what their commands begin with."""

    directory: Path
    broker: tuple[str, int]
    before: tuple[str, ...]
    environment: Mapping[str, str]


class Kiosks:
    """The stations, the thread in which their radio lives, and the visitors that measure."""

    def __init__(self, post: Post, rng: Random) -> None:
        self.all: list[Kiosk] = []
        self._post = post
        self._rng = rng
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="virtual radio")
        self._opened = asyncio.Event()
        self._leave = asyncio.Event()
        self._is_ready = threading.Event()
        self._life: Future[None] | None = None

    @property
    def measured(self) -> int:
        """How many readings there were so far."""
        return sum(kiosk.rows.total() for kiosk in self.all)

    def start(self) -> None:
        """Returns when the radio is there and the agents are starting."""
        self._thread.start()
        self._life = self._call(self._live())
        while not self._is_ready.wait(_POLL_SECONDS):
            self._check()
        for kiosk in self.all:
            kiosk.agent.start()

    def end(self) -> None:
        """End agents and radio, whatever happened."""
        self._loop.call_soon_threadsafe(self._leave.set)
        try:
            assert self._life is not None
            self._life.result(_PATIENCE_SECONDS)
        finally:
            for kiosk in self.all:
                kiosk.agent.kill()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def kill(self, kiosk: Kiosk) -> None:
        """SIGKILL its agent, at any moment but the one in which a result is in nobody's hands."""
        self._call(self._kill(kiosk)).result(_PATIENCE_SECONDS)

    def open(self) -> None:
        """Visitors come."""
        self._loop.call_soon_threadsafe(self._opened.set)

    def close(self) -> None:
        """No more visitors come; those who are measuring may finish."""
        self._call(self._close()).result(_PATIENCE_SECONDS)

    def settled(self) -> bool:
        """Whether all stations are empty; raises what has ended the radio."""
        self._check()
        return all(kiosk.is_empty() for kiosk in self.all)

    def _call(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _check(self) -> None:
        if self._life is not None and self._life.done():
            self._life.result()

    async def _close(self) -> None:
        self._opened.clear()

    async def _kill(self, kiosk: Kiosk) -> None:
        async with kiosk.hands:
            kiosk.agent.kill()

    async def _live(self) -> None:
        async with AsyncExitStack() as stack:
            for station in STATIONS:
                opened = _kiosk(station, self._post)
                self.all.append(await stack.enter_async_context(opened))
            async with asyncio.TaskGroup() as tasks:
                visits = [
                    tasks.create_task(self._visits(kiosk, cuff, Random(self._rng.random())))
                    for kiosk in self.all
                    for cuff in kiosk.cuffs
                ]
                self._is_ready.set()
                await self._leave.wait()
                for visit in visits:
                    visit.cancel()
            for kiosk in self.all:  # while its D-Bus is still there
                await asyncio.to_thread(kiosk.agent.stop)

    async def _visits(self, kiosk: Kiosk, cuff: Cuff, rng: Random) -> None:
        while True:
            await self._opened.wait()
            await asyncio.sleep(rng.uniform(*_BETWEEN_VISITS_SECONDS))
            async with kiosk.hands:
                if self._opened.is_set():
                    await _measure(kiosk, cuff, rng)
            # Until then the next reading would belong to the same session.
            await _until(lambda: not kiosk.holds(cuff), math.inf)


@contextmanager
def running_kiosks(post: Post, rng: Random) -> Iterator[Kiosks]:
    """Agents with a radio; visitors wait for `open`."""
    kiosks = Kiosks(post, rng)
    kiosks.start()
    try:
        yield kiosks
    finally:
        kiosks.end()


async def _measure(kiosk: Kiosk, cuff: Cuff, rng: Random) -> None:
    """Somebody measures; returns when the result is on the station's disk."""
    reading, row = _reading(rng)
    kiosk.rows[row] += 1
    cuff.measure(reading)
    await _until(lambda: not cuff.unsent, math.inf)
    await _until(lambda: kiosk.holds(cuff), _JOURNALLING_SECONDS)


@asynccontextmanager
async def _kiosk(station: str, post: Post) -> AsyncIterator[Kiosk]:
    place = post.directory / station
    place.mkdir()
    async with private_bus(place) as bus, virtual_bluez(bus, timing=_QUICK) as adapter:
        cuffs = tuple(
            Cuff(address=f"A4:C1:38:7E:{STATIONS.index(station):02X}:{n:02X}", habits=_HABITS)
            for n in range(1, _CUFFS + 1)
        )
        for cuff in cuffs:
            adapter.place(cuff)
        settings = _settings(station, place, post.broker, cuffs)
        command = (*post.before, sys.executable, "-m", "health_kiosk", "edge", "--config", settings)
        environment = {**post.environment, "DBUS_SYSTEM_BUS_ADDRESS": bus}
        agent = Child(f"agent {station}", command, place / "edge.log", environment)
        yield Kiosk(station, place, cuffs, agent)


def _settings(station: str, place: Path, broker: tuple[str, int], cuffs: Sequence[Cuff]) -> str:
    addresses = ", ".join(f'"{cuff.address}"' for cuff in cuffs)
    file = place / "station.toml"
    file.write_text(
        f'[station]\nid = "{station}"\ntimezone = "{NOON_ZONE}"\n'
        f'[mqtt]\nhost = "{broker[0]}"\nport = {broker[1]}\nkeepalive_seconds = 5\n'
        "heartbeat_seconds = 1\nreceipt_timeout_seconds = 2\nreconnect_max_seconds = 1\n"
        "drain_per_second = 100\ndrain_spread_seconds = 0.2\n"
        f"[radio]\ndevices = [{addresses}]\ncool_down_seconds = 0.05\nretry_seconds = 0.2\n"
        f"[session]\ngap_seconds = {GAP_SECONDS}\nmax_per_device_hour = 100000\n"
        '[privacy]\nmin_batch = 1\nrelease = "immediate"\n'
        f'[outbox]\npath = "{place}/outbox.sqlite"\n'
        '[clock]\ntrust = "always"\n'
    )
    return str(file)


def _reading(rng: Random) -> tuple[BloodPressureReading, Row]:
    diastolic = rng.randrange(55, 105)
    systolic = diastolic + rng.randrange(30, 80)
    pulse = rng.randrange(50, 120)
    reading = BloodPressureReading(float(systolic), float(diastolic), pulse_bpm=float(pulse))
    return reading, _as_stored(blood_pressure_row(systolic, diastolic, pulse, single=True))


def _as_stored(row: BloodPressureRow) -> Row:
    return row.c, row.sub, row.s, row.d, row.p, row.single


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    """Look again and again whether it holds, for so long."""
    until = monotonic() + seconds
    while not holds() and monotonic() < until:  # noqa: ASYNC110  # another process's doing
        await asyncio.sleep(_POLL_SECONDS)
