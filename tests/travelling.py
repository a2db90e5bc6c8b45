"""A station's desk, room and file on a computer whose clock goes wrong in every way there is."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from contract.screening_message import AnyBatch, ScreeningMessage
from contract.status import Release
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from edge_agent import timekeeping
from edge_agent.desk import Desk
from edge_agent.devices import blood_pressure, models
from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.devices.date_time import wall_clock
from edge_agent.frame import Frame
from edge_agent.occupancy.sensing import Count, Entered
from edge_agent.outbox import Outbox
from edge_agent.room import Room
from edge_agent.sensor_settings import OccupancySection
from edge_agent.settings import (
    ClockSection,
    MqttSection,
    PrivacySection,
    RadioSection,
    SessionSection,
    Settings,
    StationSection,
)
from edge_agent.telemetry import Telemetry
from tests.machine import Machine

CUFF = "C0:FF:EE:00:00:01"
SENSORS = OccupancySection.model_validate(
    {
        "seats": 4,
        "sensors": [
            {"name": "door", "source": "zigbee2mqtt", "door": True},
            {"name": "chairs", "source": "bthome", "address": "A4:C1:38:00:00:02"},
        ],
    }
)
IMMEDIATE = PrivacySection(min_batch=1, release=Release.IMMEDIATE)
MINUTE = timedelta(minutes=1)

Row = tuple[str, date, str]


class Recording(Outbox):
    """An outbox that tells the day of each session that was staged."""

    days: list[date]

    def stage(self, rows: Iterable[Row], **rest: Any) -> None:
        """As the outbox does, then take note."""
        rows = list(rows)
        super().stage(rows, **rest)
        self.days += [day for _, day, _ in rows]


class Station:
    """Runs the agent's parts by hand: a test lets time pass, and the machine do what it likes."""

    def __init__(
        self,
        path: Path,
        machine: Machine,
        *,
        zone: str = "Asia/Shanghai",
        privacy: PrivacySection = IMMEDIATE,
        hold_hours: float = 72,
        outbox: type[Recording] | None = None,
    ) -> None:
        self.machine = machine
        self.zone = ZoneInfo(zone)
        self.telemetry = Telemetry()
        self.connected = True
        self.days: list[date] = []
        self.batches: list[AnyBatch] = []
        self.windows: list[UsageWindow] = []
        self.messages = 0
        self._path = path
        self._outbox_class = outbox or Recording
        self._settings = Settings(
            station=StationSection(id="BJ-CY-012", timezone=zone),
            mqtt=MqttSection(host="localhost"),
            radio=RadioSection(devices=(CUFF,)),
            session=SessionSection(max_per_device_hour=1000),
            privacy=privacy,
            occupancy=SENSORS,
            clock=ClockSection(hold_hours=hold_hours),
        )
        self._open()

    def restart_agent(self) -> None:
        """The process ends and another begins."""
        self.close()
        self._open()

    def restart_machine(self, *, after: timedelta, shown: datetime | None = None) -> None:
        """A power cut; without `shown` the computer's clock has gone on."""
        self.close()
        self.machine.restart(after=after, shown=shown)
        self._open()

    def close(self) -> None:
        """The process is gone."""
        with suppress(AttributeError):
            self.outbox.__exit__()

    def look(self) -> None:
        """What the agent does every second."""
        self.clock.look()
        self.desk.look()
        self.room.tick()

    def live(self, span: timedelta, *, people: int = 2, step: timedelta = MINUTE) -> None:
        """Let time pass in steps; one person comes in at the beginning of each."""
        until = self.machine.real + span
        while self.machine.real < until:
            now = self.clock.since_start()
            self.room.sensed(Entered("door", now, 1))
            self.room.sensed(Count("chairs", now, people))
            self.look()
            self.machine.pass_time(min(step, until - self.machine.real))
        self.look()

    def furnish(self, span: timedelta) -> None:
        """Like `live`, for weeks: the room every five minutes and the desk once at the end."""
        until = self.machine.real + span
        while self.machine.real < until:
            self.machine.pass_time(5 * MINUTE)
            self.clock.look()
            self.room.sensed(Entered("door", self.clock.since_start(), 1))
            self.room.tick()
        self.desk.look()

    def idle(self, span: timedelta, *, step: timedelta = MINUTE) -> None:
        """Let time pass without a word of any sensor."""
        until = self.machine.real + span
        while self.machine.real < until:
            self.machine.pass_time(min(step, until - self.machine.real))
            self.look()

    def measure(self, systolic: float = 120, *, shown: datetime | None = None) -> None:
        """Somebody uses the cuff, whose own clock is right if `shown` is not given."""
        time = wall_clock((shown or self.machine.real).astimezone(self.zone))
        reading = BloodPressureReading(systolic, 80.0, device_time=time)
        frame = Frame(
            0, CUFF, models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID,
            self.clock.since_start(), blood_pressure.encode(reading), self.clock.boot,
        )  # fmt: skip
        self.outbox.journal_all([frame])

    def catch_up(self) -> None:
        """Let the room and the desk do everything that they can do now."""
        for _ in range(100):
            self.look()

    def finish(self) -> None:
        """Wait for the newest window's moment, then deliver."""
        self.live(3 * MINUTE)
        self.deliver()

    def deliver(self) -> None:
        """Take every message, as the centre does, and with it the room's backlog."""
        while self._take() or self.room.release_backlog():
            pass

    def undated(self) -> int:
        """How many readings were refused because nobody knows their day."""
        return self.telemetry.counts["edge_readings_rejected_total{reason=undated}"]

    def starts(self) -> list[datetime]:
        """When the delivered windows begin, in order of their delivery."""
        return [datetime.fromtimestamp(window.start, UTC) for window in self.windows]

    def _open(self) -> None:
        self.clock = self.machine.clock()
        today = self.machine.shown.astimezone(self.zone).date()
        self.outbox = self._outbox_class(
            self._path, new_epoch=7, today=today, clock=self.clock.now
        ).__enter__()
        self.outbox.days = self.days
        timekeeping.begin(self.clock, self.outbox)
        self.desk = Desk(
            self._settings, self.outbox, self.telemetry, lambda: None,
            clock=self.clock, rng=Random(1),
        )  # fmt: skip
        self.room = Room(
            "BJ-CY-012", SENSORS, self.outbox, self.telemetry, lambda: None,
            clock=self.clock, rng=Random(1), is_connected=lambda: self.connected,
        )  # fmt: skip

    def _take(self) -> bool:
        pending = self.outbox.pending(100)
        for message in pending:
            self.messages += 1
            if message.stream is Stream.USAGE:
                self.windows += UsageBatch.model_validate_json(message.payload).windows
            else:
                self.batches.append(ScreeningMessage.model_validate_json(message.payload).root)
        self.outbox.settle(self.outbox.epoch, [message.seq for message in pending])
        return bool(pending)
