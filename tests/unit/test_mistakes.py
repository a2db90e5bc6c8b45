"""What somebody who mistypes an option is told, in a file or in the environment."""

from pathlib import Path

import pytest

from edge_agent import settings as edge
from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest import settings as ingest

STATION = '[station]\nid = "A"\n[mqtt]\nhost = "b"\n[radio]\ndevices = ["C0:FF:EE:00:00:01"]\n'


def told(file: Path, text: str) -> list[str]:
    """The problems of a station's file, one in a line."""
    file.write_text(text)
    with pytest.raises(Failure) as failed:
        settings_from(edge.load, file)
    first, *problems = str(failed.value).split("\n  ")
    assert first.endswith(f" has {len(problems)} problem(s):")
    return problems


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("[privacy]\nmin_bach = 5", "privacy.min_bach: no such option; did you mean min_batch?"),
        ("[privcy]\nmin_batch = 5", "privcy: no such option; did you mean privacy?"),
        ("[outbox]\nzzz = 5", "outbox.zzz: no such option"),
        (
            '[[occupancy.sensors]]\nname = "x"\nsource = "gpio"\npin = 1\npulup = true',
            "occupancy.sensors.0.gpio.pulup: no such option; did you mean pull_up?",
        ),
        (
            '[[occupancy.sensors]]\nname = "x"\nsource = "zigbee2mqtt"\npull_up = true',
            "occupancy.sensors.0.zigbee2mqtt.pull_up: no such option",
        ),
        (
            '[[occupancy.sensors]]\nsource = "ld2410"\nport = "x"',
            "occupancy.sensors.0.ld2410.name: is missing",
        ),
        (
            '[privacy]\nrelease = "immediate"',
            'privacy: `release = "immediate"` and `min_batch = 1` go together',
        ),
    ],
    ids=str,
)
def test_a_wrong_name_is_told_with_the_nearest_right_one(
    lines: str, problem: str, tmp_path: Path
) -> None:
    assert told(tmp_path / "station.toml", STATION + lines) == [problem]


def test_a_name_inside_a_nested_section_is_looked_for_there(tmp_path: Path) -> None:
    text = STATION.replace('host = "b"', 'host = "b"\ntls = { cafile = "ca.pem" }')
    assert told(tmp_path / "station.toml", text) == [
        "mqtt.tls.cafile: no such option; did you mean ca_file?"
    ]


def test_a_wrong_variable_is_told_with_the_nearest_right_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDGE__MQTT__PROT", "1883")
    monkeypatch.setenv("EDGE__PRIVCY__MIN_BATCH", "9")
    monkeypatch.setenv("EDGE__MQTT__KEEPALIVE_SECONDS", "1")
    assert told(tmp_path / "station.toml", STATION) == [
        "mqtt.keepalive_seconds: Input should be greater than or equal to 5"
        " (EDGE__MQTT__KEEPALIVE_SECONDS)",
        "mqtt.prot: no such option; did you mean port? (EDGE__MQTT__PROT)",
        "privcy.min_batch: no such option; did you mean privacy? (EDGE__PRIVCY__MIN_BATCH)",
    ]


def test_a_variable_of_no_section_is_an_error_though_all_else_is_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDGE__COLOUR", "red")
    assert told(tmp_path / "station.toml", STATION) == [
        "colour: no such option; did you mean clock? (EDGE__COLOUR)"
    ]


def test_a_variable_that_is_no_list_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDGE__RADIO__DEVICES", "my cuff")
    (tmp_path / "station.toml").write_text(STATION)
    with pytest.raises(Failure, match="the environment is not understood"):
        settings_from(edge.load, tmp_path / "station.toml")


def test_the_settings_of_ingest_are_told_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST__HTTP__PROT", "8080")
    with pytest.raises(Failure, match=r"http\.prot: no such option; did you mean port\?"):
        settings_from(ingest.load, None)


def test_no_value_is_repeated(tmp_path: Path) -> None:
    text = STATION.replace('host = "b"', 'host = "b"\npasword = "secret"\nport = "secret"')
    assert "secret" not in "".join(told(tmp_path / "station.toml", text))
