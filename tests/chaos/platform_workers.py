"""The ingest workers of a chaos platform: three processes that share the databases."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import httpx

from health_kiosk.ports import free_port
from tests.chaos.network import Network, Side
from tests.chaos.platform_children import Child
from tests.chaos.platform_servers import FarBroker, FarInflux, FarPostgres
from tests.integration.influx import ORG, TOKEN

_WORKERS = 3
_PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Centre:
    """The servers that workers talk to, and the file in which sessions are without an InfluxDB."""

    broker: FarBroker
    postgres: FarPostgres
    influx: FarInflux | None
    operations_url: str
    store_path: Path

    def settings(self, network: Network) -> str:
        """What every worker is told, as TOML: each server is at the far end of its road."""
        host, port = network.workers.address(self.broker.port)
        far, far_port = network.databases.address(self.postgres.port)
        operations = self.operations_url.replace(
            f"127.0.0.1:{self.postgres.port}", f"{far}:{far_port}"
        )
        return (
            f'[mqtt]\nhost = "{host}"\nport = {port}\nkeepalive_seconds = 20\n'
            "retry_seconds = 0.1\nretry_max_seconds = 1\n"
            f'[store]\nkind = "{"influx" if self.influx else "sqlite"}"\n'
            f'path = "{self.store_path}"\noperations_url = "{operations}"\n'
            f"{self._influx_settings(network)}"
            "[store.retention]\nraw_days = 0\ntrends_days = 0\nusage_days = 0\nfleet_days = 0\n"
            "[release]\nautomatic = false\n"
        )

    def _influx_settings(self, network: Network) -> str:
        if self.influx is None:
            return ""
        host, port = network.databases.address(self.influx.port)
        return f'[store.influx]\nurl = "http://{host}:{port}"\norg = "{ORG}"\ntoken = "{TOKEN}"\n'


class Worker(Child):
    """One `health-kiosk ingest`, and the address of its API."""

    def __init__(
        self,
        directory: Path,
        number: int,
        settings: str,
        network: Network,
        environment: Mapping[str, str],
    ) -> None:
        name, host, port = f"ingest-{number}", network.host(Side.WORKERS), free_port()
        self.url = f"http://{host}:{port}"
        file = directory / f"{name}.toml"
        file.write_text(settings)
        command = (*network.at(Side.WORKERS), sys.executable, "-m", "health_kiosk", "ingest")
        super().__init__(
            f"worker {number}",
            (*command, "--config", str(file)),
            directory / f"{name}.log",
            {
                **environment,
                "INGEST__MQTT__WORKER": name,
                "INGEST__HTTP__HOST": host,
                "INGEST__HTTP__PORT": str(port),
            },
        )


def workers_of(
    directory: Path, centre: Centre, network: Network, environment: Mapping[str, str]
) -> list[Worker]:
    """Three workers, not started yet."""
    settings = centre.settings(network)
    numbers = range(1, _WORKERS + 1)
    return [Worker(directory, number, settings, network, environment) for number in numbers]


def wait_until_ready(workers: Sequence[Worker]) -> None:
    """Until all of them say so themselves; raises AssertionError with what one said instead."""
    waiting, until, pause = list(workers), monotonic() + _PATIENCE_SECONDS, Event()
    with httpx.Client(trust_env=False) as client:
        while waiting:
            worker = waiting[0]
            assert monotonic() < until, f"{worker.name} does not become ready:\n{worker.said()}"
            with suppress(httpx.TransportError):
                if client.get(f"{worker.url}/readyz").status_code == 200:
                    waiting.pop(0)
                    continue
            pause.wait(_PAUSE_SECONDS)
