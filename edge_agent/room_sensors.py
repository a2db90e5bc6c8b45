"""The sensors of one station, built from its settings."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from edge_agent.occupancy.beacons import Beacon, Counting
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.gpio import PinSensor, Wiring
from edge_agent.occupancy.ld2410_port import Radar
from edge_agent.occupancy.sensing import Clock, Sensor
from edge_agent.occupancy.windows import Expected
from edge_agent.occupancy.zigbee2mqtt import Bridge
from edge_agent.occupancy.zigbee2mqtt_subscriber import Subscriber
from edge_agent.sensor_settings import (
    AnySensor,
    BthomeSensor,
    GpioSensor,
    OccupancySection,
    RadarSensor,
    ZigbeeSensor,
)


def addresses(sensors: Sequence[AnySensor]) -> frozenset[str]:
    """The Bluetooth addresses among `sensors`."""
    return frozenset(one.address for one in sensors if isinstance(one, BthomeSensor))


def expected(sensors: Sequence[AnySensor]) -> dict[str, Expected]:
    """What is expected of each sensor, by name."""
    return {
        one.name: Expected(
            silent_after=timedelta(minutes=one.silent_after_minutes)
            if one.silent_after_minutes
            else None,
            is_door=one.door,
        )
        for one in sensors
    }


def beacons(sensors: Sequence[AnySensor]) -> dict[str, Beacon]:
    """The Bluetooth sensors, by address."""
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


def sensors(settings: OccupancySection, clock: Clock, rng: Random) -> list[Sensor]:
    """Every sensor that looks after its own connection; the radio hears the others."""
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
