"""The station's room: its sensors, the windows made of what they tell, and their departure."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from random import Random

from contract.errors import OutboxUnavailable, Rejected, Unavailable
from contract.usage import MAX_WINDOWS, WINDOW_SECONDS, UsageWindow
from edge_agent import room_sensors
from edge_agent.held_events import HeldEvents
from edge_agent.occupancy.beacons import Beacons
from edge_agent.occupancy.made import Made
from edge_agent.occupancy.sensing import Event
from edge_agent.occupancy.windows import Aggregator, publishing_delay
from edge_agent.outbox import Outbox
from edge_agent.release import compose_usage
from edge_agent.sensor_settings import OccupancySection
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry

MADE = "windows_made"
"""The note that tells which windows were made."""

BACKLOG_WINDOWS = 192
"""How many windows one message carries when a backlog drains: two days of them."""

_FEW_PENDING = 8
_TICK_SECONDS = 15.0
_CATCH_UP_SECONDS = 0.05
_BTHOME_UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"


class Room:
    """Listens to every sensor of one station; closed windows are on disk before they leave.

    Sensors count the time since the machine's start, which never steps. What they tell becomes
    windows at once or, while nobody knows the time, as soon as it is known.
    """

    def __init__(
        self,
        station: str,
        settings: OccupancySection,
        outbox: Outbox,
        telemetry: Telemetry,
        wake_publisher: Callable[[], None],
        *,
        clock: StationClock,
        rng: Random,
        is_connected: Callable[[], bool] = lambda: True,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called at each tick; a window is numbered only while `is_connected`."""
        self._station = station
        self._outbox = outbox
        self._telemetry = telemetry
        self._wake_publisher = wake_publisher
        self._clock = clock
        self._is_connected = is_connected
        self._beat = beat
        self._sensors = room_sensors.sensors(settings, clock.since_start, rng)
        self._beacons = Beacons(room_sensors.beacons(settings.sensors))
        noted = outbox.noted(MADE)
        self._made = Made.from_json(noted) if noted else Made()
        self._events = HeldEvents(
            Aggregator(
                seats=settings.seats,
                sensors=room_sensors.expected(settings.sensors),
                made=self._made,
            ),
            clock,
        )
        self._unkept: deque[UsageWindow] = deque(maxlen=MAX_WINDOWS)
        self._is_noted = True
        self._newest_end = 0
        self._delay = publishing_delay(station, seed=0)
        self._published = 0

    async def run(self) -> None:
        """Watch the sensors and the clock for ever; without sensors, send what is left of old."""
        async with asyncio.TaskGroup() as tasks:
            for sensor in self._sensors:
                tasks.create_task(sensor.run(self), name="sensor")
            tasks.create_task(self._watch_clock(), name="windows")

    def sensed(self, event: Event) -> None:
        """A sensor has told something; see `occupancy.sensing.Listener`."""
        if lost := self._events.take(event):
            self._telemetry.sensor_events_lost(lost)
        self._make_windows()

    def refused(self, problem: Rejected) -> None:
        """A sensor's message was not understood."""
        self._telemetry.sensor_refused(problem.reason)

    def lost(self, problem: Unavailable) -> None:
        """A sensor's source is away."""
        self._telemetry.sensor_lost(str(problem))

    def advertised(self, address: str, service_data: Mapping[str, bytes]) -> None:
        """A Bluetooth sensor of this station has advertised."""
        if (data := service_data.get(_BTHOME_UUID)) is None:
            return
        try:
            events = self._beacons.hear(address, data, self._clock.since_start())
        except Rejected as problem:
            self.refused(problem)
            return
        for event in events:
            self.sensed(event)

    def radio_lost(self) -> None:
        """The radio hears nothing any more, so the Bluetooth sensors are silent."""
        for event in self._beacons.silence(self._clock.since_start()):
            self.sensed(event)

    def tick(self) -> None:
        """Close the window that is over, and let closed ones go at this station's moment."""
        self._events.tell_time()
        self._make_windows()
        try:
            self.publish_live()
        except OutboxUnavailable:
            self._telemetry.disk_refused()

    def publish_live(self) -> None:
        """Number the newest window, once after each quarter of an hour, at this station's moment.

        Only while it can leave at once: what cannot is in no message yet, so that the backlog
        leaves in few messages. Raises OutboxUnavailable.
        """
        if not self._clock.trusted:
            return
        due = int((self._clock.now().timestamp() - self._delay) // WINDOW_SECONDS)
        if due == self._published:
            return
        if self._may_number() and self._release(1, newest=True):
            self._wake_publisher()
        self._published = due

    def release_backlog(self) -> bool:
        """Number the oldest windows in one message; whether there was any.

        The newest is left alone until its own moment has passed. Raises OutboxUnavailable.
        """
        waiting = self._outbox.backlog().windows - int(self._newest_waits())
        if waiting < 1 or not self._may_number():
            return False
        return self._release(min(waiting, BACKLOG_WINDOWS), newest=False)

    async def _watch_clock(self) -> None:
        while True:
            self.tick()
            self._beat()
            await asyncio.sleep(_CATCH_UP_SECONDS if self._events.behind else _TICK_SECONDS)

    def _make_windows(self) -> None:
        windows = self._events.windows()
        overflow = len(self._unkept) + len(windows) - MAX_WINDOWS
        if overflow > 0:
            self._telemetry.windows_lost(overflow)
        self._unkept.extend(windows)
        self._is_noted = self._is_noted and not windows
        try:
            self._keep()
        except OutboxUnavailable:
            self._telemetry.disk_refused()

    def _keep(self) -> None:
        """Put windows on disk, and only then that they were made."""
        while self._unkept:
            window = self._unkept[0]
            self._outbox.keep_window(window.start, window.model_dump_json(exclude_none=True))
            self._newest_end = window.start + WINDOW_SECONDS
            self._unkept.popleft()
        if not self._is_noted:
            self._outbox.note(MADE, self._made.to_json())
            self._is_noted = True

    def _may_number(self) -> bool:
        """A window leaves only after it is known for good that it was made."""
        few = self._outbox.ledger().pending < _FEW_PENDING
        return few and self._is_noted and self._is_connected()

    def _newest_waits(self) -> bool:
        age = self._clock.now().timestamp() - self._newest_end
        return 0 <= age < self._delay

    def _release(self, limit: int, *, newest: bool) -> bool:
        return self._outbox.release_windows(
            limit,
            lambda seq, windows: compose_usage(self._station, self._outbox.epoch, seq, windows),
            newest=newest,
        )
