"""A real Prometheus that watches one target often, and the real application that it watches."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from health_kiosk.ports import free_port
from tests.integration.ingest import until

HOST = "127.0.0.1"
_CONFIGURATION = """\
scrape_configs:
  - job_name: ingest
    scrape_interval: 200ms
    scrape_timeout: 200ms
    static_configs:
      - targets: ["{target}"]
"""


class Prometheus:
    """Asks it, as Grafana does."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False)

    def is_ready(self) -> bool:
        """Whether it answers questions."""
        with suppress(httpx.TransportError):
            return self._client.get("/-/ready").status_code == 200
        return False

    def ask(self, kind: str, **parameters: str) -> dict[str, Any]:
        """The whole answer of `query` or `query_range`, also if it is an error."""
        found: dict[str, Any] = self._client.post(f"/api/v1/{kind}", data=parameters).json()
        return found

    def number(self, expression: str) -> float:
        """What an expression comes to now; 0 if it is nothing."""
        found = self.ask("query", query=expression)["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def close(self) -> None:
        """End the connection."""
        self._client.close()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine: `host:port`."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def running_prometheus(directory: Path, target: str) -> Iterator[Prometheus]:
    """A Prometheus that looks at `target` five times a second, and has done so at least twice."""
    program = shutil.which("prometheus")
    if program is None:
        raise RuntimeError("these tests need prometheus: apt-get install prometheus")
    port = free_port()
    configuration = directory / "prometheus.yml"
    configuration.write_text(_CONFIGURATION.format(target=target))
    options = {
        "config.file": configuration,
        "storage.tsdb.path": directory / "data",
        "web.listen-address": f"{HOST}:{port}",
    }
    command = [program, *(f"--{name}={value}" for name, value in options.items())]
    with (directory / "prometheus.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    asked = Prometheus(f"http://{HOST}:{port}")
    try:
        until(asked.is_ready)
        until(lambda: asked.number("sum_over_time(up[1m])") >= 2)
        yield asked
    finally:
        asked.close()
        process.terminate()
        process.wait()
