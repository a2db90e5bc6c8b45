"""One person measures 152/96: the way of that reading, and every break of it."""

import json
import re
import signal
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading, Status
from edge_agent.devices.date_time import DeviceTime
from ingest.calendar import ZONE
from tests.e2e.platform import CUFF, NOON_ZONE, STATION, Platform, Process, running_platform, until
from tests.integration.broker import Broker

CAPTURES = Path(__file__).parent.parent / "golden" / "blood_pressure_captures.json"
USER_SLOT = 3
PERSON = BloodPressureReading(
    152.0,
    96.0,
    115.0,
    pulse_bpm=83.0,
    device_time=DeviceTime(2026, 2, 6, 14, 20, 31),
    user_slot=USER_SLOT,
    status=Status(0),
)
OTHERS = [BloodPressureReading(float(100 + n), 70.0, pulse_bpm=66.0) for n in range(4)]
PERSONS_ROW = ("grade1", None, 150, 95, 80, 1)
QUERY = (
    "SELECT category, subtype, systolic, diastolic, pulse, single"
    " FROM sessions WHERE systolic >= 140"
)


async def stage_the_others(platform: Platform) -> None:
    for number, reading in enumerate(OTHERS, start=1):
        platform.cuff.measure(reading)
        await platform.staged(number)


def rows_of_the_person(platform: Platform) -> list[tuple[Any, ...]]:
    return platform.sessions(QUERY)


async def test_one_persons_reading_is_one_anonymous_row(tmp_path: Path) -> None:
    async with running_platform(tmp_path) as platform:
        today = datetime.now(ZoneInfo(NOON_ZONE)).date()
        await stage_the_others(platform)
        platform.ingest.signal(signal.SIGSTOP)
        platform.cuff.measure(PERSON)
        await platform.batch_on_the_wire()
        assert platform.outbox("SELECT count(*) FROM messages") == [(1,)]
        assert rows_of_the_person(platform) == []

        platform.ingest.signal(signal.SIGCONT)
        await platform.settled(1)
        assert rows_of_the_person(platform) == [PERSONS_ROW]
        assert platform.sessions("SELECT count(*), count(DISTINCT at) FROM sessions") == [(5, 5)]
        ((at,),) = platform.sessions("SELECT at FROM sessions WHERE systolic >= 140")
        assert datetime.fromtimestamp(at // 10**9, ZONE).date() == today
        assert platform.operations("SELECT station, seq, outcome FROM ledger") == [
            (STATION, 1, "stored")
        ]

        await platform.stop_agent()
        expect_nothing_personal(platform)


def expect_nothing_personal(platform: Platform) -> None:
    """On the wire, in the logs, and on the station's disk."""
    wire = platform.wire.bytes()
    assert CUFF.encode() not in wire
    assert CUFF.replace(":", "").encode() not in wire.upper()
    assert re.search(rb"\d\d:\d\d", wire) is None
    assert re.search(rb"\b(152|96|83)(\.0)?\b", wire) is None
    batches = [
        json.loads(message.payload)
        for message in platform.wire.messages
        if message.topic.endswith("/screening")
    ]
    for batch in batches:
        assert set(batch) <= {
            "v", "station", "epoch", "seq", "measure", "from", "to", "rows", "rejects",
        }  # fmt: skip
        for row in batch["rows"]:
            assert set(row) <= {"c", "sub", "s", "d", "p", "single"}
    for log in (platform.agent.log(), platform.ingest.log()):
        assert CUFF not in log
        assert re.search(r"\b152\b", log) is None
    for file in platform.directory.glob("outbox.sqlite*"):
        assert CUFF.encode() not in file.read_bytes()


@pytest.mark.parametrize("moment", ["staged", "in flight"])
@pytest.mark.parametrize("victim", ["agent", "ingest", "broker"])
async def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(
    victim: str, moment: str, tmp_path: Path
) -> None:
    async with running_platform(tmp_path) as platform:
        parts: dict[str, Process | Broker] = {
            "agent": platform.agent,
            "ingest": platform.ingest,
            "broker": platform.broker,
        }
        await stage_the_others(platform)
        if moment == "in flight":
            platform.cuff.measure(PERSON)
            await platform.batch_on_the_wire()
        parts[victim].kill()
        if moment == "staged":
            platform.cuff.measure(PERSON)
        parts[victim].start()
        await platform.settled(1)
        assert rows_of_the_person(platform) == [PERSONS_ROW]
        assert platform.sessions("SELECT count(*) FROM sessions") == [(5,)]
        assert platform.operations("SELECT seq, outcome FROM ledger") == [(1, "stored")]


async def test_a_cuffs_bad_frame_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    async with running_platform(tmp_path) as platform:
        platform.cuff.measure_frame(bytes.fromhex("1f0048"))
        platform.cuff.measure_frame(bytes.fromhex("16FF07FF07FF07E80706170E230AFF070000"))
        await until(
            lambda: (
                platform.outbox("SELECT reason, count FROM rejects")
                == [("failed_measurement", 1), ("truncated", 1)]
            )
        )
        await stage_the_others(platform)
        platform.cuff.measure(PERSON)
        await platform.settled(1)
        batch = next(m for m in platform.wire.messages if m.topic.endswith("/screening"))
        assert json.loads(batch.payload)["rejects"] == {
            "failed_measurement": "<8",
            "truncated": "<8",
        }


async def test_captured_frames_of_real_cuffs_travel_the_whole_way(tmp_path: Path) -> None:
    captures = json.loads(CAPTURES.read_text(encoding="utf-8"))
    by_the_book = [one for one in captures if one["conforms_to_spec"]]
    readings = [one for one in by_the_book if "expected_handling" not in one]
    assert (len(by_the_book), len(readings)) == (4, 3)
    async with running_platform(tmp_path, min_batch=len(readings)) as platform:
        staged = 0
        for capture in by_the_book:
            platform.cuff.measure_frame(bytes.fromhex(capture["hex"]))
            if capture in readings:
                staged += 1
                await platform.staged(staged % len(readings))
            else:
                await until(lambda: platform.outbox("SELECT count FROM rejects") == [(1,)])
        await platform.settled(1)
        stored = platform.sessions("SELECT category, systolic, diastolic, pulse FROM sessions")
        assert sorted(stored, key=str) == [
            ("high_normal", 115, 80, 70),
            ("high_normal", 125, 75, 60),
            ("high_normal", 125, 80, 80),
        ]
