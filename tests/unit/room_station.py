"""A room whose windows a test can read, on a machine whose time it lets pass."""

from datetime import UTC, datetime, timedelta
from random import Random

from contract.topics import Stream
from contract.usage import UsageBatch
from edge_agent.occupancy.sensing import Count, Entered
from edge_agent.outbox import Outbox
from edge_agent.room import Room
from edge_agent.sensor_settings import OccupancySection
from edge_agent.telemetry import Telemetry
from tests.machine import Machine

SENSORS = OccupancySection.model_validate(
    {
        "seats": 4,
        "sensors": [
            {"name": "door", "source": "zigbee2mqtt", "door": True},
            {"name": "chairs", "source": "bthome", "address": "A4:C1:38:00:00:02"},
        ],
    }
)
MINUTE = timedelta(minutes=1)
QUARTER = datetime(2026, 2, 6, 7, 0, tzinfo=UTC)


class Station:
    """A room on a machine whose time the test lets pass."""

    def __init__(self, outbox: Outbox, machine: Machine | None = None) -> None:
        self.machine = machine or Machine(QUARTER)
        self.clock = self.machine.clock()
        self.connected = True
        self.outbox = outbox
        self.telemetry = Telemetry()
        self.woken = 0
        self.room = Room(
            "BJ-CY-012", SENSORS, outbox, self.telemetry, self._wake,
            clock=self.clock, rng=Random(1), is_connected=lambda: self.connected,
        )  # fmt: skip

    def _wake(self) -> None:
        self.woken += 1

    def live(self, minutes: int, people: int) -> None:
        """Let time pass, with every sensor saying the same each minute."""
        for _ in range(minutes):
            self.enter(0)
            self.room.sensed(Count("chairs", self.clock.since_start(), people))
            self.room.tick()
            self.machine.pass_time(MINUTE)

    def idle(self, minutes: int) -> None:
        """Let time pass without a word of any sensor."""
        for _ in range(minutes):
            self.room.tick()
            self.machine.pass_time(MINUTE)

    def enter(self, people: int) -> None:
        self.room.sensed(Entered("door", self.clock.since_start(), people))

    def starts(self) -> list[float]:
        """The minutes after QUARTER at which the numbered windows begin, in order."""
        return [
            (window.start - QUARTER.timestamp()) / 60
            for batch in self.messages()
            for window in batch.windows
        ]

    def messages(self) -> list[UsageBatch]:
        return [
            UsageBatch.model_validate_json(message.payload)
            for message in self.outbox.pending(1000)
            if message.stream is Stream.USAGE
        ]
