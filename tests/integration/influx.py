"""A real influxd behind a real nginx, which gives it the write endpoint of InfluxDB 2 and a token.

Debian's influxd is 1.6, which lacks `/api/v2/write`; nginx maps it to `/write`, as 1.8 does by
itself. Everything is on free ports of this machine and in a directory of its own.

With `auth=True` influxd knows three users: an administrator, ingest, which may do anything in the
four buckets, and dashboards, with the grants that `health-kiosk ingest init` advises. Each may come
straight to influxd (`ask_as`), or through nginx with a token of its own.
"""

import os
import shutil
import signal
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from health_kiosk.ports import free_port
from ingest.settings import InfluxSection, RetentionSection, StoreSection
from ingest.store.influx_buckets import BUCKETS
from ingest.store.influx_setup import bucket_of_1, dashboards_user
from ingest.store.influxql import text

HOST = "127.0.0.1"
ORG = "health-kiosk"
TOKEN = "a-token-that-may-write-and-read"  # noqa: S105
ADMIN_TOKEN = "a-token-that-may-do-everything"  # noqa: S105
DASHBOARDS_TOKEN = "a-token-of-dashboards"  # noqa: S105
ADMIN, INGEST, DASHBOARDS = "admin", "ingest", "dashboards"
USERS = {ADMIN: ADMIN_TOKEN, INGEST: TOKEN, DASHBOARDS: DASHBOARDS_TOKEN}
"""The users of an influxd with authentication; the password of each is its token."""
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
  auth-enabled = {auth}
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
  map $http_authorization $influx_user {{ default ""; {users} }}
  server {{
    listen {host}:{port};
    if ($influx_user = "") {{
      return 401 '{{"code":"unauthorized","message":"unauthorized access"}}';
    }}
    proxy_set_header Authorization $influx_user;
    location = /api/v2/write {{
      proxy_pass http://{host}:{influxd_port}/write?db=$arg_bucket&precision=$influx_precision;
    }}
    location / {{ proxy_pass http://{host}:{influxd_port}; }}
  }}
}}
"""


@contextmanager
def running_influx(directory: Path, *, auth: bool = False) -> Iterator["Influx"]:
    """An InfluxDB that is stopped at the end; with `auth` its buckets are there at once."""
    influx = Influx(directory, auth=auth)
    try:
        influx.start()
        if auth:
            influx.reset()
        yield influx
    finally:
        influx.stop()


class Influx:
    """One influxd and the nginx before it; `url` is where the store talks to."""

    def __init__(self, directory: Path, *, auth: bool = False) -> None:
        self.directory = directory
        self._auth = auth
        self.port, self._influxd_port, rpc_port = free_port(), free_port(), free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._http = httpx.Client(trust_env=False)
        self._influxd: subprocess.Popen[bytes] | None = None
        self._nginx: subprocess.Popen[bytes] | None = None
        ports = {"host": HOST, "directory": directory}
        (directory / "influxd.conf").write_text(
            _INFLUXD.format(
                **ports, port=self._influxd_port, rpc_port=rpc_port, auth=str(auth).lower()
            )
        )
        (directory / "nginx.conf").write_text(
            _NGINX.format(
                **ports, port=self.port, influxd_port=self._influxd_port, users=_users(auth=auth)
            )
        )

    def settings(
        self, directory: Path, *, raw_days: int = 0, usage_days: int = 0, **changes: Any
    ) -> StoreSection:
        """Settings of a store in this InfluxDB that keeps everything for ever."""
        return StoreSection(
            kind="influx",
            operations_url=f"sqlite:///{directory}/operations.sqlite",
            influx=InfluxSection(**({"url": self.url, "org": ORG, "token": TOKEN} | changes)),
            retention=RetentionSection(
                raw_days=raw_days, trends_days=0, usage_days=usage_days, fleet_days=0
            ),
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

    @property
    def pid(self) -> int:
        """The process id of the influxd that runs."""
        return self._running().pid

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
        if self._auth:  # the first user may be made by anybody
            self.ask(f"CREATE USER {ADMIN} WITH PASSWORD {text(ADMIN_TOKEN)} WITH ALL PRIVILEGES")
        for bucket in BUCKETS:
            self.ask(f'DROP DATABASE "{bucket}"')
            for statement in bucket_of_1(bucket, 0):
                self.ask(statement)
        if self._auth:
            self.ask(f"CREATE USER {INGEST} WITH PASSWORD {text(TOKEN)}")
            for bucket in BUCKETS:
                self.ask(f'GRANT ALL ON "{bucket}" TO {INGEST}')
            for statement in dashboards_user(DASHBOARDS_TOKEN):
                self.ask(statement)

    def ask(self, statement: str, database: str = "") -> Any:
        """What influxd itself answers, past nginx, to its administrator if it has one."""
        response = self.ask_as(ADMIN, statement, database)
        assert response.status_code == 200, response.text
        return response.json()["results"][0]

    def ask_as(self, user: str, statement: str, database: str = "") -> httpx.Response:
        """What influxd itself answers to one of `USERS`, past nginx, whatever that is."""
        return self._http.post(
            f"http://{HOST}:{self._influxd_port}/query",
            params={"db": database, "epoch": "ns"},
            data={"q": statement},
            auth=self._credentials(user),
        )

    def write_as(self, user: str, bucket: str, line: str) -> httpx.Response:
        """What influxd itself answers when one of `USERS` writes a line."""
        return self._http.post(
            f"http://{HOST}:{self._influxd_port}/write",
            params={"db": bucket},
            content=line,
            auth=self._credentials(user),
        )

    def _credentials(self, user: str) -> httpx.Auth:
        return httpx.BasicAuth(user, USERS[user]) if self._auth else httpx.Auth()

    def count(self, bucket: str, field: str, measurement: str) -> int:
        """How many points of `measurement` have `field`."""
        found = self.ask(f"SELECT count({field}) FROM {measurement}", bucket)  # noqa: S608
        return int(found["series"][0]["values"][0][1]) if "series" in found else 0

    def requests(self) -> list[list[str]]:
        """Method, path, encoding, length and status of each request so far."""
        return [line.split() for line in (self.directory / "requests.log").read_text().splitlines()]

    def writes(self, *, since: int, number: int) -> list[list[str]]:
        """The writes among the requests from `since` on, as soon as `number` of them are noted.

        Or after some seconds those that there are: nginx answers first, and notes then.
        """
        for _ in range(_START_SECONDS):
            found = [one for one in self.requests()[since:] if one[1] == "/api/v2/write"]
            if len(found) >= number:
                break
            _PAUSE.wait(0.1)
        return found

    def _answers(self) -> bool:
        try:
            ping = self._http.get(f"{self.url}/ping", headers={"Authorization": f"Token {TOKEN}"})
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


def _users(*, auth: bool) -> str:
    """For nginx: what influxd is told of who comes with which token; without `auth` anything."""
    if not auth:
        return f'"Token {TOKEN}" "-";'
    basic = {token: b64encode(f"{user}:{token}".encode()).decode() for user, token in USERS.items()}
    return " ".join(f'"Token {token}" "Basic {code}";' for token, code in basic.items())
