"""A real influxd behind a real nginx, which gives it the write endpoint of InfluxDB 2 and a token.

Debian's influxd is 1.6, which lacks `/api/v2/write`; nginx maps it to `/write`, as 1.8 does by
itself. Everything is on free ports of this machine and in a directory of its own.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from health_kiosk.ports import free_port
from ingest.settings import InfluxSection, RetentionSection, StoreSection
from ingest.store.influx_buckets import BUCKETS

HOST = "127.0.0.1"
ORG = "health-kiosk"
TOKEN = "a-token-that-may-write-and-read"  # noqa: S105
_START_SECONDS = 30
_PAUSE = threading.Event()

_INFLUXD = """\
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
  dir = "{directory}/meta"
[data]
  dir = "{directory}/data"
  wal-dir = "{directory}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "{host}:{port}"
  log-enabled = false
  max-body-size = 25000000
"""

_NGINX = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.log;
events {{}}
http {{
  log_format requests '$request_method $uri $http_content_encoding $request_length $status';
  access_log {directory}/requests.log requests;
  client_max_body_size 25m;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  map $arg_precision $influx_precision {{ default $arg_precision; ns n; us u; }}
  server {{
    listen {host}:{port};
    if ($http_authorization != "Token {token}") {{
      return 401 '{{"code":"unauthorized","message":"unauthorized access"}}';
    }}
    location = /api/v2/write {{
      proxy_pass http://{host}:{influxd_port}/write?db=$arg_bucket&precision=$influx_precision;
    }}
    location / {{ proxy_pass http://{host}:{influxd_port}; }}
  }}
}}
"""


@contextmanager
def running_influx(directory: Path) -> Iterator["Influx"]:
    """An InfluxDB that is stopped at the end."""
    influx = Influx(directory)
    try:
        influx.start()
        yield influx
    finally:
        influx.stop()


class Influx:
    """One influxd and the nginx before it; `url` is where the store talks to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self._influxd_port, rpc_port = free_port(), free_port(), free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._http = httpx.Client(trust_env=False, headers={"Authorization": f"Token {TOKEN}"})
        self._influxd: subprocess.Popen[bytes] | None = None
        self._nginx: subprocess.Popen[bytes] | None = None
        ports = {"host": HOST, "directory": directory}
        (directory / "influxd.conf").write_text(
            _INFLUXD.format(**ports, port=self._influxd_port, rpc_port=rpc_port)
        )
        (directory / "nginx.conf").write_text(
            _NGINX.format(**ports, port=self.port, influxd_port=self._influxd_port, token=TOKEN)
        )

    def settings(self, directory: Path, *, raw_days: int = 0, **changes: Any) -> StoreSection:
        """Settings of a store in this InfluxDB that keeps everything for ever."""
        return StoreSection(
            kind="influx",
            operations_url=f"sqlite:///{directory}/operations.sqlite",
            influx=InfluxSection(**({"url": self.url, "org": ORG, "token": TOKEN} | changes)),
            retention=RetentionSection(raw_days=raw_days, usage_days=0, fleet_days=0),
        )

    def start(self) -> None:
        """Start what does not run; returns when it answers."""
        if self._nginx is None:
            self._nginx = self._spawn(
                "nginx", "-p", str(self.directory), "-c", str(self.directory / "nginx.conf")
            )
        if self._influxd is None:
            self._influxd = self._spawn("influxd", "-config", str(self.directory / "influxd.conf"))
        for _ in range(_START_SECONDS * 50):
            if self._answers():
                return
            if self._nginx.poll() is not None or self._influxd.poll() is not None:
                break
            _PAUSE.wait(0.02)
        logs = [(self.directory / name).read_text() for name in ("nginx.log", "influxd.log")]
        raise RuntimeError("\n".join(("InfluxDB did not start:", *logs)))

    def kill(self) -> None:
        """SIGKILL influxd; nginx stays and answers 502."""
        if self._influxd is not None:
            self._influxd.kill()
            self._influxd.wait()
            self._influxd = None

    def hang(self) -> None:
        """Stop influxd in its tracks: it takes connections and answers nothing."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a hanging influxd go on."""
        self._running().send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End both."""
        self._http.close()
        self.kill()
        self.stop_proxy()

    def stop_proxy(self) -> None:
        """End nginx: connections are refused."""
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait()
            self._nginx = None

    def reset(self) -> None:
        """Start what a test ended, and empty all buckets, which keep everything for ever."""
        self.start()
        for bucket in BUCKETS:
            self.ask(f'DROP DATABASE "{bucket}"')
            self.ask(f'CREATE DATABASE "{bucket}"')

    def ask(self, statement: str, database: str = "") -> Any:
        """What influxd itself answers, past nginx."""
        response = self._http.post(
            f"http://{HOST}:{self._influxd_port}/query",
            params={"db": database, "epoch": "ns"},
            data={"q": statement},
        )
        assert response.status_code == 200, response.text
        return response.json()["results"][0]

    def count(self, bucket: str, field: str, measurement: str) -> int:
        """How many points of `measurement` have `field`."""
        found = self.ask(f"SELECT count({field}) FROM {measurement}", bucket)  # noqa: S608
        return int(found["series"][0]["values"][0][1]) if "series" in found else 0

    def requests(self) -> list[list[str]]:
        """Method, path, encoding, length and status of each request so far."""
        return [line.split() for line in (self.directory / "requests.log").read_text().splitlines()]

    def _answers(self) -> bool:
        try:
            ping = self._http.get(f"{self.url}/ping")
        except httpx.TransportError:
            return False
        return ping.status_code == 204

    def _running(self) -> subprocess.Popen[bytes]:
        if self._influxd is None:
            raise RuntimeError("influxd is not running")
        return self._influxd

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
        program = shutil.which(name, path=path)
        if program is None:
            raise RuntimeError(f"these tests need {name}: apt-get install influxdb nginx-light")
        with (self.directory / f"{name}.log").open("ab") as log:
            return subprocess.Popen((program, *arguments), stdout=log, stderr=log)
