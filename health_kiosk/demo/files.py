"""The configuration files of the demo's processes, written into its directory."""

from getpass import getuser
from pathlib import Path

from simulators.city import CityStation

MIN_BATCH = 3
"""A full station of the demo releases this many sessions at once; the default is 5."""


def mosquitto(directory: Path, port: int) -> Path:
    """A private broker on the loopback interface that never drops a queued message."""
    return _write(
        directory / "mosquitto.conf",
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        f"user {getuser()}",
        "max_queued_messages 0",
        "max_inflight_messages 0",
        "persistence true",
        f"persistence_location {directory}/",
        "autosave_interval 30",
        "log_dest stderr",
        "connection_messages false",
    )


def ingest(directory: Path, *, broker: int, http: int) -> Path:
    """An ingest service that leaves the first release to the demo, after the history is loaded."""
    return _write(
        directory / "ingest.toml",
        "demo = true",
        "[mqtt]",
        f"port = {broker}",
        "[http]",
        f"port = {http}",
        "[store]",
        f'path = "{directory}/store.sqlite"',
        f'operations_url = "sqlite:///{directory}/operations.sqlite"',
        "[store.retention]",
        "raw_days = 0",  # however many weeks of history are asked for
        "usage_days = 0",
        "[release]",
        "automatic = false",
    )


def station(directory: Path, station: CityStation, *, broker: int, cuff: str) -> Path:
    """A full station with short waits and a small batch, so that a reading is seen to travel."""
    return _write(
        directory / f"{station.id}.toml",
        "[station]",
        f'id = "{station.id}"',
        "[mqtt]",
        'host = "127.0.0.1"',
        f"port = {broker}",
        "heartbeat_seconds = 5",
        "reconnect_max_seconds = 5",
        "drain_spread_seconds = 2",
        "[radio]",
        f'devices = ["{cuff}"]',
        "cool_down_seconds = 0.5",
        "retry_seconds = 1",
        "[session]",
        "gap_seconds = 2",
        "max_per_device_hour = 100000",
        "[privacy]",
        f"min_batch = {MIN_BATCH}",
        'release = "when_full"',
        "[outbox]",
        f'path = "{directory}/{station.id}.sqlite"',
        "[clock]",
        'trust = "always"',  # the demo's day is this computer's, whoever set its clock
    )


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
