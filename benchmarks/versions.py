"""Which versions of what were measured: programs, packages, and this project itself."""

import os
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PROGRAMS = {
    "mosquitto": ("mosquitto", "-h"),
    "influxd": ("influxd", "version"),
    "nginx": ("nginx", "-v"),
    "chromium": ("chromium", "--version"),
}
_PACKAGES = ("paho-mqtt", "pydantic", "sqlalchemy", "influxdb-client", "fastapi", "bleak")
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_PATIENCE_SECONDS = 30


def versions() -> dict[str, str]:
    """Names and versions of what takes part; a program that is not installed is left out."""
    found = {name: _program(*command) for name, command in _PROGRAMS.items()}
    found |= {name: _package(name) for name in _PACKAGES}
    return {name: number for name, number in found.items() if number}


def commit() -> str:
    """What of this project is measured: a commit, and whether files differ from it."""
    head = _said("git", "-C", str(_ROOT), "rev-parse", "--short=12", "HEAD").strip()
    if not head:
        return "unknown"
    changed = _said("git", "-C", str(_ROOT), "status", "--porcelain", "--", "*.py", "*.toml")
    return f"{head} and changes" if changed else head


def _program(name: str, *arguments: str) -> str:
    number = _NUMBER.search(_said(name, *arguments))
    return number[0] if number else ""


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _said(name: str, *arguments: str) -> str:
    """All that a program says; nothing if it is not there."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
    if (program := shutil.which(name, path=path)) is None:
        return ""
    done = subprocess.run(
        (program, *arguments),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    return done.stdout + done.stderr
