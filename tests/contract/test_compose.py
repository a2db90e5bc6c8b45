"""The compose file names what exists, keeps to this machine, and gives settings that load."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.settings import load

ROOT = Path(__file__).parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRET = re.compile(r"\$\{(\w+)(:\?[^}]*)?\}")


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_file_and_volume_that_is_mounted_exists() -> None:
    sources = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    files = {source for source in sources if source.startswith(".")}
    assert all((ROOT / source).exists() for source in files)
    assert sources - files == set(COMPOSE["volumes"])


def test_every_image_has_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    assert sorted(images) == ["eclipse-mosquitto:2.0", "influxdb:2.7", "postgres:15"]


def test_every_secret_is_in_the_sample_and_none_has_a_value() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    sample = (ROOT / "deploy" / "compose.env.sample").read_text("utf-8")
    wanted = {name for name, _ in SECRET.findall(text)}
    assert wanted == set(re.findall(r"^(\w+)=$", sample, re.MULTILINE))


def test_ingest_takes_the_settings_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["ingest"]["environment"].items():
        monkeypatch.setenv(name, SECRET.sub("secret", value))
    settings = load(None)
    assert (settings.store.kind, settings.mqtt.host) == ("influx", "broker")
    assert settings.store.operations_url == "postgresql://kiosk:secret@postgres/kiosk"


def test_the_image_holds_every_package_and_the_extras_that_there_are() -> None:
    docker = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert all(f"COPY {name.rstrip('*')} " in docker for name in packages)
    (extras,) = re.findall(r'"\.\[(.*)\]"', docker)
    assert set(extras.split(",")) <= set(project["project"]["optional-dependencies"])
