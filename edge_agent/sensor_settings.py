"""The settings of a station's occupancy sensors: a list of them, each by its source."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_SECTION = ConfigDict(frozen=True, extra="forbid")

Address = Annotated[
    str, Field(pattern=r"^[0-9A-F]{2}(:[0-9A-F]{2}){5}$", description="AA:BB:CC:DD:EE:FF")
]


def _bind_key(key: SecretStr) -> SecretStr:
    if re.fullmatch(r"[0-9a-fA-F]{32}", key.get_secret_value()) is None:
        raise ValueError("a BTHome key has 32 hexadecimal digits")
    return key


class _Sensor(BaseModel):
    model_config = _SECTION

    name: Annotated[str, Field(min_length=1, max_length=64)]
    # It counts people who pass, twice for each who comes in and goes out.
    door: bool = False
    passes_per_entry: Annotated[int, Field(ge=1, le=10)] = 2
    # Without a word for so long nothing is known; 0 for a sensor that speaks only of changes.
    silent_after_minutes: Annotated[float, Field(ge=0)] = 10


class BthomeSensor(_Sensor):
    """A Bluetooth sensor that advertises in BTHome v2."""

    source: Literal["bthome"]
    address: Address
    key: Annotated[SecretStr, AfterValidator(_bind_key)] | None = None


class GpioSensor(_Sensor):
    """A motion sensor or a light beam on a pin of the station's computer (BCM number)."""

    source: Literal["gpio"]
    pin: Annotated[int, Field(ge=0, le=63)]
    pull_up: bool = False


class RadarSensor(_Sensor):
    """An LD2410 radar on a serial port."""

    source: Literal["ld2410"]
    port: str


class ZigbeeSensor(_Sensor):
    """A device behind Zigbee2MQTT; its name is the friendly name there."""

    source: Literal["zigbee2mqtt"]


AnySensor = Annotated[
    BthomeSensor | GpioSensor | RadarSensor | ZigbeeSensor, Field(discriminator="source")
]


class OccupancySection(BaseModel):
    """How many seats the station has, and what tells who is there."""

    model_config = _SECTION

    seats: Annotated[int, Field(ge=1, le=1000)] = 4
    sensors: tuple[AnySensor, ...] = ()
    zigbee2mqtt_host: str = "127.0.0.1"
    zigbee2mqtt_port: Annotated[int, Field(ge=1, le=65_535)] = 1883
