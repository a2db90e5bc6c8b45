"""A real agent is visited, and neither the wire nor its log at DEBUG tells of anybody."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_agent.devices.blood_pressure import BloodPressureReading, Status, encode
from edge_agent.devices.date_time import DeviceTime
from simulators.meter_habits import StripResult
from tests.e2e.platform import until
from tests.privacy.station import (
    CUFF,
    FIRST_SEQUENCE,
    METER,
    PASSKEY,
    SEEDED,
    SERIAL,
    Plan,
    Station,
    running_station,
)
from tests.privacy.traces import Traces, address, frame, moment, number, telling_patterns

USER_SLOT = 217
GLUCOSE = 9.3
PERSON = BloodPressureReading(
    157.0,
    103.0,
    121.0,
    pulse_bpm=91.0,
    device_time=DeviceTime(2026, 2, 6, 14, 20, 31),
    user_slot=USER_SLOT,
    status=Status(0),
)
OTHERS = [BloodPressureReading(float(101 + 2 * n), 71.0, pulse_bpm=66.0) for n in range(4)]

TALKATIVE = """
import logging
from edge_agent.telemetry import Telemetry
Telemetry.frame_received = lambda self: logging.getLogger("edge_agent").debug("a frame")
"""
HASTY = """
from datetime import date
from edge_agent import health
from edge_agent.condition import Conditions
def talked(self, device, kind, battery_percent):
    after = health.talked(self._health, device, kind, battery_percent)
    lost = self._outbox.losses()
    self._health = health.go_round(after, self._place.devices, lost, date(2026, 2, 6))
Conditions.talked = talked
"""
TELLTALE = """
import logging
from edge_agent.intake import Intake
take = Intake.take
def tell(self, device, model, arrived):
    logging.getLogger("edge_agent").debug("%s: %s", device, arrived.data.hex())
    take(self, device, model, arrived)
Intake.take = tell
"""


def traces(at: datetime) -> Traces:
    """Everything about the person and the devices that nobody may find."""
    return Traces(
        {
            "cuff": address(CUFF),
            "meter": address(METER),
            "serial": (SERIAL.lower().encode(),),
            "passkey": number(PASSKEY),
            "user slot": number(USER_SLOT),
            "sequence number": number(FIRST_SEQUENCE),
            "systolic": number(157),
            "diastolic": number(103),
            "mean": number(121),
            "pulse": number(91),
            "glucose": number(GLUCOSE),
            "frame": frame(encode(PERSON)),
            "device time": (b"14:20", b"2026-02-06"),
            "time of the visit": moment(at),
        }
    )


async def visit(station: Station) -> None:
    """Four people, the person, and a diabetic; a cuff that fails; nobody gives their name."""
    for reading in OTHERS:
        await station.measured(reading)
    station.cuff.fail()
    await until(lambda: station.count("rejects") == 1)
    station.cuff.measure(PERSON)


async def test_wire_and_log_hold_nothing_of_anybody(tmp_path: Path) -> None:
    async with running_station(tmp_path, Plan(release="when_full")) as station:
        at = datetime.now().astimezone()
        await visit(station)
        await until(lambda: any(topic.endswith("/screening") for topic, _ in station.published))
        station.meter.measure(StripResult(glucose_mmol_l=GLUCOSE))
        await until(lambda: station.count("staged") == 1)
    known = traces(at)
    said = b"\n".join(topic.encode() + b" " + payload for topic, payload in station.published)
    assert b'"measure":"bp"' in station.tapped
    for content in (said, bytes(station.tapped), "\n".join(station.log_lines()).encode()):
        assert known.found_in(content) == []
    assert telling_patterns(said) == []


async def test_an_agent_that_logs_what_it_hears_would_be_noticed(tmp_path: Path) -> None:
    async with running_station(tmp_path, Plan(prelude=TELLTALE)) as station:
        at = datetime.now().astimezone()
        await station.measured(OTHERS[0])
        await station.measured(PERSON)
    log = "\n".join(station.log_lines()).encode()
    assert traces(at).found_in(log) == ["cuff", "frame"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a station has told: by its messages, in order, and by its log."""

    messages: list[tuple[str, bytes]]
    log: list[str]


async def told(directory: Path, *, visited: bool, prelude: str = "") -> Told:
    """By a station that people measure at, fewer than may leave, or by one that nobody enters."""
    async with running_station(directory, Plan(prelude=SEEDED + prelude)) as station:
        if visited:
            for reading in OTHERS[:3]:
                await station.measured(reading)
            station.cuff.fail()
            await until(lambda: station.count("rejects") == 1)
            station.meter.measure(StripResult(glucose_mmol_l=GLUCOSE))
            await until(lambda: station.count("staged") == 4)
        assert station.count("staged") == (4 if visited else 0)
        messages = await station.said(len(station.published) + 3)
    return Told(messages, station.log_lines())


async def test_traffic_and_log_are_the_same_with_and_without_visitors(tmp_path: Path) -> None:
    quiet = await told(tmp_path / "quiet", visited=False)
    busy = await told(tmp_path / "busy", visited=True)
    weak = await told(tmp_path / "weak", visited=True, prelude=TALKATIVE + HASTY)
    assert any("connected to the broker" in line for line in quiet.log)
    assert b'"condition":{' in quiet.messages[-1][1]
    assert busy.log == quiet.log
    # A heartbeat like the one before it is all that may be there more often.
    assert set(quiet.messages) == set(busy.messages)
    assert busy.messages[: len(quiet.messages)] == quiet.messages
    assert weak.log != quiet.log
    assert set(weak.messages) != set(quiet.messages)


async def test_a_running_agent_leaves_no_core_behind(tmp_path: Path) -> None:
    async with running_station(tmp_path) as station:
        assert station.process is not None
        process = Path(f"/proc/{station.process.pid}")
        limits = await asyncio.to_thread((process / "limits").read_text)
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
