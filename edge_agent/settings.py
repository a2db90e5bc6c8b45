"""The station's settings: environment over `station.toml` over defaults, no unknown keys."""

from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from contract.envelope import StationId
from contract.status import Release
from edge_agent.sensor_settings import Address, OccupancySection

_SECTION = ConfigDict(frozen=True, extra="forbid")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"no such time zone: {name!r}; use a name such as Asia/Shanghai"
        ) from error
    return name


Seconds = Annotated[float, Field(gt=0)]


class Trust(StrEnum):
    """Which clock is believed."""

    AUTO = "auto"  # one that the kernel calls synchronised, or that a real-time clock keeps
    ALWAYS = "always"


class StationSection(BaseModel):
    """Which station this is."""

    model_config = _SECTION

    id: StationId
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"


class RadioSection(BaseModel):
    """Which cuffs and meters are read; a visitor's own is not in the list and is ignored."""

    model_config = _SECTION

    devices: tuple[Address, ...] = ()
    passkeys: dict[Address, Annotated[int, Field(ge=0, le=999_999)]] = Field(default_factory=dict)
    adapter: str = "hci0"
    links: Annotated[int, Field(ge=1, le=16)] = 4
    connect_timeout_seconds: Seconds = 20
    first_reading_seconds: Seconds = 30
    idle_seconds: Seconds | None = None
    cool_down_seconds: Annotated[float, Field(ge=0)] | None = None
    retry_seconds: Seconds = 5
    deaf_after_seconds: Seconds = 300
    set_clocks: bool = True

    @model_validator(mode="after")
    def _passkeys_are_of_devices(self) -> Self:
        if strangers := set(self.passkeys) - set(self.devices):
            raise ValueError(f"passkeys of {len(strangers)} device(s) that are not listed")
        return self


class SessionSection(BaseModel):
    """When readings belong together."""

    model_config = _SECTION

    gap_seconds: Seconds = 600
    max_per_device_hour: Annotated[int, Field(ge=1)] = 4


class PrivacySection(BaseModel):
    """When screening results may leave the station."""

    model_config = _SECTION

    min_batch: Annotated[int, Field(ge=1, le=256)] = 5
    release: Release = Release.DAILY
    release_at: time = time(0, 10)
    release_jitter_seconds: Annotated[float, Field(ge=0, le=86_400)] = 600
    staged_max_days: Annotated[int, Field(ge=1, le=366)] = 28

    @model_validator(mode="after")
    def _immediate_means_one(self) -> Self:
        if (self.release is Release.IMMEDIATE) != (self.min_batch == 1):
            raise ValueError('`release = "immediate"` and `min_batch = 1` go together')
        return self


class OutboxSection(BaseModel):
    """Where the station keeps what has not been receipted."""

    model_config = _SECTION

    path: Path = Path("/var/lib/health-kiosk/outbox.sqlite")
    max_megabytes: Annotated[int, Field(ge=1, le=16_384)] = 256
    screening_max_days: Annotated[int, Field(ge=1)] = 730
    usage_max_days: Annotated[int, Field(ge=1)] = 90
    usage_max_megabytes: Annotated[int, Field(ge=1)] = 64
    damaged_max_days: Annotated[int, Field(ge=1)] = 28


class ClockSection(BaseModel):
    """When this computer's clock is believed."""

    model_config = _SECTION

    trust: Trust = Trust.AUTO
    hold_hours: Annotated[float, Field(gt=0)] = 72


class ConfigurationSection(BaseModel):
    """Whether the desired configuration on the retained topic is obeyed."""

    model_config = _SECTION

    remote: bool = True
    trial_seconds: Seconds = 180


class TlsSection(BaseModel):
    """Certificates for the connection to the broker; the files are read at each connection."""

    model_config = _SECTION

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("`certificate_file` and `key_file` go together")
        return self


class MqttSection(BaseModel):
    """The way to the broker."""

    model_config = _SECTION

    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    password: SecretStr | None = None
    tls: TlsSection | None = None
    keepalive_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    session_expiry_seconds: Annotated[int, Field(ge=0)] = 86_400
    reconnect_max_seconds: Annotated[int, Field(ge=1)] = 60
    receipt_timeout_seconds: Seconds = 30
    # Under the Receive Maximum of 20 that Mosquitto grants by default.
    window: Annotated[int, Field(ge=1, le=1000)] = 16
    drain_per_second: Annotated[float, Field(gt=0)] = 5
    drain_spread_seconds: Annotated[float, Field(ge=0)] = 300
    heartbeat_seconds: Seconds = 300


class Settings(BaseSettings):
    """Everything that one agent needs to know before it starts."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="EDGE__", env_nested_delimiter="__"
    )

    station: StationSection
    mqtt: MqttSection
    radio: RadioSection = RadioSection()
    session: SessionSection = SessionSection()
    privacy: PrivacySection = PrivacySection()
    occupancy: OccupancySection = OccupancySection()
    outbox: OutboxSection = OutboxSection()
    clock: ClockSection = ClockSection()
    configuration: ConfigurationSection = ConfigurationSection()

    @model_validator(mode="after")
    def _there_is_something_to_read(self) -> Self:
        if not self.radio.devices and not self.occupancy.sensors:
            raise ValueError("list a cuff or meter in [radio] devices, or an [occupancy] sensor")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then what `load` read from the file."""
        return env_settings, init_settings


def load(path: Path) -> Settings:
    """The settings in the TOML file at `path`, overridden by EDGE__SECTION__KEY variables.

    Raises pydantic's ValidationError, OSError or tomllib.TOMLDecodeError.
    """
    path.stat()  # a missing file is an error, not an empty one
    return Settings(**TomlConfigSettingsSource(Settings, toml_file=path)())
