"""Ingest, a station and the simulated city on the containers' broker, as they are started there."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import httpx
import pytest
from pydantic import SecretStr

from edge_agent.settings import TlsSection
from health_kiosk.cli import main
from health_kiosk.ports import free_port
from ingest.operations import Operations
from ingest.settings import MqttSection
from ingest.settings import TlsSection as IngestTls
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry
from tests.integration.broker import Broker
from tests.integration.compose_broker import ComposeBroker, running, visiting
from tests.integration.compose_file import SERVICES, environment
from tests.integration.compose_secrets import ROOT, make
from tests.integration.influx import TOKEN, Influx
from tests.integration.ingest import STATIONS, until
from tests.integration.publishing import (
    STATION,
    add_batch,
    open_outbox,
    running_publisher,
    settings,
)

CITY = 3


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ComposeBroker]:
    inventory = tmp_path / "city.csv"
    main(["simulate", "fleet", "--stations", str(CITY), "--write-inventory", str(inventory)])
    secrets = make(tmp_path, stations=(STATION,))
    assert secrets.run("stations", str(inventory)).returncode == 0
    with running(tmp_path, secrets) as made:
        yield made


def ingest_environment(broker: ComposeBroker, influx: Influx, directory: Path) -> dict[str, str]:
    """That of the container, with other addresses; SQLite stands in for PostgreSQL."""
    given = environment("ingest", broker.secrets.variables())
    here = {
        "INGEST__MQTT__HOST": ("broker", broker.host),
        "INGEST__MQTT__PORT": ("8883", str(broker.port)),
        "INGEST__MQTT__TLS__CA_FILE": ("/run/secrets/broker-ca.pem", str(broker.authority)),
        "INGEST__STORE__INFLUX__URL": ("http://influxdb:8086", influx.url),
        "INGEST__STORE__INFLUX__TOKEN": (broker.secrets.variables()["INFLUX_TOKEN"], TOKEN),
        "INGEST__HTTP__HOST": ("0.0.0.0", "127.0.0.1"),
    }
    for name, (there, value) in here.items():
        assert given[name] == there
        given[name] = value
    given["INGEST__STORE__OPERATIONS_URL"] = f"sqlite:///{directory}/operations.sqlite"
    # What is sent in tests is of days long past.
    return given | {
        "INGEST__HTTP__PORT": str(free_port()), "INGEST__STORE__RETENTION__RAW_DAYS": "0"
    }  # fmt: skip


@contextmanager
def started(directory: Path, *command: str, more: dict[str, str]) -> Iterator[None]:
    """A process whose log is in the directory, ended in good order."""
    with (directory / "process.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | more)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


async def test_a_stations_batch_is_stored_and_receipted_through_the_compose_files(
    broker: ComposeBroker, influx: Influx, tmp_path: Path
) -> None:
    given = ingest_environment(broker, influx, tmp_path)
    Operations(given["INGEST__STORE__OPERATIONS_URL"]).inventory.register(STATIONS)
    (tmp_path / "workers").mkdir()
    more = given | {"WORKER_SLOTS": str(tmp_path / "workers")}
    assert SERVICES["ingest"]["entrypoint"] == ["as-worker"]
    assert SERVICES["ingest"]["command"] == ["health-kiosk", "ingest"]
    as_worker = str(ROOT / "deploy" / "as-worker.sh")
    program = (as_worker, sys.executable, "-m", "health_kiosk", "ingest")
    with started(tmp_path, *program, more=more):
        url = f"http://127.0.0.1:{given['INGEST__HTTP__PORT']}"
        until(lambda: ready(url))
        word = SecretStr(broker.secrets.passwords()[STATION])
        mqtt = settings(broker.port, password=word, tls=TlsSection(ca_file=broker.authority))
        with open_outbox(tmp_path) as outbox:
            add_batch(outbox)
            async with running_publisher(outbox, mqtt) as station:
                await station.empty()
            assert station.words.refusals == []
    assert influx.count("kiosk_raw", "single", "session") == 5


def ready(url: str) -> bool:
    """Whether ingest says so."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    return False


def test_ingest_waits_for_the_authoritys_file_and_needs_no_restart(
    broker: ComposeBroker, tmp_path: Path
) -> None:
    authority = tmp_path / "authority.pem"
    mqtt = MqttSection(
        host=broker.host, port=broker.port, user="ingest", retry_seconds=0.05,
        password=SecretStr(broker.secrets.variables()["BROKER_INGEST_PASSWORD"]),
        tls=IngestTls(ca_file=authority),
    )  # fmt: skip
    words = Words()
    subscriber = Subscriber(mqtt, lambda _: [], words, Random(1))
    stop = threading.Event()
    thread = threading.Thread(target=subscriber.run, args=(stop,))
    thread.start()
    try:
        until(lambda: words.losses != [])
        assert "No such file" in words.losses[0]
        shutil.copy(broker.authority, authority)
        until(lambda: subscriber.connected)
    finally:
        stop.set()
        thread.join()


class Words(Telemetry):
    """Telemetry that keeps what was said about the broker."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[str] = []

    def broker_lost(self, problem: str) -> None:
        super().broker_lost(problem)
        self.losses.append(problem)


def test_the_simulated_city_lives_on_a_broker_with_passwords(
    broker: ComposeBroker, tmp_path: Path
) -> None:
    command = [
        word.replace("broker:8883", f"127.0.0.1:{broker.port}").replace(
            "/run/secrets", str(broker.secrets.directory)
        )
        for word in SERVICES["simulated-stations"]["command"]
    ]
    program = (sys.executable, "-m", "health_kiosk", *command, "--stations", str(CITY))
    alive: set[str] = set()
    word = broker.secrets.variables()["BROKER_INGEST_PASSWORD"]
    with visiting(broker, "ingest", word) as ingest:
        ingest.subscribe("kiosk/v1/+/status")
        with started(tmp_path, *program, more={}):
            while len(alive) < CITY:
                name, payload = ingest.heard.get(timeout=30)
                assert b'"birth"' in payload or b'"heartbeat"' in payload
                alive.add(name.split("/")[2])
    assert alive == set(broker.secrets.passwords()) - {STATION}


def test_a_station_without_a_password_is_named_before_anything_is_tried(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "none.csv"
    empty.touch()
    with pytest.raises(SystemExit):
        main([
            "simulate", "fleet", "--stations", "3", "--broker", f"127.0.0.1:{broker.port}",
            "--passwords", str(empty),
        ])  # fmt: skip
    assert "has no password for 3 stations" in capsys.readouterr().err
