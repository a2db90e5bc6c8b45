"""A real agent at work: virtual radio, real broker, a tap on its connection, its log at DEBUG."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import OperationalError, connect
from zoneinfo import ZoneInfo

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge_agent.devices.blood_pressure import BloodPressureReading
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.peripheral import Passkey
from simulators.bluez.timing import Timing
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from simulators.meter import Meter, MeterHabits
from tests.e2e.platform import NOON_ZONE, until
from tests.integration.broker import Broker, running_broker

STATION = "BJ-CY-012"
CUFF = "A4:C1:38:7E:57:01"
METER = "A4:C1:38:7E:57:02"
SERIAL = "VM7305519"
PASSKEY = 271_828
FIRST_SEQUENCE = 48_211

_QUICK = Timing(0.01, 0.01, 0.001, 2.0, 30.0)
_CUFF_HABITS = Habits(window_seconds=20, pause_seconds=0.05, patience_seconds=5.0)
_METER_HABITS = MeterHabits(
    bonding=Passkey(PASSKEY), encrypted=True, window_seconds=20, first_sequence=FIRST_SEQUENCE
)
_MAIN = "\nfrom health_kiosk.cli import main\nmain()\n"
_LENGTH_OF_A_STAMP = len("2026-02-06 14:20:31,157 ")

SHIFTED = """
from datetime import timedelta
from pathlib import Path
from edge_agent import agent
system_clock = agent.system_clock
ahead = Path({path!r})
def shifted():
    return system_clock() + timedelta(seconds=float(ahead.read_text() or 0))
agent.system_clock = shifted
"""
"""Makes an agent's clock run as many seconds ahead as the file at `path` says."""

SEEDED = "import random\nrandom.SystemRandom = lambda: random.Random(5)\n"
"""Makes two agents draw the same epoch, boot and moments."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an agent is set; `prelude` is Python that runs in its process before it."""

    release: str = "daily"
    min_batch: int = 5
    gap_seconds: float = 0.3
    heartbeat_seconds: float = 0.3
    jitter_seconds: float = 600
    prelude: str = ""


@dataclass
class Station:
    """A running agent in a test's hands, and what it has said."""

    directory: Path
    cuff: Cuff
    meter: Meter
    plan: Plan
    environment: dict[str, str]
    published: list[tuple[str, bytes]] = field(default_factory=list)
    arrived: list[datetime] = field(default_factory=list)
    tapped: bytearray = field(default_factory=bytearray)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the agent."""
        command = (
            sys.executable, "-c", self.plan.prelude + _MAIN,
            "--log-level", "debug", "edge", "--config", str(self.directory / "station.toml"),
        )  # fmt: skip
        with (self.directory / "edge.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the agent a signal that ends it, and wait for its end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(10)

    def log_lines(self) -> list[str]:
        """What the agent logged, without the time of each line."""
        lines = (self.directory / "edge.log").read_text(errors="replace").splitlines()
        return [line[_LENGTH_OF_A_STAMP:] if line[:2] == "20" else line for line in lines]

    def count(self, table: str) -> int:
        """How many rows a table of the station's file holds; -1 while there is none."""
        path = f"file:{self.directory}/state/outbox.sqlite?mode=ro"
        try:
            with closing(connect(path, uri=True)) as database:
                return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
        except OperationalError:
            return -1

    async def measured(self, reading: BloodPressureReading) -> None:
        """Somebody measures, and goes; the agent has staged the session."""
        before = self.count("staged")
        self.cuff.measure(reading)
        await until(lambda: self.count("staged") == before + 1)

    async def said(self, messages: int) -> list[tuple[str, bytes]]:
        """The first so many messages that it has published."""
        await until(lambda: len(self.published) >= messages)
        return self.published[:messages]

    def files(self) -> dict[str, bytes]:
        """Every file in its state directory, raw."""
        found = (path for path in (self.directory / "state").rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in found}


@asynccontextmanager
async def running_station(directory: Path, plan: Plan | None = None) -> AsyncIterator[Station]:
    """A station whose agent has been born, with a cuff and a meter in reach."""
    plan = plan or Plan()
    for name in ("bus", "state"):
        (directory / name).mkdir(parents=True)
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(directory))
        async with (
            private_bus(directory / "bus") as bus,
            virtual_bluez(bus, timing=_QUICK) as adapter,
        ):
            cuff = Cuff(address=CUFF, habits=_CUFF_HABITS)
            now = ZoneInfo(NOON_ZONE)
            meter = Meter(
                address=METER, serial=SERIAL, habits=_METER_HABITS, now=lambda: datetime.now(now)
            )
            adapter.place(cuff)
            adapter.place(meter)
            environment = {"DBUS_SYSTEM_BUS_ADDRESS": bus}
            station = Station(directory, cuff, meter, plan, environment)
            stack.enter_context(_listening(broker, station))
            async with _tap(broker, station.tapped) as port:
                _write_settings(station, port)
                stack.callback(station.end)
                station.start()
                await station.said(1)
                yield station
                await asyncio.to_thread(station.end)


def _write_settings(station: Station, port: int) -> None:
    plan = station.plan
    (station.directory / "station.toml").write_text(
        f'[station]\nid = "{STATION}"\ntimezone = "{NOON_ZONE}"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n'
        f"heartbeat_seconds = {plan.heartbeat_seconds}\n"
        f'[radio]\ndevices = ["{CUFF}", "{METER}"]\npasskeys = {{"{METER}" = {PASSKEY}}}\n'
        "cool_down_seconds = 0.05\nretry_seconds = 0.2\n"
        f"[session]\ngap_seconds = {plan.gap_seconds}\nmax_per_device_hour = 100\n"
        f'[privacy]\nmin_batch = {plan.min_batch}\nrelease = "{plan.release}"\n'
        f"release_jitter_seconds = {plan.jitter_seconds}\n"
        f'[outbox]\npath = "{station.directory}/state/outbox.sqlite"\n'
        '[clock]\ntrust = "always"\n'
    )


@contextmanager
def _listening(broker: Broker, station: Station) -> Iterator[None]:
    client = Client(
        CallbackAPIVersion.VERSION2, client_id="witness", protocol=MQTTProtocolVersion.MQTTv5
    )

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        station.arrived.append(datetime.now(UTC))
        station.published.append((message.topic, bytes(message.payload)))

    def on_connect(*_: object) -> None:
        client.subscribe("#", qos=1)

    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()


@asynccontextmanager
async def _tap(broker: Broker, heard: bytearray) -> AsyncIterator[int]:
    """A port that leads to the broker; every byte in either direction is heard."""

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            heard.extend(data)
            target.write(data)
            await target.drain()
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = await asyncio.open_connection(broker.host, broker.port)
        try:
            await asyncio.gather(pump(reader, onward[1]), pump(onward[0], writer))
        except (ConnectionError, asyncio.CancelledError):
            return  # the agent was killed, or the test is over
        finally:
            onward[1].close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
