"""Ingest workers as real processes, and a line to the broker on which one of them can be killed."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from health_kiosk.ports import free_port
from ingest.operations import Operations
from tests.integration.broker import Broker
from tests.integration.ingest import STATIONS, until
from tests.integration.proxy import PUBACK, PUBLISH, Proxy, read_packet

__all__ = ["PUBACK", "PUBLISH", "Line", "Worker", "prepared", "running_line"]


class Worker:
    """One `health-kiosk ingest`, to be killed and started again."""

    def __init__(
        self, directory: Path, broker_port: int, operations_url: str, name: str, toml: str = ""
    ) -> None:
        """`toml` is added to its settings."""
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._log = directory / f"{name}.log"
        self._settings = directory / f"{name}.toml"
        self._settings.write_text(
            f'[mqtt]\nport = {broker_port}\nworker = "{name}"\nretry_seconds = 0.1\n'
            "retry_max_seconds = 1\n"
            f"[http]\nport = {port}\n"
            f'[store]\npath = "{directory}/store.sqlite"\noperations_url = "{operations_url}"\n'
            "[store.retention]\nraw_days = 0\n" + toml
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; returns at once."""
        command = (sys.executable, "-m", "health_kiosk", "ingest", "--config", str(self._settings))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        """Until it says so itself."""
        with httpx.Client(trust_env=False) as client:

            def ready() -> bool:
                with suppress(httpx.TransportError):
                    return client.get(f"{self.url}/readyz").status_code == 200
                return False

            until(ready)

    def strike(self) -> None:
        """SIGKILL it, if it still runs; returns at once."""
        if self._process is not None:
            self._process.kill()

    def kill(self) -> None:
        """The same, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait(self) -> int:
        """Wait for its end; its return code."""
        assert self._process is not None
        return self._process.wait(30)

    def resident_kib(self, key: str = "VmRSS") -> int:
        """Its memory now (`VmRSS`) or at most (`VmHWM`)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(key)).split()[1])

    def problems(self) -> dict[str, int | None]:
        """What its overview says is wrong."""
        answer = httpx.get(f"{self.url}/api/v1/overview", trust_env=False)
        return {one["code"]: one["count"] for one in answer.json()["problems"]}

    def metric(self, name: str) -> float:
        """A number without labels of its /metrics."""
        lines = httpx.get(f"{self.url}/metrics", trust_env=False).text.splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def prepared(operations_url: str) -> Operations:
    """The operational database with two stations in it."""
    operations = Operations(operations_url)
    operations.inventory.register(STATIONS)
    return operations


class Line(Proxy):
    """A proxy before a broker that can end the worker behind it, at a packet the worker sends."""

    doomed: Callable[[int], bool] | None = None
    """Told the type of each packet the worker sends: whether it must not come through any more."""
    kill: Callable[[], None] | None = None

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                packet = await read_packet(reader)
                if self.doomed is not None and self.doomed(packet[0] >> 4):
                    self.doomed = None
                    assert self.kill is not None
                    self.kill()
                    return
                await self._pass(writer, packet)


@contextmanager
def running_line(broker: Broker) -> Iterator[tuple[Line, int]]:
    """A line in a thread of its own, and the port that it listens on."""
    line = Line(broker.host, broker.port)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(line.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield line, server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server, line), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(server: asyncio.Server, line: Line) -> None:
    server.close()
    line.reset()
    await server.wait_closed()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
