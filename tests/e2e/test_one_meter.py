"""A glucose meter that wants a passkey: from its control point to the store."""

import re
from pathlib import Path

from simulators.meter_habits import TOO_LOW, StripResult, control_solution
from tests.e2e.platform import METER, Platform, running_platform, until

QUERY = "SELECT measure, category, glucose, systolic FROM sessions ORDER BY category"


async def test_a_meters_records_are_stored_once_each_and_its_checks_never(tmp_path: Path) -> None:
    async with running_platform(tmp_path, min_batch=1) as platform:
        platform.meter.measure(StripResult(glucose_mmol_l=6.1))
        await platform.settled(1)
        platform.meter.measure(control_solution(5.5))
        await until(
            lambda: (
                platform.outbox("SELECT reason, count FROM rejects") == [("control_solution", 1)]
            )
        )
        platform.meter.measure(TOO_LOW)
        await platform.settled(2)
        assert platform.sessions(QUERY) == [
            ("glu_casual", "usual", 6.1, None),
            ("glu_casual", "very_low", 0.0, None),
        ]
        await platform.stop_agent()
        expect_nothing_personal(platform)


def expect_nothing_personal(platform: Platform) -> None:
    """On the wire, in the log, and on the station's disk."""
    wire = platform.wire.bytes()
    assert METER.encode() not in wire
    assert re.search(rb"\d\d:\d\d", wire) is None
    assert METER not in platform.agent.log()
    for file in platform.directory.glob("outbox.sqlite*"):
        assert METER.encode() not in file.read_bytes()
