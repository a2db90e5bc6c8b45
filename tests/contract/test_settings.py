"""The sample settings list every option with its real default."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent import settings as edge
from ingest import settings as ingest

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def _uncommented(path: Path) -> dict[str, Any]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tomllib.loads("\n".join(re.sub(r"^#(?=\w+ = )", "", line) for line in lines))


def _options(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _options(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


@pytest.mark.parametrize(
    ("sample", "module"), [("station.toml", edge), ("ingest.toml", ingest)], ids=["edge", "ingest"]
)
def test_the_sample_lists_every_option_with_its_default(sample: str, module: Any) -> None:
    loaded = module.load(DEPLOY / sample)
    shown = _options(_uncommented(DEPLOY / sample))
    assert shown == _options(loaded.model_dump(mode="json", exclude_none=True))


def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE__MQTT__HOST", "broker.example")
    monkeypatch.setenv("EDGE__PRIVACY__MIN_BATCH", "9")
    loaded = edge.load(DEPLOY / "station.toml")
    assert (loaded.mqtt.host, loaded.privacy.min_batch) == ("broker.example", 9)
    assert loaded.mqtt.port == 1883


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('[station]\nid = "a/b"', "station.id"),
        ('[station]\nid = "A"\ntimezone = "Moon/Base"', "station.timezone"),
        ("[privacy]\nmin_bach = 5", "privacy.min_bach"),
        ('[privacy]\nrelease = "immediate"', "privacy"),
        ('[radio]\ndevices = ["my cuff"]', "radio.devices.0"),
        ('[radio.passkeys]\n"C0:FF:EE:00:00:09" = 1', "radio"),
        ('[[occupancy.sensors]]\nname = "x"\nsource = "sonar"', "occupancy.sensors.0"),
        ('[[occupancy.sensors]]\nname = "x"\nsource = "gpio"', "occupancy.sensors.0.gpio.pin"),
        ("[colour]\nred = 1", "colour"),
    ],
)
def test_a_mistake_is_named_by_its_place(line: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(line)
    with pytest.raises(ValidationError) as caught:
        edge.load(tmp_path / "station.toml")
    assert place in {".".join(map(str, one["loc"])) for one in caught.value.errors()}


def test_a_station_that_reads_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('[station]\nid = "A"\n[mqtt]\nhost = "b"\n')
    with pytest.raises(ValidationError, match="list a cuff or meter"):
        edge.load(tmp_path / "station.toml")


def test_the_privacy_minimum_cannot_be_lowered_at_ingest() -> None:
    with pytest.raises(ValidationError):
        ingest.ReleaseSection(minimum_sessions=19)
    with pytest.raises(ValidationError):
        ingest.ReleaseSection(delay_hours=1)
