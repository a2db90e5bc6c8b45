"""What passes the broker while people use a station's cuff for weeks; desk and outbox are real."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contract.screening import HYPERTENSIVE, classify_blood_pressure
from contract.status import Release
from contract.topics import topic
from edge_agent.desk import Desk
from edge_agent.devices import blood_pressure, models
from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.devices.date_time import wall_clock
from edge_agent.outbox import Outbox
from edge_agent.settings import MqttSection, PrivacySection, RadioSection, Settings, StationSection
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry
from simulators.population import draw_person, draw_readings
from tests.machine import Machine
from tests.trends_city import SPRING

STATION = "BJ-CY-012"
IN_FORCE = PrivacySection()
CARELESS = PrivacySection(min_batch=1, release=Release.IMMEDIATE)

_MINUTE = timedelta(minutes=1)
_CLOSED = 11 * _MINUTE  # a session is over ten minutes after its last reading
_FIRST_SLOT, _LAST_SLOT = 16, 44  # half hours: people come from 8 to 22
_AT_NIGHT = (9, 14, 17, 21)  # minutes after midnight: before, twice while, and after it releases


class Seen(NamedTuple):
    """A message on the broker: where, when, and what it holds."""

    topic: str
    at: datetime
    payload: bytes

    @property
    def size(self) -> int:
        """All that is left to see of it behind a cipher."""
        return len(self.payload)


class Sitting(NamedTuple):
    """Somebody uses the cuff; pressures in mmHg, as the cuff shows them."""

    moment: datetime
    systolic: int
    diastolic: int

    @property
    def high(self) -> bool:
        """The class that an attacker wants to know."""
        return classify_blood_pressure(self.systolic, self.diastolic) in HYPERTENSIVE


def sittings(rng: Random, first: date, days: int, zone: ZoneInfo, daily: float) -> list[Sitting]:
    """So many people a day, never two within the gap of a session.

    All have the pressures of the same hour of spring, so that the chance of a high one is `prior`.
    """
    found = []
    slots = range(_FIRST_SLOT, _LAST_SLOT)
    for day in range(days):
        midnight = datetime.combine(first + timedelta(days=day), datetime.min.time(), zone)
        for slot in slots:
            if rng.random() < daily / len(slots):
                at = midnight + 30 * _MINUTE * slot + timedelta(seconds=rng.randrange(900))
                shown = draw_readings(rng, draw_person(rng), SPRING, 12)[-1]
                found.append(Sitting(at, shown.systolic, shown.diastolic))
    return found


def traffic(
    directory: Path, people: Sequence[Sitting], privacy: PrivacySection, until: datetime, seed: int
) -> list[Seen]:
    """Every message of a station from the day of the first visitor on, at the minute it leaves."""
    directory.mkdir(parents=True)
    machine = Machine(people[0].moment - timedelta(hours=1))
    clock = machine.clock()
    settings = Settings(
        station=StationSection(id=STATION),
        mqtt=MqttSection(host="localhost"),
        radio=RadioSection(devices=("C0:FF:EE:00:00:01",)),
        privacy=privacy,
    )
    today = people[0].moment.date()
    left: list[Seen] = []
    path = directory / "outbox.sqlite"
    with Outbox(path, new_epoch=7, today=today, clock=clock.now) as outbox:
        desk = Desk(settings, outbox, Telemetry(), lambda: None, clock=clock, rng=Random(seed))
        for moment, sitting in _moments(people, until):
            machine.pass_time(moment - machine.real)
            if sitting is not None:
                _measure(outbox, clock, sitting)
            desk.look()
            pending = outbox.pending(99)
            left += [Seen(topic(STATION, one.stream), moment, one.payload) for one in pending]
            outbox.settle(outbox.epoch, [one.seq for one in pending])
    return left


def _moments(
    people: Sequence[Sitting], until: datetime
) -> Iterator[tuple[datetime, Sitting | None]]:
    """When something can happen: visits, the ends of sessions, and the minutes of every night."""
    moments: dict[datetime, Sitting | None] = {}
    midnight = people[0].moment.replace(hour=0, minute=0, second=0, microsecond=0)
    while midnight < until:
        moments |= {midnight + minute * _MINUTE: None for minute in _AT_NIGHT}
        midnight += timedelta(days=1)
    for one in people:
        moments |= {one.moment: one, one.moment + _CLOSED: None}
    return ((at, moments[at]) for at in sorted(moments) if people[0].moment <= at <= until)


def _measure(outbox: Outbox, clock: StationClock, one: Sitting) -> None:
    reading = BloodPressureReading(
        float(one.systolic), float(one.diastolic), device_time=wall_clock(one.moment)
    )
    outbox.journal(
        "cuff", models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID,
        clock.since_start(), blood_pressure.encode(reading), clock.boot,
    )  # fmt: skip
