"""Exact values are on the disk for as long as their session is open, and not an hour longer."""

import asyncio
import signal
from pathlib import Path

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from simulators.meter_habits import StripResult
from tests.e2e.platform import until
from tests.privacy.station import CUFF, METER, Plan, Station, running_station
from tests.privacy.traces import Traces, address, frame

PERSON = BloodPressureReading(157.0, 103.0, 121.0, pulse_bpm=91.0)
FRAME = encode(PERSON)

# The three pressures as the frame has them, and as a JSON of exact values would.
VALUES = (
    frame(FRAME)[0],
    frame(FRAME[1:7])[0],
    rb"157(\.0)?\D{1,20}103(\.0)?",
    rb"systolic",
)
KNOWN = Traces({"frame or values": VALUES, "cuff": address(CUFF), "meter": address(METER)})

FORGETFUL = """
from edge_agent.outbox.file import File
File.empty_log = lambda self: None
"""
INDISCREET = """
from edge_agent import anonymise
from edge_agent.outbox import Outbox
stage = Outbox.stage
def tell(self, rows, **rest):
    rows = [(measure, day, content + " 157/103") for measure, day, content in rows]
    stage(self, rows, **rest)
Outbox.stage = tell
"""


def found_on_disk(station: Station) -> dict[str, list[str]]:
    """What is known about the visit, by the file that holds it."""
    held = {name: KNOWN.found_in(content) for name, content in station.files().items()}
    return {name: found for name, found in held.items() if found}


async def arrived(station: Station, frames: int) -> None:
    await until(lambda: station.count("journal") == frames)


async def killed(station: Station) -> None:
    await asyncio.to_thread(station.end, signal.SIGKILL)


async def test_nothing_exact_is_on_disk_after_the_session_even_after_a_kill(
    tmp_path: Path,
) -> None:
    async with running_station(tmp_path, Plan(gap_seconds=2)) as station:
        station.cuff.measure(PERSON)
        await arrived(station, 1)
        assert any("frame or values" in found for found in found_on_disk(station).values())
        await killed(station)
        assert any("frame or values" in found for found in found_on_disk(station).values())
        station.start()
        await until(lambda: station.count("staged") == 1)
        await until(lambda: found_on_disk(station) == {})  # the log is emptied after the commit
        await killed(station)
        names = set(station.files())
        assert {"outbox.sqlite", "outbox.sqlite.reserve"} <= names
        assert found_on_disk(station) == {}
        station.start()
        station.meter.measure(StripResult(glucose_mmol_l=9.3))
        await until(lambda: station.count("staged") == 2)
        await until(lambda: found_on_disk(station) == {})
    assert found_on_disk(station) == {}


@pytest.mark.parametrize("prelude", [FORGETFUL, INDISCREET], ids=["log kept", "value kept"])
async def test_a_station_that_keeps_exact_values_would_be_noticed(
    prelude: str, tmp_path: Path
) -> None:
    async with running_station(tmp_path, Plan(prelude=prelude)) as station:
        await station.measured(PERSON)
        await killed(station)
        assert any("frame or values" in found for found in found_on_disk(station).values())
