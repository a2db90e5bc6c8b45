"""A whole small platform for one test: radio, agent, broker and ingest, each a real process."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from health_kiosk.ports import free_port
from ingest.operations import Operations, Station
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.peripheral import Passkey
from simulators.bluez.timing import Timing
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from simulators.meter import Meter, MeterHabits
from tests.integration.broker import Broker, running_broker

STATION = "BJ-CY-012"
CUFF = "A4:C1:38:7E:57:01"
METER = "A4:C1:38:7E:57:02"
PASSKEY = 271_828
GAP_SECONDS = 0.6

# A zone in which it is about noon now: a visit just after midnight may be undated, by rule.
NOON_ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"

_QUICK = Timing(0.01, 0.01, 0.001, 2.0, 30.0)
_HABITS = Habits(window_seconds=20, pause_seconds=0.05, patience_seconds=5.0)
_METER_HABITS = MeterHabits(bonding=Passkey(PASSKEY), encrypted=True, window_seconds=20)
_POLL_SECONDS = 0.05


class Process:
    """One of our commands as a child process, to be killed and started again."""

    def __init__(self, log: Path, environment: dict[str, str], *arguments: str) -> None:
        self._log = log
        self._environment = environment
        self._command = (sys.executable, "-m", "health_kiosk", "--log-level", "debug", *arguments)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its log is kept for the test to read."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stderr=log, stdout=log, env={**os.environ, **self._environment}
            )

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it without warning, if it runs, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it politely, if it runs, and wait for its end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def log(self) -> str:
        """Everything that it logged."""
        return self._log.read_text(errors="replace")


@dataclass
class Wire:
    """What a subscriber to `#` saw, whole, and a signal when a batch passes."""

    messages: list[MQTTMessage] = field(default_factory=list)
    batch: threading.Event = field(default_factory=threading.Event)

    def bytes(self) -> bytes:
        """Every byte of topics, payloads and user properties."""
        return b"\n".join(
            message.topic.encode()
            + b" "
            + bytes(message.payload)
            + repr(getattr(message.properties, "UserProperty", "")).encode()
            for message in self.messages
        )


@dataclass
class Platform:
    """The parts of a running platform, in a test's hands."""

    directory: Path
    cuff: Cuff
    meter: Meter
    agent: Process
    ingest: Process
    broker: Broker
    wire: Wire

    def outbox(self, query: str) -> list[tuple[Any, ...]]:
        """Rows from the station's file."""
        return _rows(self.directory / "outbox.sqlite", query)

    def sessions(self, query: str) -> list[tuple[Any, ...]]:
        """Rows from ingest's file of single sessions."""
        return _rows(self.directory / "store-sessions.sqlite", query)

    def operations(self, query: str) -> list[tuple[Any, ...]]:
        """Rows from ingest's operational database."""
        return _rows(self.directory / "operations.sqlite", query)

    async def staged(self, count: int) -> None:
        """Wait until so many sessions are staged at the station."""
        await until(lambda: self.outbox("SELECT count(*) FROM staged") == [(count,)])

    async def settled(self, count: int) -> None:
        """Wait until so many messages were numbered and all of them receipted."""
        query = "SELECT numbered, (SELECT count(*) FROM messages) FROM outbox"
        await until(lambda: self.outbox(query) == [(count, 0)])

    async def stop_agent(self) -> None:
        """End the agent in good order and wait until its death is known."""
        await asyncio.to_thread(self.agent.stop)
        await until(lambda: self.operations("SELECT alive FROM statuses") == [(0,)])

    async def batch_on_the_wire(self) -> None:
        """Wait until a batch passes the broker."""
        await asyncio.to_thread(self.wire.batch.wait, 20)
        assert self.wire.batch.is_set()


async def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until another process has brought about what `holds` looks for."""
    pause = asyncio.Event()
    async with asyncio.timeout(seconds):
        while not holds():
            try:
                async with asyncio.timeout(_POLL_SECONDS):
                    await pause.wait()
            except TimeoutError:
                continue


@asynccontextmanager
async def running_platform(directory: Path, *, min_batch: int = 5) -> AsyncIterator[Platform]:
    """Everything from cuff to store, started in order and ended in reverse."""
    (directory / "bus").mkdir()
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(directory, persistent=True))
        async with (
            private_bus(directory / "bus") as bus,
            virtual_bluez(bus, timing=_QUICK) as adapter,
        ):
            cuff = Cuff(address=CUFF, habits=_HABITS)
            meter = Meter(
                address=METER,
                habits=_METER_HABITS,
                now=lambda: datetime.now(ZoneInfo(NOON_ZONE)),
            )
            adapter.place(cuff)
            adapter.place(meter)
            wire = stack.enter_context(_listening(broker))
            ingest = _ingest(directory, broker)
            agent = _agent(directory, broker, bus, min_batch)
            stack.callback(ingest.stop)
            stack.callback(agent.stop)
            ingest.start()
            agent.start()
            platform = Platform(directory, cuff, meter, agent, ingest, broker, wire)
            await until(lambda: platform.operations("SELECT alive FROM statuses") == [(1,)])
            yield platform
            await asyncio.to_thread(agent.stop)  # while its D-Bus is still there


def _agent(directory: Path, broker: Broker, bus: str, min_batch: int) -> Process:
    settings = directory / "station.toml"
    release = "immediate" if min_batch == 1 else "when_full"
    settings.write_text(
        f'[station]\nid = "{STATION}"\ntimezone = "{NOON_ZONE}"\n'
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n'
        "heartbeat_seconds = 1\nreceipt_timeout_seconds = 2\nreconnect_max_seconds = 1\n"
        "drain_spread_seconds = 0.5\n"
        f'[radio]\ndevices = ["{CUFF}", "{METER}"]\npasskeys = {{"{METER}" = {PASSKEY}}}\n'
        "cool_down_seconds = 0.05\nretry_seconds = 0.2\n"
        f"[session]\ngap_seconds = {GAP_SECONDS}\nmax_per_device_hour = 100\n"
        f'[privacy]\nmin_batch = {min_batch}\nrelease = "{release}"\n'
        f'[outbox]\npath = "{directory}/outbox.sqlite"\n'
        '[clock]\ntrust = "always"\n'
    )
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": bus}
    return Process(directory / "edge.log", environment, "edge", "--config", str(settings))


def _ingest(directory: Path, broker: Broker) -> Process:
    settings = directory / "ingest.toml"
    operations = f"sqlite:///{directory}/operations.sqlite"
    settings.write_text(
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\nretry_seconds = 0.1\n'
        f"[http]\nport = {free_port()}\n"
        f'[store]\npath = "{directory}/store.sqlite"\noperations_url = "{operations}"\n'
    )
    Operations(operations).inventory.register(
        [Station(STATION, "朝阳区便利店", "Chaoyang store", "110105", "convenience", 3)]
    )
    return Process(directory / "ingest.log", {}, "ingest", "--config", str(settings))


@contextmanager
def _listening(broker: Broker) -> Iterator[Wire]:
    wire = Wire()
    client = Client(
        CallbackAPIVersion.VERSION2, client_id="witness", protocol=MQTTProtocolVersion.MQTTv5
    )

    def on_connect(*_: object) -> None:
        client.subscribe("#", qos=1)

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        wire.messages.append(message)
        if message.topic.endswith("/screening"):
            wire.batch.set()

    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        yield wire
    finally:
        client.disconnect()
        client.loop_stop()


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []  # not made yet
