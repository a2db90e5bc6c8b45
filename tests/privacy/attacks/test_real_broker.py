"""A real agent on a real broker is overheard: it says the same as the station that is simulated."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.settings import PrivacySection
from ingest.calendar import ZONE
from tests.e2e.platform import NOON_ZONE, until
from tests.privacy.attacks.belief import Finding
from tests.privacy.attacks.eavesdropping import HOUR, eavesdropper
from tests.privacy.attacks.traffic import CARELESS, IN_FORCE, Seen, Sitting, traffic
from tests.privacy.attacks.view import prior
from tests.privacy.station import SHIFTED, Plan, Station, running_station

PRESSURES = ((118, 76), (152, 94), (127, 81), (163, 88), (111, 70), (134, 79))
"""Of six people; the second is the victim."""

VICTIM = 1
PRIOR = prior()
DAY = timedelta(days=1)


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a short name, for a socket's may not be long."""
    return tmp_path_factory.mktemp("real") / "one"


async def overheard(directory: Path, privacy: PrivacySection) -> tuple[list[Seen], list[Sitting]]:
    """Six people measure, and a night goes by in a moment; times are the station's own."""
    ahead = directory.parent / "ahead"
    ahead.write_text("0")
    prelude = SHIFTED.format(path=str(ahead))
    plan = Plan(privacy.release, privacy.min_batch, jitter_seconds=1, prelude=prelude)
    shift = timedelta(0)
    people = []
    seen: list[Seen] = []

    def listen(station: Station) -> None:
        """Date what has come since the last time."""
        for number in range(len(seen), len(station.published)):
            at = (station.arrived[number] + shift).astimezone(ZoneInfo(NOON_ZONE))
            seen.append(Seen(station.published[number][0], at, station.published[number][1]))

    async with running_station(directory / "station", plan) as station:
        for systolic, diastolic in PRESSURES:
            people.append(Sitting(now(), systolic, diastolic))
            await used(station, people[-1], len(people))
        listen(station)
        shift = midnight(people[0].moment) - now() + timedelta(minutes=11)
        ahead.write_text(str(shift.total_seconds()))
        await until(lambda: rows(station.published) == len(PRESSURES))
        listen(station)
    return seen, people


async def used(station: Station, one: Sitting, people: int) -> None:
    """The cuff is used, and what it says waits for the night, or has left if it may at once."""
    station.cuff.measure(BloodPressureReading(float(one.systolic), float(one.diastolic)))
    if station.plan.min_batch == 1:
        await until(lambda: rows(station.published) == people)
    else:
        await until(lambda: station.count("staged") == people)


def rows(published: Sequence[tuple[str, bytes]]) -> int:
    return sum(
        len(json.loads(payload)["rows"]) for topic, payload in published if "/screening" in topic
    )


def now() -> datetime:
    return datetime.now(UTC).astimezone(ZoneInfo(NOON_ZONE))


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + DAY


def batches(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """What the screening messages say, without their numbers and in one order of rows."""
    found = [json.loads(one.payload) for one in seen if one.topic.endswith("/screening")]
    for one in found:
        one.pop("epoch")
        one["rows"].sort(key=str)
    return found


def simulated(directory: Path, people: Sequence[Sitting], privacy: PrivacySection) -> list[Seen]:
    """The same people on the same day, half an hour apart, at a station that is simulated."""
    noon = people[0].moment.replace(hour=12, minute=0, tzinfo=ZONE)
    apart = [one._replace(moment=noon + n * HOUR / 2) for n, one in enumerate(people)]
    return traffic(directory, apart, privacy, noon + DAY, 1)


def believed(seen: Sequence[Seen], people: Sequence[Sitting]) -> Finding:
    return eavesdropper(seen, people[VICTIM].moment, PRIOR)


async def test_a_real_agent_is_overheard_at_night_like_the_simulated_one(
    tmp_path: Path, short: Path
) -> None:
    seen, people = await overheard(short, IN_FORCE)
    assert batches(seen) == batches(simulated(tmp_path / "simulated", people, IN_FORCE))
    (left,) = [one.at for one in seen if one.topic.endswith("/screening")]
    assert timedelta(minutes=10) <= left - midnight(people[0].moment) <= timedelta(minutes=20)
    assert believed(seen, people) == Finding(2 / len(people))


async def test_a_real_agent_that_sends_at_once_is_overheard_as_well(
    tmp_path: Path, short: Path
) -> None:
    seen, people = await overheard(short, CARELESS)
    assert batches(seen) == batches(simulated(tmp_path / "simulated", people, CARELESS))
    moments = [one.at for one in seen if one.topic.endswith("/screening")]
    for left, one in zip(moments, people, strict=True):
        assert timedelta(0) <= left - one.moment <= timedelta(seconds=10)
    assert believed(seen, people) == Finding(1.0)
