"""The centre of the fleet benchmark: a broker, an ingest worker and its store, all of them real."""

import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.machine import memory, processor_seconds
from health_kiosk.ports import free_port
from ingest.calendar import Week
from ingest.centre import opened
from ingest.operations import Operations, Station
from ingest.pieces import pieces
from ingest.settings import RetentionSection, StoreSection
from simulators.city import CityStation
from tests.integration.broker import Broker, running_broker
from tests.integration.influx import Influx, running_influx

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_STATIONS_AT_A_TIME = 300
_MANY_SECONDS = 60.0  # influxd is on the same two cores as everybody else
_KEPT = "persistence true\npersistence_location {}/\nautosave_interval {}"
_WITHOUT_END = RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0)


class Use(NamedTuple):
    """What one process uses: resident memory in MiB now, processor seconds so far."""

    memory: float
    processor: float


class Centre:
    """What runs at the centre; `section` opens its store beside the worker."""

    def __init__(
        self, place: Path, broker: Broker, section: StoreSection, influx: Influx | None
    ) -> None:
        self.broker = broker
        self.section = section
        self._influx = influx
        self._port = free_port()
        self._log = place / "ingest.log"
        self._settings = place / "ingest.toml"
        self._settings.write_text(_settings(broker, section, self._port))
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker; returns when it is connected. Raises RuntimeError with its log."""
        command = (sys.executable, "-m", "health_kiosk", "ingest", "--config", str(self._settings))
        with self._log.open("ab") as log:
            self._worker = subprocess.Popen(command, stdout=log, stderr=log)
        pause = threading.Event()
        for _ in range(round(_PATIENCE_SECONDS / _LOOK_SECONDS)):
            if self._is_ready():
                return
            if self._worker.poll() is not None:
                break
            pause.wait(_LOOK_SECONDS)
        raise RuntimeError(f"ingest did not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        """End the worker in good order, if it was started."""
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait()

    def restart_broker(self) -> None:
        """SIGKILL the broker and start it again: it knows what it had written to disk."""
        self.broker.kill()
        self.broker.start()

    def worker(self) -> int:
        """The worker's process; raises RuntimeError with its log if it has ended."""
        if self._worker is None or self._worker.poll() is not None:
            raise RuntimeError(f"the worker ended:\n{self._log.read_text()}")
        return self._worker.pid

    def use(self) -> dict[str, Use]:
        """What each process uses."""
        processes = {"broker": self.broker.pid, "ingest": self.worker()}
        if self._influx is not None:
            processes["influxd"] = self._influx.pid
        return {name: used(pid) for name, pid in processes.items()}

    def batch(self) -> float:
        """How many messages a batch had, on average since the start."""
        lines = httpx.get(self._url("metrics"), trust_env=False).text.splitlines()
        sums = dict(line.split() for line in lines if line.startswith("ingest_batch_messages_"))
        return float(sums["ingest_batch_messages_sum"]) / float(sums["ingest_batch_messages_count"])

    def arrived(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """By station and epoch, what the ledger knows: messages stored, and in quarantine."""
        operations = Operations(self.section.operations_url)
        try:
            tallies = operations.book.tallies()
        finally:
            operations.close()
        return {one: (found.stored, found.quarantined) for one, found in tallies.items()}

    def windows(self, weeks: Sequence[Week], stations: Sequence[str]) -> int:
        """How many usage windows of these stations and weeks the store has."""
        store, operations = opened(self.section, lambda: datetime.now(UTC))
        try:
            return sum(
                one.windows
                for some in pieces(stations, _STATIONS_AT_A_TIME)
                for one in store.windows.sums(weeks, some)
            )
        finally:
            operations.close()

    def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(self._url("readyz"), trust_env=False).status_code == 200
        return False

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"


@contextmanager
def running_centre(
    place: Path, kind: str, known: Iterable[Station], *, autosave: int
) -> Iterator[Centre]:
    """A centre that knows these stations, with a store of a `kind`; it is stopped at the end.

    The broker writes to disk what it knows every `autosave` seconds.
    """
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(place, extra=_KEPT.format(place, autosave)))
        influx = stack.enter_context(running_influx(place)) if kind == "influx" else None
        if influx is None:
            section = StoreSection(
                path=place / "store.sqlite",
                operations_url=f"sqlite:///{place}/operations.sqlite",
                retention=_WITHOUT_END,
            )
        else:
            influx.reset()
            section = influx.settings(place, timeout_seconds=_MANY_SECONDS)
        operations = Operations(section.operations_url)
        operations.inventory.register(list(known))
        operations.close()
        centre = Centre(place, broker, section, influx)
        stack.callback(centre.stop)
        centre.start()
        yield centre


def used(pid: int) -> Use:
    """What the process `pid` uses."""
    return Use(memory(pid).resident, processor_seconds(pid))


def inventory(city: Iterable[CityStation]) -> list[Station]:
    """Stations as operators register them."""
    return [
        Station(one.id, one.name.zh, one.name.en, one.district, one.venue, one.seats)
        for one in city
    ]


def _settings(broker: Broker, section: StoreSection, port: int) -> str:
    """What differs from an installation: addresses, files, and that nothing is ever too old."""
    kept = "".join(f"{name} = {days}\n" for name, days in section.retention.model_dump().items())
    return (
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n'
        f"[http]\nport = {port}\n"
        f'[store]\nkind = "{section.kind}"\npath = "{section.path}"\n'
        f'operations_url = "{section.operations_url}"\n'
        f'[store.influx]\nurl = "{section.influx.url}"\norg = "{section.influx.org}"\n'
        f'token = "{section.influx.token.get_secret_value()}"\n'
        f"timeout_seconds = {section.influx.timeout_seconds}\n"
        f"[store.retention]\n{kept}"
    )
