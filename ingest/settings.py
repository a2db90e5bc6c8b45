"""The ingest service's settings: environment over `ingest.toml` over defaults, no unknown keys."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_SECTION = ConfigDict(frozen=True, extra="forbid")

SHORTEST_RAW_DAYS = 42
"""A station keeps what it cannot send for 28 days; a week is released a day after its end."""

Seconds = Annotated[float, Field(gt=0)]


class TlsSection(BaseModel):
    """Encryption to the broker, whose certificate `ca_file` or the machine must know."""

    model_config = _SECTION

    ca_file: Path | None = None


class MqttSection(BaseModel):
    """The way to the broker; every worker needs a name of its own that it keeps for ever.

    `user` is who the broker thinks it is; "" is the worker's name.
    """

    model_config = _SECTION

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    user: str = ""
    password: SecretStr | None = None
    tls: TlsSection | None = None
    worker: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "ingest-1"
    group: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "ingest"
    keepalive_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    session_expiry_seconds: Annotated[int, Field(ge=0)] = 86_400
    receive_maximum: Annotated[int, Field(ge=1, le=65_535)] = 2_000
    batch_megabytes: Annotated[float, Field(gt=0)] = 4
    retry_seconds: Seconds = 1
    retry_max_seconds: Seconds = 30


class InfluxSection(BaseModel):
    """The way to InfluxDB, and how much is written at once.

    `raw_url` is that of another InfluxDB, for single sessions alone; "" keeps them in the same.
    """

    model_config = _SECTION

    url: Annotated[str, Field(pattern=r"^https?://[^/]+")] = "http://127.0.0.1:8086"
    org: str = "health-kiosk"
    token: SecretStr = SecretStr("")
    raw_url: Annotated[str, Field(pattern=r"^(https?://[^/]+.*)?$")] = ""
    raw_token: SecretStr = SecretStr("")
    timeout_seconds: Seconds = 10
    lines_per_write: Annotated[int, Field(ge=1, le=50_000)] = 5_000

    @model_validator(mode="after")
    def _raw_token_is_of_another_influx(self) -> Self:
        if bool(self.raw_url) != bool(self.raw_token.get_secret_value()):
            raise ValueError("raw_url and raw_token belong together: set both or neither")
        return self

    def of_sessions(self) -> "InfluxSection":
        """The way to the InfluxDB that holds single sessions, which may be the same."""
        if not self.raw_url:
            return self
        there = {"url": self.raw_url, "token": self.raw_token}
        return self.model_copy(update=there | {"raw_url": "", "raw_token": SecretStr("")})


class RetentionSection(BaseModel):
    """How long the store keeps what it is given, in days; 0 is for ever."""

    model_config = _SECTION

    raw_days: Annotated[int, Field(ge=0)] = 90
    trends_days: Annotated[int, Field(ge=0)] = 3653
    usage_days: Annotated[int, Field(ge=0)] = 730
    fleet_days: Annotated[int, Field(ge=0)] = 90

    @model_validator(mode="after")
    def _weeks_are_released_before_they_expire(self) -> Self:
        if 0 < self.raw_days < SHORTEST_RAW_DAYS:
            raise ValueError(f"raw_days must be 0 or at least {SHORTEST_RAW_DAYS}")
        return self


class StoreSection(BaseModel):
    """Where time series and operational tables live."""

    model_config = _SECTION

    kind: Literal["sqlite", "influx"] = "sqlite"
    path: Path = Path("/var/lib/health-kiosk/store.sqlite")
    operations_url: str = "sqlite:////var/lib/health-kiosk/operations.sqlite"
    influx: InfluxSection = InfluxSection()
    retention: RetentionSection = RetentionSection()

    @model_validator(mode="after")
    def _influx_has_a_token(self) -> Self:
        if self.kind == "influx" and not self.influx.token.get_secret_value():
            raise ValueError('kind = "influx" needs a token; set INGEST__STORE__INFLUX__TOKEN')
        return self


class Anonymous(StrEnum):
    """What may be asked of the API without a key."""

    AUTO = "auto"  # what an officer may, if the API listens on the loopback interface only
    OFFICER = "officer"
    NOBODY = "nobody"


class HttpSection(BaseModel):
    """Where the API listens, loopback unless told otherwise, and whom it answers."""

    model_config = _SECTION

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8080
    anonymous: Anonymous = Anonymous.AUTO
    requests_per_minute: Annotated[int, Field(ge=1)] = 1200


class QuarantineSection(BaseModel):
    """How much is kept of what was refused; beyond it the oldest is discarded, and counted."""

    model_config = _SECTION

    max_messages: Annotated[int, Field(ge=1)] = 100_000
    max_megabytes: Annotated[int, Field(ge=1)] = 1024
    replay_every_seconds: Seconds = 10


class ReleaseSection(BaseModel):
    """When and how coarsely trends are released; counts are always rounded to 5 with a "<8" band.

    `minimum_sessions` holds for officers and for the public alike. `public_epsilon` above 0 adds
    noise to what the public may see (differential privacy of a session in each level); 0 adds none.
    `automatic = false` leaves the release of closed weeks to the operator, who may first load
    history: weeks never released count in their own window whenever they arrive.
    """

    model_config = _SECTION

    minimum_sessions: Annotated[int, Field(ge=20)] = 20
    public_epsilon: Annotated[float, Field(ge=0, le=10)] = 0
    delay_hours: Annotated[float, Field(ge=24)] = 24
    automatic: bool = True
    check_every_seconds: Seconds = 600


class Settings(BaseSettings):
    """Everything that one ingest process needs to know before it starts."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="INGEST__", env_nested_delimiter="__"
    )

    mqtt: MqttSection = MqttSection()
    store: StoreSection = StoreSection()
    http: HttpSection = HttpSection()
    quarantine: QuarantineSection = QuarantineSection()
    release: ReleaseSection = ReleaseSection()
    demo: bool = False

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


def load(path: Path | None) -> Settings:
    """The settings in the TOML file at `path`, if any, overridden by INGEST__SECTION__KEY.

    Raises pydantic's ValidationError, OSError or tomllib.TOMLDecodeError.
    """
    if path is None:
        return Settings()
    path.stat()  # a missing file is an error, not an empty one
    return Settings(**TomlConfigSettingsSource(Settings, toml_file=path)())
