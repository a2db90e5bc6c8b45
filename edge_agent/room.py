"""The station's room: its sensors, the windows made of what they tell, and their departure."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random

from contract.errors import Rejected, Unavailable
from contract.usage import MAX_WINDOWS, WINDOW_SECONDS, UsageWindow
from edge_agent.desk import Clock
from edge_agent.occupancy.beacons import Beacon, Beacons, Counting
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.gpio import PinSensor, Wiring
from edge_agent.occupancy.ld2410_port import Radar
from edge_agent.occupancy.sensing import Event, Sensor
from edge_agent.occupancy.windows import Aggregator, Expected, publishing_delay
from edge_agent.occupancy.zigbee2mqtt import Bridge
from edge_agent.occupancy.zigbee2mqtt_subscriber import Subscriber
from edge_agent.outbox import Outbox
from edge_agent.release import compose_usage
from edge_agent.sensor_settings import (
    AnySensor,
    BthomeSensor,
    GpioSensor,
    OccupancySection,
    RadarSensor,
    ZigbeeSensor,
)
from edge_agent.telemetry import Telemetry

_TICK_SECONDS = 15.0
_BTHOME_UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"


class Room:
    """Listens to every sensor of one station; closed windows are on disk before they leave."""

    def __init__(
        self,
        station: str,
        settings: OccupancySection,
        outbox: Outbox,
        telemetry: Telemetry,
        wake_publisher: Callable[[], None],
        *,
        clock: Clock,
        rng: Random,
    ) -> None:
        self._station = station
        self._outbox = outbox
        self._telemetry = telemetry
        self._wake_publisher = wake_publisher
        self._clock = clock
        self._sensors = _sensors(settings, clock, rng)
        self._beacons = Beacons(_beacons(settings.sensors))
        self._aggregator = Aggregator(seats=settings.seats, sensors=_expected(settings.sensors))
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
        self._keep(self._aggregator.take(event))

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
            events = self._beacons.hear(address, data, self._clock())
        except Rejected as problem:
            self.refused(problem)
            return
        for event in events:
            self.sensed(event)

    def tick(self) -> None:
        """Close the window that is over, and let closed ones go at this station's moment."""
        now = self._clock()
        self._keep(self._aggregator.advance(now))
        self._publish(now.timestamp())

    async def _watch_clock(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(_TICK_SECONDS)

    def _keep(self, window: UsageWindow | None) -> None:
        if window is not None:
            self._outbox.keep_window(window.start, window.model_dump_json(exclude_none=True))

    def _publish(self, now: float) -> None:
        """Once after each quarter of an hour, at this station's own moment."""
        due = (now - self._delay) // WINDOW_SECONDS
        if due <= self._published:
            return
        self._published = int(due)
        released = self._outbox.release_windows(
            MAX_WINDOWS,
            lambda seq, windows: compose_usage(self._station, self._outbox.epoch, seq, windows),
        )
        if released:
            self._wake_publisher()


def addresses(sensors: Sequence[AnySensor]) -> frozenset[str]:
    """The Bluetooth addresses among `sensors`."""
    return frozenset(one.address for one in sensors if isinstance(one, BthomeSensor))


def _expected(sensors: Sequence[AnySensor]) -> dict[str, Expected]:
    return {
        one.name: Expected(
            silent_after=timedelta(minutes=one.silent_after_minutes)
            if one.silent_after_minutes
            else None,
            is_door=one.door,
        )
        for one in sensors
    }


def _beacons(sensors: Sequence[AnySensor]) -> dict[str, Beacon]:
    return {
        one.address: Beacon(
            one.name,
            bytes.fromhex(one.key.get_secret_value()) if one.key else None,
            Counting.PASSES if one.door else Counting.PEOPLE,
            one.passes_per_entry,
        )
        for one in sensors
        if isinstance(one, BthomeSensor)
    }


def _sensors(settings: OccupancySection, clock: Clock, rng: Random) -> list[Sensor]:
    found: list[Sensor] = []
    behind_bridge: dict[str, int] = {}
    for one in settings.sensors:
        match one:
            case GpioSensor():
                doorway = Doorway(one.passes_per_entry) if one.door else None
                wiring = Wiring(one.pin, one.pull_up)
                found.append(PinSensor(one.name, wiring, clock=clock, rng=rng, doorway=doorway))
            case RadarSensor():
                found.append(Radar(one.name, one.port, clock=clock, rng=rng))
            case ZigbeeSensor():
                behind_bridge[one.name] = one.passes_per_entry
    if behind_bridge:
        bridge = Bridge(behind_bridge)
        host, port = settings.zigbee2mqtt_host, settings.zigbee2mqtt_port
        found.append(Subscriber(bridge, host, port, clock=clock))
    return found
