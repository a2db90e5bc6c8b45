"""The two that drain a broker in the ingest benchmark: a subscriber in C, and a real worker."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import IO, NamedTuple

import httpx

from benchmarks.ingest_load import KINDS, station
from benchmarks.machine import processor_seconds
from contract.topics import INBOUND, Stream, shared_subscription, topic
from health_kiosk.ports import free_port
from ingest.operations import Operations, Station
from ingest.settings import StoreSection
from tests.integration.broker import Broker

WORKER = "ingest-1"
C_SUBSCRIBER = "c-subscriber"

_LOOK = threading.Event()
_LOOK_SECONDS = 0.001
_PATIENCE_SECONDS = 300.0


class Drained(NamedTuple):
    """How a worker emptied the broker: seconds from its connection to the last receipt.

    Processor seconds and memory (MiB, at most) are the worker's own, and the broker's beside it.
    `stages` says where the time went, by the worker's own metrics, and `batch` is its mean size.
    """

    seconds: float
    processor: float
    memory: float
    broker_processor: float
    stages: Mapping[str, float]
    batch: float


def filters_of_worker() -> list[str]:
    """What a worker subscribes to."""
    return [shared_subscription(stream) for stream in INBOUND]


def drain_in_c(broker: Broker, log: Path, kind: str, messages: int) -> float:
    """Seconds in which `mosquitto_sub` takes so many messages from its session."""
    with _subscriber_in_c(broker, log, kind, messages) as (process, began):
        _ends_well(process)
        return perf_counter() - began


def relay_in_c(broker: Broker, log: Path, lines: Path, kind: str, messages: int) -> float:
    """Seconds in which `mosquitto_pub` sends the lines of a file and `mosquitto_sub` gets them."""
    place = topic(station(0), KINDS[kind].stream)
    where = ("-h", broker.host, "-p", str(broker.port), "-V", "mqttv5", "-q", "1", "-t", place)
    with _subscriber_in_c(broker, log, kind, messages) as (process, _), lines.open("rb") as file:
        began = perf_counter()
        with subprocess.Popen(("mosquitto_pub", "-l", *where), stdin=file) as sending:
            _ends_well(process)
            seconds = perf_counter() - began
            _ends_well(sending)
    return seconds


def drain_by_worker(
    broker: Broker, directory: Path, store: StoreSection, kind: str, messages: int, stations: int
) -> Drained:
    """A whole `health-kiosk ingest` empties its session; raises RuntimeError if a message lacks."""
    operations = Operations(store.operations_url)
    operations.inventory.register(_inventory(stations))
    log = directory / "mosquitto.log"
    with _receipts(broker) as receipts, _worker(broker, directory, store, log) as (began, worker):
        before = processor_seconds(worker.pid), processor_seconds(broker.pid)
        # Garbage has no number, so it is not receipted: the quarantine tells how far it is.
        if kind == "garbage":
            _until(lambda: operations.quarantine.fill().messages >= messages, worker, 0.02)
        else:
            _until(lambda: receipts.count >= messages, worker, _LOOK_SECONDS)
        seconds = perf_counter() - began
        processor = processor_seconds(worker.pid) - before[0]
        broker_processor = processor_seconds(broker.pid) - before[1]
        stages, batch = _stages(worker.port)
        memory = _peak_memory(worker.pid)
    arrived = [one.stored + one.quarantined for one in operations.book.tallies().values()]
    if kind != "garbage" and sum(arrived) != messages:
        raise RuntimeError(f"the ledger knows {sum(arrived)} of {messages} messages")
    operations.close()
    return Drained(seconds, processor, memory, broker_processor, stages, batch)


@contextmanager
def _subscriber_in_c(
    broker: Broker, log: Path, kind: str, messages: int
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`mosquitto_sub` in its own session, and when it had connected; it ends by itself."""
    begins = _connections(log, C_SUBSCRIBER)
    process = subprocess.Popen(
        (
            "mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-V", "mqttv5",
            "-i", C_SUBSCRIBER, "-c", "-x", "3600", "-q", "1",
            "-t", topic("+", KINDS[kind].stream), "-C", str(messages),
        ),
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process, _connected(log, C_SUBSCRIBER, begins)
    finally:
        process.kill()
        process.wait()


def _ends_well(process: subprocess.Popen[bytes]) -> None:
    if process.wait(_PATIENCE_SECONDS):
        raise RuntimeError("mosquitto_sub or mosquitto_pub failed")


class _Receipts:
    """Counts receipts in the lines of a subscriber."""

    def __init__(self, lines: IO[bytes]) -> None:
        self.count = 0
        self._lines = lines

    def read(self) -> None:
        for line in self._lines:
            self.count += line.count(b'"seq"')


@contextmanager
def _receipts(broker: Broker) -> Iterator[_Receipts]:
    process = subprocess.Popen(
        (
            "mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-V", "mqttv5",
            "-i", "receipts", "-q", "1", "-t", topic("+", Stream.RECEIPTS),
        ),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    if process.stdout is None:
        raise RuntimeError("no pipe")
    receipts = _Receipts(process.stdout)
    reader = threading.Thread(target=receipts.read)
    reader.start()
    try:
        yield receipts
    finally:
        process.terminate()
        process.wait()
        reader.join()
        process.stdout.close()


class _Worker(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def _worker(
    broker: Broker, directory: Path, store: StoreSection, log: Path
) -> Iterator[tuple[float, _Worker]]:
    """A worker that has just connected, and when that was."""
    port = free_port()
    settings = directory / "ingest.toml"
    settings.write_text(
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\nworker = "{WORKER}"\n'
        f'[http]\nport = {port}\n[store]\nkind = "{store.kind}"\npath = "{store.path}"\n'
        f'operations_url = "{store.operations_url}"\n'
        f'[store.influx]\nurl = "{store.influx.url}"\norg = "{store.influx.org}"\n'
        f'token = "{store.influx.token.get_secret_value()}"\n'
        "[store.retention]\nraw_days = 0\nusage_days = 0\n[release]\nautomatic = false\n"
    )
    begins = _connections(log, WORKER)
    with (directory / "worker.log").open("ab") as said:
        process = subprocess.Popen(
            (sys.executable, "-m", "health_kiosk", "ingest", "--config", str(settings)),
            stderr=said,
        )
    try:
        yield _connected(log, WORKER, begins), _Worker(process, port)
    finally:
        process.terminate()
        process.wait()


def _connections(log: Path, client: str) -> int:
    return log.read_bytes().count(b" as %s (" % client.encode())


def _connected(log: Path, client: str, before: int) -> float:
    """The moment at which the broker's log tells of one connection more."""
    deadline = perf_counter() + _PATIENCE_SECONDS
    while perf_counter() < deadline:
        if _connections(log, client) > before:
            return perf_counter()
        _LOOK.wait(_LOOK_SECONDS)
    raise TimeoutError(f"{client} does not connect")


def _until(holds: Callable[[], bool], worker: _Worker, pause: float) -> None:
    deadline = perf_counter() + _PATIENCE_SECONDS
    while not holds():
        if worker.process.poll() is not None:
            raise RuntimeError("the worker ended")
        if perf_counter() > deadline:
            raise TimeoutError("the worker does not come to an end")
        _LOOK.wait(pause)


def _peak_memory(pid: int) -> float:
    """The most that it ever held in memory, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(kibibytes) / 1024


def _stages(port: int) -> tuple[dict[str, float], float]:
    """Seconds by stage from the worker's /metrics, and its mean batch."""
    with httpx.Client(trust_env=False) as client:
        text = client.get(f"http://127.0.0.1:{port}/metrics").text
    found = re.findall(r'^ingest_stage_seconds_total{stage="(\w+)"} (\S+)$', text, re.MULTILINE)
    stages = {name: float(seconds) for name, seconds in found}
    sums = dict(re.findall(r"^ingest_batch_messages_(sum|count) (\S+)$", text, re.MULTILINE))
    return stages, float(sums["sum"]) / max(float(sums["count"]), 1)


def _inventory(stations: int) -> list[Station]:
    return [
        Station(station(number), "站", "Station", "110105", "convenience", 3)
        for number in range(stations)
    ]
