"""The compose file: valid, pinned, without default secrets, and its files are what they must be."""

import os
import re
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from ingest.calendar import ZONE
from ingest.settings import Settings, load
from tests.integration.compose_file import COMPOSE, SERVICES, VARIABLE, environment
from tests.integration.compose_secrets import ROOT, Secrets, make

TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
ONE_SHOT = {"prepare"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return make(tmp_path_factory.mktemp("compose"), "broker.example", "10.1.2.3")


@pytest.mark.parametrize("profiles", [(), ("--profile", "sim")])
def test_docker_compose_understands_the_file(secrets: Secrets, profiles: tuple[str, ...]) -> None:
    environment_file = ("--env-file", str(secrets.environment))
    done = subprocess.run(
        ("docker-compose", *environment_file, *profiles, "config"),
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told = yaml.safe_load(done.stdout)["services"]
    # Version 1 shows all services, version 2 those of the profiles.
    assert set(told) - {"simulated-stations"} == set(SERVICES) - {"simulated-stations"}
    assert "simulated-stations" in told or not profiles
    awaited = told["ingest"]["depends_on"]["prepare"]["condition"]
    assert awaited == "service_completed_successfully"


def test_only_the_simulated_stations_wait_for_their_profile() -> None:
    profiles = {
        name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service
    }
    assert profiles == {"simulated-stations": ["sim"]}


def test_without_secrets_nothing_starts_and_the_command_that_makes_them_is_named(
    tmp_path: Path,
) -> None:
    empty = tmp_path / "env"
    empty.touch()
    done = subprocess.run(
        ("docker-compose", "--env-file", str(empty), "config"),
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode != 0
    assert "run deploy/secrets.sh" in done.stderr


def test_only_the_broker_listens_beyond_this_machine() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}
    open_to_all = {
        name for name, listed in ports.items()
        if any(not port.startswith("127.0.0.1:") for port in listed)
    }  # fmt: skip
    assert open_to_all == {"broker"}
    assert ports["broker"] == ["8883:8883"]


def test_grafana_counts_days_as_the_centre_does() -> None:
    """A board's whole days are Beijing's, wherever its reader is."""
    told = SERVICES["grafana"]["environment"]["GF_DATE_FORMATS_DEFAULT_TIMEZONE"]
    assert told == ZONE.key


def test_several_ingest_workers_find_a_port_each() -> None:
    (port,) = SERVICES["ingest"]["ports"]
    first, last = re.fullmatch(r"127\.0\.0\.1:(\d+)-(\d+):8080", port).groups()  # type: ignore[union-attr]
    assert int(last) - int(first) >= 8
    assert "container_name" not in TEXT


def test_every_file_and_volume_that_is_mounted_exists(secrets: Secrets) -> None:
    sources = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    made = {source for source in sources if source.startswith("./deploy/secrets/")}
    assert all((secrets.directory / Path(source).name).exists() for source in made)
    files = {source for source in sources if source.startswith(".")}
    assert all((ROOT / source).exists() for source in files - made)
    assert sources - files == set(COMPOSE["volumes"])


def test_every_image_is_one_exact_version() -> None:
    docker = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    images = {service["image"] for service in SERVICES.values()}
    images |= set(re.findall(r"^FROM (\S+)", docker, re.MULTILINE))
    assert len(images) == 7
    for image in images:
        assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+(\.\d+)?(-[\w-]+)?", image), image
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"health-kiosk-centre:{version}" in images
    broker = SERVICES["broker"]["image"]
    assert f"BROKER_IMAGE={broker}\n" in (ROOT / "deploy" / "secrets.sh").read_text("utf-8")


def test_whatever_lives_long_is_asked_for_its_health() -> None:
    for name, service in SERVICES.items():
        if name not in ONE_SHOT:
            assert service["restart"] == "unless-stopped", name
            assert "healthcheck" in service, name


def test_our_own_containers_may_write_nothing_but_their_volumes() -> None:
    ours = [service for service in SERVICES.values() if "build" in service]
    assert len(ours) == 4
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_every_secret_is_generated_and_none_has_a_default(secrets: Secrets) -> None:
    wanted = {name for name, _ in re.findall(r"\$\{(\w+)(:\?[^}]*)?\}", TEXT)}
    made = secrets.variables()
    assert wanted | {"BROKER_OPERATOR_PASSWORD"} == set(made)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in made.values())
    assert len(set(made.values())) == len(made)
    assert all(":?run deploy/secrets.sh" in found[0] for found in VARIABLE.finditer(TEXT))


def test_ingest_takes_the_settings_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch, secrets: Secrets
) -> None:
    settings = _loaded(monkeypatch, secrets)
    made = secrets.variables()
    assert (settings.store.kind, settings.mqtt.host, settings.mqtt.port) == (
        "influx",
        "broker",
        8883,
    )
    assert settings.mqtt.tls is not None
    assert str(settings.mqtt.tls.ca_file) == "/run/secrets/broker-ca.pem"
    assert settings.mqtt.user == "ingest"
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == made["BROKER_INGEST_PASSWORD"]
    url = f"postgresql://kiosk:{made['POSTGRES_PASSWORD']}@postgres/kiosk"
    assert settings.store.operations_url == url


def _loaded(monkeypatch: pytest.MonkeyPatch, secrets: Secrets) -> Settings:
    for name, value in environment("ingest", secrets.variables()).items():
        monkeypatch.setenv(name, value)
    return load(None)


def test_the_image_holds_every_package_and_the_extras_that_there_are() -> None:
    docker = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = [
        name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]
    ]
    assert all(f"COPY {name} " in docker for name in packages)
    (extras,) = re.findall(r'"\.\[(.*)\]"', docker)
    assert set(extras.split(",")) <= set(project["project"]["optional-dependencies"])
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", docker, re.MULTILINE)
    assert {f"!{one}" for line in copied for one in line.split()} == {
        line for line in sent if line.startswith("!")
    }


def test_the_image_does_not_run_as_root() -> None:
    docker = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (.*)$", docker, re.MULTILINE) == ["10001:10001"]
    assert docker.index("USER ") > docker.rindex("RUN ")
    assert SERVICES["prepare"]["user"] == "10001:0"


# deploy/secrets.sh


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_closed_to_others_and_none_is_shown(tmp_path: Path) -> None:
    made = Secrets(tmp_path / "secrets", tmp_path / ".env")
    done = made.run()
    assert _mode(made.environment) == 0o600
    assert _mode(made.directory) == 0o700
    assert _mode(made.directory / "broker-ca.key") == 0o600
    for value in made.variables().values():
        assert value not in done.stdout + done.stderr
        assert value not in (made.directory / "broker-passwords").read_text("utf-8")
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/.env", "/deploy/secrets/"} <= set(ignored)


def test_what_is_there_is_kept(secrets: Secrets) -> None:
    def state() -> dict[str, bytes]:
        files = [*secrets.directory.iterdir(), secrets.environment]
        return {file.name: file.read_bytes() for file in files}

    before = state()
    assert secrets.run("other.example").returncode == 0
    assert state() == before


def test_a_lost_env_file_does_not_cost_the_stations_their_passwords(tmp_path: Path) -> None:
    made = make(tmp_path, stations=("BJ-CY-012",))
    kept = made.passwords()
    made.environment.unlink()
    done = made.run()
    assert (done.returncode, "restore it" in done.stderr) == (1, True)
    assert made.passwords() == kept


def test_the_certificate_is_for_the_names_that_were_given(secrets: Secrets) -> None:
    certificate = secrets.directory / "broker.pem"
    shown = subprocess.run(
        ("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", certificate),
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in ("DNS:broker,", "DNS:localhost", "DNS:broker.example", "IP Address:10.1.2.3"):
        assert name in shown


@pytest.mark.parametrize("name", ["ingest", "operator", "probe", "a/b", "+"])
def test_no_station_takes_the_name_of_a_user_or_a_wildcard(
    secrets: Secrets, tmp_path: Path, name: str
) -> None:
    before = (secrets.directory / "broker-passwords").read_bytes()
    inventory = tmp_path / "stations.csv"
    inventory.write_text(f"id,name_zh\n{name},x\n")
    assert secrets.run("stations", str(inventory)).returncode == 1
    assert (secrets.directory / "broker-passwords").read_bytes() == before


# deploy/as-worker.sh


@contextmanager
def _worker(slots: Path) -> Iterator[str]:
    """A worker that tells its name and lives until its input ends."""
    process = subprocess.Popen(
        (str(ROOT / "deploy" / "as-worker.sh"), "sh", "-c", "echo $INGEST__MQTT__WORKER; exec cat"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"WORKER_SLOTS": str(slots)},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdout, process.stdin:
        yield process.stdout.readline().strip()
        process.kill()
        process.wait()


def test_workers_have_names_of_their_own_and_the_next_takes_one_that_is_free(
    tmp_path: Path,
) -> None:
    with _worker(tmp_path) as first:
        with _worker(tmp_path) as second, _worker(tmp_path) as third:
            assert (first, second, third) == ("ingest-1", "ingest-2", "ingest-3")
        with _worker(tmp_path) as again:
            assert again == "ingest-2"
