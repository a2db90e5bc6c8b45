"""The command line as somebody who mistypes meets it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import Queue

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.integration.broker import running_broker

ROOT = Path(__file__).parent.parent.parent
COMMANDS: list[Sequence[str]] = [
    (), ("edge",), ("edge", "status"), ("doctor",), ("ingest",), ("dashboard",), ("stations",),
    ("stations", "import"), ("stations", "configure"), ("trends",), ("trends", "release"),
    ("usage", "remake"),
    ("quarantine",), ("quarantine", "list"), ("quarantine", "replay"), ("ledger",), ("keys", "add"),
    ("ingest", "init"), ("simulate",), ("simulate", "cuff"), ("simulate", "meter"),
    ("simulate", "door"), ("simulate", "fleet"), ("simulate", "city"), ("simulate", "audit"),
    ("demo",),
]  # fmt: skip
HEADER = "id,name_zh,name_en,district,venue,seats\n"


def run(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "health_kiosk", *arguments],
        capture_output=True, text=True, timeout=30, check=False, cwd=ROOT,
        env=os.environ if path is None else {**os.environ, "PATH": path},
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: Sequence[str]) -> None:
    shown = run(*command, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: health-kiosk")


def test_the_help_shows_examples() -> None:
    assert "health-kiosk stations import stations.csv" in run("--help").stdout


def test_a_reader_that_has_read_enough_meets_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(
        '[station]\nid = "A"\n[mqtt]\nhost = "127.0.0.1"\nport = 1\n[radio]\n'
        'devices = ["C0:FF:EE:00:00:01"]\n'
    )
    with subprocess.Popen(
        [sys.executable, "-m", "health_kiosk", "doctor", "--config", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    ) as doctor:  # fmt: skip
        assert doctor.stdout is not None
        assert doctor.stderr is not None
        doctor.stdout.close()
        assert "Traceback" not in doctor.stderr.read()
    assert doctor.returncode == 141


def complaint(*arguments: str, path: str | None = None) -> str:
    ended = run(*arguments, path=path)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "no-such.toml" in complaint("edge", "--config", str(tmp_path / "no-such.toml"))


def test_every_mistake_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text('[station]\nid = "a/b"\n[mqtt]\nport = 99999\nhots = "x"\n')
    told = complaint("edge", "--config", str(file))
    for place in ("station.id", "mqtt.port", "mqtt.hots", "mqtt.host"):
        assert f"\n  {place}: " in told
    file.write_text("[station\n")
    assert "is not TOML" in complaint("edge", "--config", str(file))


def test_a_port_that_cannot_be_is_refused() -> None:
    assert "is not a port" in complaint("demo", "--port", "99999")


@pytest.mark.parametrize("command", ["demo", "dashboard"])
def test_a_taken_port_is_told_with_the_option_that_helps(command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = complaint(command, "--port", str(taken.getsockname()[1]))
    assert "cannot be used" in told
    assert "--port" in told


def test_a_demo_without_its_programs_says_what_to_install(tmp_path: Path) -> None:
    assert "apt-get install dbus-daemon" in complaint("demo", path=str(tmp_path))


def test_stations_are_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    settings = tmp_path / "ingest.toml"
    settings.write_text(f'[store]\noperations_url = "sqlite:///{tmp_path}/operations.sqlite"\n')
    stations = tmp_path / "stations.csv"
    good = "BJ-DC-001,东城区银行,Dongcheng bank,110101,bank,6\n"
    stations.write_text(HEADER + good + "B J,x,y,110103,bar,-1\n" + good, encoding="utf-8")
    told = complaint("stations", "import", str(stations), "--config", str(settings))
    for problem in ("line 3: id", "line 3: district", "line 3: venue", "line 3: seats", "line 4"):
        assert problem in told
    stations.write_text(HEADER + good, encoding="utf-8")
    done = run("stations", "import", str(stations), "--config", str(settings))
    assert (done.returncode, done.stdout) == (0, "1 station(s) imported\n")


@pytest.mark.parametrize("device", ["cuff", "meter"])
def test_a_virtual_device_of_an_unknown_make_is_told_what_there_is(
    device: str, tmp_path: Path
) -> None:
    told = complaint("simulate", device, "--directory", str(tmp_path), "--model", "sundial")
    assert {"cuff": "omron-blesmart", "meter": "accu-chek"}[device] in told


def test_a_door_needs_a_broker_that_answers() -> None:
    assert "is not HOST:PORT" in complaint("simulate", "door", "--broker", "1883")
    assert "no MQTT broker answers" in complaint("simulate", "door", "--broker", "127.0.0.1:1")


def test_a_virtual_door_opens_and_closes_on_a_broker(tmp_path: Path) -> None:
    contacts: Queue[bool] = Queue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda _, __, message: contacts.put(json.loads(message.payload)["contact"])
    with running_broker(tmp_path) as broker:
        client.connect(broker.host, broker.port)
        client.subscribe("zigbee2mqtt/front")
        client.loop_start()
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "health_kiosk", "simulate", "door", "--sensor", "front"),
                *("--broker", f"{broker.host}:{broker.port}", "--every", "1"),
            ],
        ) as door:
            assert [contacts.get(timeout=15) for _ in range(3)] == [True, False, True]
            door.send_signal(signal.SIGTERM)
            assert door.wait(10) == 0
        client.disconnect()
        client.loop_stop()


@pytest.mark.parametrize(
    "arguments",
    [
        ("cuff",),
        ("cuff", "--model", "beurer-bm85", "--passkey", "123456"),
        ("meter", "--model", "accu-chek"),
        ("door",),
    ],
    ids=" ".join,
)
def test_a_virtual_device_ends_cleanly_when_told(arguments: Sequence[str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "health_kiosk", "simulate"),
            *(*arguments, "--directory", str(tmp_path)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    ) as simulator:
        assert simulator.stdout is not None
        assert simulator.stdout.readline().startswith("unix:path=")
        simulator.send_signal(signal.SIGTERM)
        assert simulator.wait(10) == 0
    assert not (tmp_path / "bus.socket").exists()
