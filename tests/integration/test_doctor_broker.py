"""The doctor on the way to real brokers, open and encrypted, right and wrong at every step."""

import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from edge_agent.settings import MqttSection, TlsSection
from health_kiosk.doctor import broker
from health_kiosk.doctor.finding import Finding, Sign
from health_kiosk.ports import free_port
from tests.integration.broker import Broker, running_broker
from tests.integration.certificates import Authority, Signed

STATION = "BJ-DC-001"


def look(mqtt: MqttSection) -> dict[str, Finding]:
    """What is found, by check; no check may speak twice."""
    found = list(broker.look(STATION, mqtt, datetime.now(UTC)))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def signs(found: dict[str, Finding]) -> dict[str, str]:
    return {name: str(one.sign) for name, one in found.items()}


def encrypted(signed: Signed, authority: Authority) -> str:
    """Mosquitto's options for a listener that has a certificate and wants one."""
    return (
        f"cafile {authority.file}\ncertfile {signed.certificate}\nkeyfile {signed.key}\n"
        "require_certificate true"
    )


def section(at: Broker, authority: Authority, own: Signed | None) -> MqttSection:
    tls = TlsSection(
        ca_file=authority.file,
        certificate_file=own.certificate if own else None,
        key_file=own.key if own else None,
    )
    return MqttSection(host=at.host, port=at.port, tls=tls)


def test_an_open_broker_lets_the_station_in(tmp_path: Path) -> None:
    with running_broker(tmp_path) as at:
        found = look(MqttSection(host=at.host, port=at.port))
    assert signs(found) == {"broker_address": "ok", "broker_port": "ok", "broker_login": "ok"}


def test_the_doctor_leaves_a_running_agents_connection_alone(tmp_path: Path) -> None:
    with running_broker(tmp_path, extra="log_type all\nconnection_messages true") as at:
        look(MqttSection(host=at.host, port=at.port))
        at.stop()
        log = (tmp_path / "mosquitto.log").read_text()
    assert f"as {STATION}-doctor (" in log
    assert f"as {STATION} (" not in log


def test_a_password_is_tried_as_the_agent_would(tmp_path: Path) -> None:
    # With no password file, Mosquitto knows nobody: whoever asks is not authorised.
    (tmp_path / "passwords").touch(0o600)
    extra = f"password_file {tmp_path}/passwords"
    with running_broker(tmp_path, extra=extra) as at:
        found = look(MqttSection(host=at.host, port=at.port, password=SecretStr("wrong")))
    login = found["broker_login"]
    assert (login.sign, login.said.en) == (Sign.FAIL, "refused: not authorized")
    assert login.remedy is not None
    assert "EDGE__MQTT__PASSWORD" in login.remedy.en


def test_certificates_tell_how_many_days_they_have_left(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, own = authority.sign("server", days=90), authority.sign("station", days=12)
    with running_broker(tmp_path, extra=encrypted(server, authority)) as at:
        found = look(section(at, authority, own))
    assert signs(found) == {
        "authority": "ok",
        "station_certificate": "warn",
        "broker_address": "ok",
        "broker_port": "ok",
        "broker_certificate": "ok",
        "broker_login": "ok",
    }
    assert found["station_certificate"].said.en.endswith(" 12 days")
    assert found["broker_certificate"].said.en.endswith(" 90 days")


def test_a_broker_whose_certificate_has_ended_is_not_trusted(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, own = authority.sign("server", days=-3), authority.sign("station", days=-2)
    with running_broker(tmp_path, extra=encrypted(server, authority)) as at:
        found = look(section(at, authority, own))
    assert found["station_certificate"].sign is Sign.FAIL
    assert found["broker_certificate"].said.en == "not trusted: certificate has expired"
    assert "broker_login" not in found


def test_a_broker_of_another_authority_or_name_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    authority, other = Authority(tmp_path), Authority(tmp_path / "other")
    elsewhere = authority.sign("elsewhere", host="127.0.0.9")
    with running_broker(tmp_path, extra=encrypted(elsewhere, authority)) as at:
        stranger = look(section(at, other, None))["broker_certificate"]
        misnamed = look(section(at, authority, None))["broker_certificate"]
    assert (stranger.sign, misnamed.sign) == (Sign.FAIL, Sign.FAIL)
    assert "verify" in stranger.said.en or "self-signed" in stranger.said.en
    assert "IP address mismatch" in misnamed.said.en


def test_a_broker_that_wants_our_certificate_says_so(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = authority.sign("server")
    with running_broker(tmp_path, extra=encrypted(server, authority)) as at:
        login = look(section(at, authority, None))["broker_login"]
    assert login.sign is Sign.FAIL
    assert login.remedy is not None


def test_files_that_are_missing_or_something_else_are_named(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    letter = tmp_path / "letter.pem"
    letter.write_text("Dear station,\n")
    tls = TlsSection(ca_file=nothing, certificate_file=letter, key_file=letter)
    with running_broker(tmp_path) as at:
        found = look(MqttSection(host=at.host, port=at.port, tls=tls))
    assert found["authority"].said.en == f"cannot read {nothing} (No such file or directory)"
    assert found["station_certificate"].said.en == f"{letter} holds no certificate"
    assert found["broker_certificate"].said.en.startswith("certificate or key cannot be used")


def test_encryption_that_the_broker_does_not_speak_is_told(tmp_path: Path) -> None:
    with running_broker(tmp_path) as at:
        found = look(MqttSection(host=at.host, port=at.port, tls=TlsSection()))
    assert found["broker_certificate"].said.en.startswith("no TLS there")


def test_a_name_that_nobody_knows_and_a_port_where_nobody_is() -> None:
    assert signs(look(MqttSection(host="no-such-broker.invalid"))) == {"broker_address": "fail"}
    found = look(MqttSection(host="127.0.0.1", port=free_port()))
    assert signs(found) == {"broker_address": "ok", "broker_port": "fail"}
    assert "Connection refused" in found["broker_port"].said.en


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_something_else_that_listens_is_no_broker(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)

        other = threading.Thread(target=serve)
        other.start()
        found = look(MqttSection(host="127.0.0.1", port=server.getsockname()[1]))
        other.join()
    assert found["broker_login"].sign is Sign.FAIL
    assert found["broker_login"].said.en.startswith("no MQTT 5 broker there")
