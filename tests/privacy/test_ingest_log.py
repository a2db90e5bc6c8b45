"""A real ingest at DEBUG: its log holds no value, no row, and no station with a time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from contract.topics import Stream
from health_kiosk.ports import free_port
from ingest.operations import Operations
from tests.integration.broker import running_broker
from tests.integration.ingest import CHAOYANG, STATIONS, screening, talking, until
from tests.privacy.traces import Traces, number

STRANGER = "BJ-ZZ-901"
ODD_ROWS = [
    {"c": "grade2", "s": 170, "d": 105, "p": 110},
    {"c": "high_normal", "s": 125, "d": 65, "p": 90, "single": True},
]
STORED, REFUSED, UNKNOWN, GARBAGE = (
    screening(1, rows=ODD_ROWS),
    screening(2, rows=[{"c": "grade1", "s": 157, "d": 93, "serial": "VM7305519"}]),
    screening(1, STRANGER, rows=ODD_ROWS),
    b"\xff 163/97 VM7305520",
)
KNOWN = Traces(
    {
        "pressures": (*number(170), *number(105), *number(125), *number(65), *number(157)),
        "pulse": (*number(110), *number(90)),
        "category": (rb"grade2|grade1|high_normal",),
        "row": (rb"\"s\"|'s':|systolic|rows=|\"rows\"",),
        "serial": (rb"vm73055\d\d",),
        "station": tuple(one.lower().encode() for one in (CHAOYANG, STRANGER)),
        "garbage": (rb"163/97",),
    }
)
_LENGTH_OF_A_STAMP = len("2026-02-06 14:20:31,157 ")
_MAIN = "\nfrom health_kiosk.cli import main\nmain()\n"
TALKATIVE = """
import logging
from ingest.pipeline import Pipeline
settle = Pipeline.settle
def tell(self, deliveries):
    for one in deliveries:
        logging.getLogger("ingest").debug("%s %s", one.topic, one.payload)
    return settle(self, deliveries)
Pipeline.settle = tell
"""
NAMING = """
import logging
from ingest.pipeline import Pipeline
settle = Pipeline.settle
def tell(self, deliveries):
    logging.getLogger("ingest").debug("a batch of %s", deliveries[0].topic.split("/")[2])
    return settle(self, deliveries)
Pipeline.settle = tell
"""


@contextmanager
def child(directory: Path, broker_port: int, prelude: str) -> Iterator[Path]:
    """An ingest process at DEBUG, ended in good order; its log."""
    url = f"sqlite:///{directory}/operations.sqlite"
    with closing(Operations(url)) as operations:
        operations.inventory.register(STATIONS)
    settings, log = directory / "ingest.toml", directory / "ingest.log"
    settings.write_text(
        f"[mqtt]\nport = {broker_port}\nretry_seconds = 0.05\nretry_max_seconds = 0.1\n"
        f"[http]\nport = {free_port()}\n"
        f'[store]\npath = "{directory}/store.sqlite"\noperations_url = "{url}"\n'
        "[store.retention]\nraw_days = 0\n[release]\ncheck_every_seconds = 0.1\n"
    )
    command = (
        sys.executable, "-c", prelude + _MAIN, "--log-level", "debug",
        "ingest", "--config", str(settings),
    )  # fmt: skip
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ)
    try:
        until(lambda: b"connected to the broker" in log.read_bytes())
        yield log
    finally:
        process.terminate()
        process.wait(10)


def logged(directory: Path, prelude: str = "") -> bytes:
    """What ingest logs, without the time of each line, while odd batches pass and fail."""
    with running_broker(directory) as broker, child(directory, broker.port, prelude) as log:
        with talking(broker) as station, talking(broker, STRANGER) as stranger:
            for message in (STORED, REFUSED, GARBAGE):
                station.send(Stream.SCREENING, message)
            stranger.send(Stream.SCREENING, UNKNOWN)
            station.receipted(2)
            stranger.receipted(1)
            sessions, away = directory / "store-sessions.sqlite", directory / "away.sqlite"
            sessions.rename(away)
            sessions.mkdir()
            station.send(Stream.SCREENING, screening(3, rows=ODD_ROWS))
            until(lambda: log.read_bytes().count(b"cannot commit") >= 2)
            sessions.rmdir()
            away.rename(sessions)
            station.receipted(3)
        until(lambda: b"released" in log.read_bytes())
    lines = log.read_bytes().splitlines()
    return b"\n".join(one[_LENGTH_OF_A_STAMP:] if one[:2] == b"20" else one for one in lines)


def test_the_log_of_ingest_at_debug_holds_no_value_row_or_station(tmp_path: Path) -> None:
    log = logged(tmp_path)
    for event in (b"committed", b"quarantined", b"cannot commit", b"released"):
        assert event in log
    assert KNOWN.found_in(log) == []


@pytest.mark.parametrize(
    ("prelude", "told"),
    [(TALKATIVE, {"pressures", "category", "row", "serial", "station"}), (NAMING, {"station"})],
    ids=["messages", "stations"],
)
def test_an_ingest_that_logs_what_comes_would_be_noticed(
    prelude: str, told: set[str], tmp_path: Path
) -> None:
    assert told <= set(KNOWN.found_in(logged(tmp_path, prelude)))
