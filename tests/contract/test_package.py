"""What is installed at a station: the unit as systemd reads it, and the package itself."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "deploy/systemd/health-kiosk-edge.service"
SCRIPTS = ("build.sh", "postinst", "prerm", "postrm")


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("deb")
    output("deploy/deb/build.sh", str(directory), "--without-venv")
    (built,) = directory.iterdir()
    return built


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    return parser["Service"]


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    # As installed, but with a program that exists here.
    copy = tmp_path / UNIT.name
    text = UNIT.read_text().replace(
        "/opt/health-kiosk/bin/health-kiosk", shutil.which("true") or ""
    )
    copy.write_text(re.sub(r"^EnvironmentFile=.*\n", "", text, flags=re.MULTILINE))
    told = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", str(copy)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    newer = r"Unknown key( name)? '(RestartSteps|RestartMaxDelaySec)'"  # systemd before 254
    complaints = [
        line
        for line in told.stderr.splitlines()
        if str(copy) in line and not re.search(newer, line)
    ]
    assert complaints == []
    assert told.returncode == 0, told.stderr


def test_the_unit_watches_the_agent_and_lets_no_memory_out() -> None:
    service = unit()
    assert (service["Type"], service["Restart"], service["LimitCORE"]) == ("notify", "always", "0")
    assert int(service["WatchdogSec"]) == 180
    assert "AF_BLUETOOTH" not in service["RestrictAddressFamilies"]
    # Without this call the station would never believe its clock.
    assert service["SystemCallFilter"].split() == ["adjtimex", "clock_adjtime", "clock_adjtime64"]
    assert "ProtectClock" not in service


def test_the_package_depends_on_the_python_that_it_was_built_with(package: Path) -> None:
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    minor = int(output("python3", "-c", "import sys; print(sys.version_info.minor)"))
    assert version is not None
    assert output("dpkg-deb", "-f", str(package), "Version").strip() == version[1]
    depends = output("dpkg-deb", "-f", str(package), "Depends").strip().split(", ")
    assert {f"python3 (>= 3.{minor}~)", f"python3 (<< 3.{minor + 1}~)", "bluez", "dbus"} <= set(
        depends
    )
    assert package.name.startswith(f"health-kiosk-edge_{version[1]}_")


def test_settings_and_secrets_are_kept_over_upgrades_and_closed_to_others(package: Path) -> None:
    files = {
        line.split()[-1]: line.split()[:2]
        for line in output("dpkg-deb", "-c", str(package)).splitlines()
    }
    for kept in ("station.toml", "edge.env"):
        assert files[f"./etc/health-kiosk/{kept}"] == ["-rw-r-----", "root/root"]
    assert files["./lib/systemd/system/health-kiosk-edge.service"] == ["-rw-r--r--", "root/root"]
    conffiles = output("dpkg-deb", "-I", str(package), "conffiles").split()
    assert conffiles == ["/etc/health-kiosk/station.toml", "/etc/health-kiosk/edge.env"]


def test_only_a_purge_deletes_readings() -> None:
    removal = (ROOT / "deploy/deb/postrm").read_text()
    before, purge = removal.split("purge)", 1)
    assert "rm -rf /var/lib/health-kiosk" in purge
    assert "rm " not in before
    assert "rm " not in (ROOT / "deploy/deb/prerm").read_text()


def test_a_station_with_the_settings_of_the_sample_is_neither_enabled_nor_started() -> None:
    installation = (ROOT / "deploy/deb/postinst").read_text()
    sample = installation.index('"$(id_in $CONFIG/station.toml)" = "$(id_in $SAMPLE)"')
    leaves = installation.index("exit 0", sample)
    assert leaves < installation.index("helper enable")
    assert leaves < installation.index("deb-systemd-invoke restart")
    # The function that reads the id, run as it stands there, on the sample itself.
    (function,) = re.findall(r"^id_in\(\).*$", installation, re.MULTILINE)
    assert output("sh", "-c", f"{function}\nid_in deploy/station.toml") == '"BJ-CY-012"\n'


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_executable_and_a_shell_can_read_them(script: str) -> None:
    path = ROOT / "deploy/deb" / script
    assert path.stat().st_mode & 0o111
    output("sh", "-n", str(path))
