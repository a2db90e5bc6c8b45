"""A whole station for a benchmark: virtual radio, broker, and the agent as its own process."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.topics import Stream, topic
from contract.usage import WINDOW_SECONDS, UsageWindow
from edge_agent.outbox import Outbox
from edge_agent.release import compose_usage
from simulators.bluez.daemon import virtual_bluez
from simulators.bus import private_bus
from simulators.cuff import Cuff
from tests.integration.broker import Broker, running_broker

STATION = "BJ-CY-012"
_CUFF = "C0:FF:EE:00:00:01"
_FIRST_START = 1_700_000_100 // WINDOW_SECONDS * WINDOW_SECONDS
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.5


@asynccontextmanager
async def surroundings(directory: Path) -> AsyncIterator[tuple[Broker, str]]:
    """A broker, and the address of a bus with a virtual radio that has one silent cuff."""
    with running_broker(directory) as broker:
        async with private_bus(directory) as bus, virtual_bluez(bus) as adapter:
            adapter.place(Cuff(address=_CUFF))
            yield broker, bus


class Agent:
    """The real `health-kiosk edge`, and how long it took to say its birth."""

    def __init__(self, directory: Path, broker: Broker, bus: str, mqtt: str = "") -> None:
        self._settings = directory / "station.toml"
        self._settings.write_text(
            f'[station]\nid = "{STATION}"\n'
            f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n{mqtt}'
            f'[radio]\ndevices = ["{_CUFF}"]\n'
            f'[outbox]\npath = "{directory}/outbox.sqlite"\n'
            '[clock]\ntrust = "always"\n'
        )
        self._broker = broker
        self._environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed agent has bytecode
        self._log = directory / "edge.log"

    def started(self) -> Self:
        """Start it, and wait for its birth; raises TimeoutError with its log if there is none."""
        command = (sys.executable, "-m", "health_kiosk", "--log-level", "warning", "edge")
        with self._birth() as is_born, self._log.open("ab") as log:
            began = perf_counter()
            self._process = subprocess.Popen(
                (*command, "--config", str(self._settings)),
                env=self._environment,
                stderr=log,
                stdout=log,
            )
            while not is_born.wait(_LOOK_SECONDS):
                if self._process.poll() is None and perf_counter() - began < _PATIENCE_SECONDS:
                    continue
                self.stop()
                raise TimeoutError(f"the agent did not start:\n{self._log.read_text()}")
            self.start_seconds = perf_counter() - began
            self.pid = self._process.pid
        return self

    def stop(self) -> None:
        """End it in good order."""
        self._process.terminate()
        self._process.wait()

    @contextmanager
    def _birth(self) -> Iterator[threading.Event]:
        is_born, is_listening = threading.Event(), threading.Event()
        client = Client(CallbackAPIVersion.VERSION2, "midwife", protocol=MQTTProtocolVersion.MQTTv5)

        def on_connect(*_: object) -> None:
            client.subscribe(topic(STATION, Stream.STATUS), qos=1)

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            if not message.retain:
                is_born.set()

        client.on_connect = on_connect
        client.on_subscribe = lambda *_: is_listening.set()
        client.on_message = on_message
        client.connect(self._broker.host, self._broker.port)
        client.loop_start()
        is_listening.wait(_PATIENCE_SECONDS)
        try:
            yield is_born
        finally:
            client.disconnect()
            client.loop_stop()


def fill(path: Path, messages: int) -> None:
    """A station's file with so many messages of one usage window each."""
    with TemporaryDirectory(dir="/dev/shm") as quick:  # made where a commit costs nothing
        made = Path(quick) / path.name
        with Outbox(made, new_epoch=1, today=date(2026, 2, 6)) as outbox:
            for number in range(messages):
                start = _FIRST_START + number * WINDOW_SECONDS
                window = UsageWindow(start=start, entries=3, occupied=7.5, mean=1.25, peak=2)
                outbox.keep_window(start, window.model_dump_json(exclude_none=True))
                outbox.release_windows(1, lambda seq, one: compose_usage(STATION, 1, seq, one))
        shutil.copyfile(made, path)
