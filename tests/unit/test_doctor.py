"""The doctor at the desk: what each wrong thing is called, and how findings are told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.condition import Clock
from edge_agent import lock
from edge_agent.outbox import Outbox
from edge_agent.settings import Settings
from health_kiosk.doctor import agent, clock, outbox, report, state, station_file
from health_kiosk.doctor.certificate import NoCertificate, ends_at
from health_kiosk.doctor.finding import Check, Finding, Sign, Words
from health_kiosk.doctor.mqtt_greeting import NotMqtt, connect, reason

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CHECK = Check("clock", Words("clock", "时钟"))
OK = CHECK.ok(Words("synchronised", "已同步"))
WARN = CHECK.warn(Words("slow", "偏慢"), Words("wind it", "请上发条"))
FAIL = CHECK.fail(Words("stopped", "已停"), Words("buy one", "请更换"))


def station(**sections: object) -> Settings:
    given = {"station": {"id": "BJ-DC-001"}, "mqtt": {"host": "127.0.0.1"}, **sections}
    return Settings.model_validate({"radio": {"devices": ["C0:FF:EE:00:00:01"]}, **given})


def private(directory: Path) -> Path:
    """The path of an outbox in a directory as the package makes it."""
    home = directory / "state"
    home.mkdir(mode=0o750)
    return home / "outbox.sqlite"


def mounts(directory: Path, kind: str = "ext4") -> Path:
    file = directory / "mounts"
    file.write_text(f"/dev/sda1 / ext4 rw 0 0\nstate {directory} {kind} rw 0 0\n")
    return file


def test_a_line_has_sign_title_finding_and_what_to_do() -> None:
    assert report.line(OK, "en") == "ok    clock              synchronised"
    assert report.line(FAIL, "en") == "FAIL  clock              stopped → buy one"
    assert report.line(WARN, "zh") == "注意  时钟               偏慢 → 请上发条"
    assert report.summary([OK, WARN, FAIL], "en") == "3 checked, 1 to look at, 1 broken"


def test_only_what_is_broken_changes_the_exit_code() -> None:
    assert report.exit_code([OK, WARN, CHECK.skip(Words("no", "无"))]) == 0
    assert report.exit_code([OK, FAIL]) == 1


def test_json_names_checks_and_signs_the_same_in_each_language() -> None:
    english, chinese = (json.loads(report.as_json([WARN], one))["checks"] for one in ("en", "zh"))
    assert english == [{"check": "clock", "sign": "warn", "said": "slow", "remedy": "wind it"}]
    assert chinese == [{"check": "clock", "sign": "warn", "said": "偏慢", "remedy": "请上发条"}]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": ""}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert report.language_of(environment) == language


def _only(found: list[Finding]) -> Finding:
    assert len(found) == 1
    return found[0]


def test_settings_of_the_sample_and_open_secrets_are_told(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.touch(0o644)
    assert _only(list(station_file.look(station(), file))).sign is Sign.OK
    sample = station(station={"id": station_file.SAMPLE_STATION})
    assert _only(list(station_file.look(sample, file))).sign is Sign.WARN
    with_password = station(mqtt={"host": "127.0.0.1", "password": "secret"})
    told = _only(list(station_file.look(with_password, file)))
    assert (told.sign, told.remedy) == (
        Sign.FAIL,
        Words(f"chmod o= {file}", f"请执行 chmod o= {file}"),
    )
    file.chmod(0o640)
    assert _only(list(station_file.look(with_password, file))).sign is Sign.OK
    afar = station(mqtt={"host": "broker.example"})
    assert _only(list(station_file.look(afar, file))).said.en.endswith("is not encrypted")


def test_a_sound_state_directory_is_one_line_and_its_disk_another(tmp_path: Path) -> None:
    path = private(tmp_path)
    found = list(state.look(path, mounts(tmp_path)))
    assert [one.name for one in found] == ["state_directory", "disk_space"]
    assert found[0].sign is Sign.OK
    assert list(path.parent.iterdir()) == []


def test_a_state_directory_that_is_missing_open_or_in_memory_is_told(tmp_path: Path) -> None:
    missing = _only(list(state.look(tmp_path / "nowhere" / "outbox.sqlite")))
    assert missing.said.en == f"{tmp_path}/nowhere does not exist"
    path = private(tmp_path)
    volatile, _ = state.look(path, mounts(tmp_path, "tmpfs"))
    assert (volatile.sign, volatile.said.en) == (Sign.WARN, f"{path.parent} is in memory (tmpfs)")
    path.parent.chmod(0o755)
    is_open, _ = state.look(path, mounts(tmp_path))
    assert (is_open.sign, is_open.said.en) == (Sign.WARN, f"{path.parent} is open to every user")


def test_a_directory_that_takes_nothing_is_told(tmp_path: Path) -> None:
    # Nobody may write below /proc/self, not even root.
    found = [one.said.en for one in state.look(Path("/proc/self/outbox.sqlite"), mounts(tmp_path))]
    assert any(said.startswith("/proc/self takes nothing (") for said in found)


def test_an_outbox_is_absent_sound_damaged_or_of_another_version(tmp_path: Path) -> None:
    path = private(tmp_path)
    assert outbox.look(path, NOW).said.en == "no file yet; the agent begins one"
    with Outbox(path, new_epoch=1, today=NOW.date()):
        pass
    assert outbox.look(path, NOW).said.en == "0 messages and 0 windows wait, the oldest for -"
    path.write_bytes(b"not a database" * 1000)
    assert outbox.look(path, NOW).said.en == f"{path} is damaged"
    path.unlink()
    path.mkdir()
    assert outbox.look(path, NOW).said.en.startswith("cannot be read (")


def test_what_waits_for_a_day_is_told(tmp_path: Path) -> None:
    path = private(tmp_path)
    with Outbox(path, new_epoch=1, today=NOW.date()) as file:
        file.keep_window(int(NOW.timestamp()), "{}")
    young, old = (outbox.look(path, NOW + timedelta(hours=age)) for age in (23, 24))
    assert (young.sign, old.sign) == (Sign.OK, Sign.WARN)
    assert young.said.en == "0 messages and 1 windows wait, the oldest for 23 h"


def test_an_agent_that_runs_is_named(tmp_path: Path) -> None:
    path = private(tmp_path)
    assert agent.look(path).sign is Sign.WARN
    with lock.held(path):
        assert agent.look(path).said.en.startswith("runs as process ")


def test_the_clock_is_judged_by_its_source_and_the_zone_shows_the_hour() -> None:
    signs = [clock.look(source).sign for source in Clock]
    assert signs == [Sign.OK, Sign.OK, Sign.WARN]
    told = clock.zone("Asia/Shanghai", NOW).said.en
    assert told == "Asia/Shanghai, where it is 2026-05-04 20:00 (UTC+0800)"


@pytest.mark.parametrize("length", [0, 1, 2, 5, 40])
def test_bytes_that_end_too_early_are_no_certificate(length: int) -> None:
    with pytest.raises(NoCertificate):
        ends_at(b"\x30\x82\x01\x00\x30\x82\x00\xf0\xa0\x03\x02\x01\x02"[:length])


def test_a_connect_packet_is_that_of_the_standard() -> None:
    # MQTT 5, section 3.1: clean start, user name and password, keep alive of 30 s, no property.
    assert connect("a-doctor", "a", "pw") == (
        b"\x10\x1c\x00\x04MQTT\x05\xc2\x00\x1e\x00\x00\x08a-doctor\x00\x01a\x00\x02pw"
    )


def test_a_connack_is_waited_for_until_its_reason_is_there() -> None:
    answer = b"\x20\x03\x00\x87\x00"
    assert [reason(answer[:length]) for length in range(5)] == [None, None, None, None, 0x87]
    with pytest.raises(NotMqtt):
        reason(b"HTTP/1.1 200 OK")
