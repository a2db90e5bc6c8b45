"""The containers' broker file, by a real mosquitto with what deploy/secrets.sh has made."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.topics import Stream, topic
from health_kiosk.cli import main
from tests.integration.compose_broker import ComposeBroker, Guest, running, visiting
from tests.integration.compose_secrets import ROOT, make

ONE, OTHER = "BJ-CY-012", "BJ-DC-001"
GRANTED = "Granted QoS 1"
NOT_ALLOWED = "Not authorized"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeBroker]:
    directory = tmp_path_factory.mktemp("compose")
    with running(directory, make(directory, stations=(ONE, OTHER))) as made:
        yield made


@pytest.fixture
def station(broker: ComposeBroker) -> Iterator[Guest]:
    with visiting(broker, ONE, broker.secrets.passwords()[ONE]) as guest:
        yield guest


@pytest.fixture
def ingest(broker: ComposeBroker) -> Iterator[Guest]:
    with visiting(broker, "ingest", password(broker, "INGEST")) as guest:
        yield guest


def password(broker: ComposeBroker, name: str) -> str:
    return broker.secrets.variables()[f"BROKER_{name}_PASSWORD"]


def heard_until(guest: Guest, last: bytes) -> list[tuple[str, bytes]]:
    """What has arrived when `last` does, without it."""
    found = []
    while (one := guest.heard.get(timeout=15))[1] != last:
        found.append(one)
    return found


def test_nobody_speaks_without_tls(broker: ComposeBroker) -> None:
    with socket.create_connection((broker.host, broker.port), timeout=15) as plain:
        plain.sendall(bytes.fromhex("101000044d5154540502003c000000036e6f78"))
        with suppress(ConnectionResetError):
            assert plain.recv(100)[:1] != b"\x20"  # a CONNACK


@pytest.mark.parametrize(
    ("user", "word"), [(None, None), (ONE, None), (ONE, "wrong"), ("", ""), ("nobody", "x")]
)
def test_nobody_enters_without_the_right_password(
    broker: ComposeBroker, user: str | None, word: str | None
) -> None:
    with visiting(broker, user, word) as guest:
        assert guest.answer == NOT_ALLOWED


def test_a_station_does_not_enter_with_anothers_password(broker: ComposeBroker) -> None:
    with visiting(broker, ONE, broker.secrets.passwords()[OTHER]) as guest:
        assert guest.answer == NOT_ALLOWED


@pytest.mark.parametrize("stream", [Stream.SCREENING, Stream.USAGE, Stream.STATUS])
def test_a_station_writes_its_own_topics_only(
    station: Guest, ingest: Guest, stream: Stream
) -> None:
    assert station.answer == "Success"
    assert ingest.subscribe(f"$share/ingest/kiosk/v1/+/{stream}") == GRANTED
    assert station.publish(topic(OTHER, stream), b"forged") == NOT_ALLOWED
    assert station.publish(topic(ONE, stream), b"own") == "Success"
    assert ingest.heard.get(timeout=15) == (topic(ONE, stream), b"own")
    assert ingest.heard.empty()


@pytest.mark.parametrize("stream", [Stream.RECEIPTS, Stream.CONFIG])
@pytest.mark.parametrize("station_id", [ONE, OTHER])
def test_a_station_writes_neither_receipts_nor_configurations(
    station: Guest, station_id: str, stream: Stream
) -> None:
    assert station.publish(topic(station_id, stream)) == NOT_ALLOWED


def test_a_station_reads_its_own_receipts_only(station: Guest, ingest: Guest) -> None:
    for name in ("kiosk/v1/+/receipts", topic(OTHER, Stream.RECEIPTS), topic(ONE, Stream.RECEIPTS)):
        station.subscribe(name)
    assert ingest.publish(topic(OTHER, Stream.RECEIPTS), b"of another") == "Success"
    assert ingest.publish(topic(ONE, Stream.RECEIPTS), b"own") == "Success"
    assert heard_until(station, b"own") == []


@pytest.mark.parametrize("name", ["#", "$SYS/#", "kiosk/v1/+/status", "$share/ingest/kiosk/#"])
def test_a_station_does_not_hear_others(broker: ComposeBroker, station: Guest, name: str) -> None:
    station.subscribe(name)
    station.subscribe(topic(ONE, Stream.RECEIPTS))
    with visiting(broker, OTHER, broker.secrets.passwords()[OTHER]) as other:
        assert other.publish(topic(OTHER, Stream.STATUS), b"alive") != NOT_ALLOWED
    with visiting(broker, "ingest", password(broker, "INGEST")) as ingest:
        ingest.publish(topic(ONE, Stream.RECEIPTS), b"own")
    assert heard_until(station, b"own") == []


def test_who_takes_over_a_session_does_not_get_what_waits_in_it(
    broker: ComposeBroker, ingest: Guest
) -> None:
    passwords = broker.secrets.passwords()
    with visiting(broker, ONE, passwords[ONE], client_id="kept", expiry_seconds=60) as victim:
        victim.subscribe(topic(ONE, Stream.RECEIPTS))
    assert ingest.publish(topic(ONE, Stream.RECEIPTS), b"waits") == "Success"
    with visiting(broker, OTHER, passwords[OTHER], client_id="kept", clean=False) as thief:
        thief.subscribe(topic(OTHER, Stream.RECEIPTS))
        ingest.publish(topic(ONE, Stream.RECEIPTS), b"comes")
        ingest.publish(topic(OTHER, Stream.RECEIPTS), b"own")
        assert heard_until(thief, b"own") == []


def test_ingest_forges_no_station_and_configures_none(ingest: Guest) -> None:
    for stream in (Stream.SCREENING, Stream.USAGE, Stream.STATUS, Stream.CONFIG):
        assert ingest.publish(topic(ONE, stream)) == NOT_ALLOWED


def test_the_operator_configures_a_station_and_nobody_else_does(
    broker: ComposeBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, station: Guest
) -> None:
    wanted = tmp_path / "desired.toml"
    wanted.write_text("[occupancy]\nseats = 5\n")
    command = [
        "stations", "configure", ONE, str(wanted), "--broker", f"127.0.0.1:{broker.port}",
        "--ca-file", str(broker.authority), "--user",
    ]  # fmt: skip
    monkeypatch.setenv("HEALTH_KIOSK_MQTT_PASSWORD", broker.secrets.passwords()[OTHER])
    with pytest.raises(SystemExit):
        main([*command, OTHER])
    monkeypatch.setenv("HEALTH_KIOSK_MQTT_PASSWORD", password(broker, "OPERATOR"))
    main([*command, "operator"])
    station.subscribe(topic(ONE, Stream.CONFIG))
    name, payload = station.heard.get(timeout=15)
    assert (name, b'"seats":5' in payload.replace(b" ", b"")) == (topic(ONE, Stream.CONFIG), True)


def test_the_health_check_is_well_and_can_do_nothing_else(broker: ComposeBroker) -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    kind, command = compose["services"]["broker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    here = (
        command.replace("$$", "$")
        .replace("8883", str(broker.port))
        .replace("/run/secrets", str(broker.secrets.directory))
    )
    for word, code in ((password(broker, "PROBE"), 0), ("wrong", 5)):
        done = subprocess.run(
            ("sh", "-c", here), capture_output=True, text=True, check=False,
            env=os.environ | {"PROBE_PASSWORD": word},
        )  # fmt: skip
        assert done.returncode == code, done.stderr
    with visiting(broker, "probe", password(broker, "PROBE")) as probe:
        assert probe.publish(topic(ONE, Stream.SCREENING)) == NOT_ALLOWED


def test_a_new_station_enters_once_the_broker_was_told(
    broker: ComposeBroker, tmp_path: Path
) -> None:
    before = broker.secrets.passwords()
    inventory = tmp_path / "new.csv"
    inventory.write_text(f"id,name_zh\n{ONE},x\nBJ-HD-001,x\n")
    assert broker.secrets.run("stations", str(inventory)).returncode == 0
    after = broker.secrets.passwords()
    assert {name: after[name] for name in before} == before
    os.kill(broker.pid, signal.SIGHUP)
    answers: list[str] = []
    while answers[-1:] != ["Success"] and len(answers) < 100:
        with visiting(broker, "BJ-HD-001", after["BJ-HD-001"]) as guest:
            answers.append(guest.answer)
    assert answers[-1] == "Success"
