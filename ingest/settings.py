"""The ingest service's settings: environment over `ingest.toml` over defaults, no unknown keys."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_SECTION = ConfigDict(frozen=True, extra="forbid")

Seconds = Annotated[float, Field(gt=0)]


class MqttSection(BaseModel):
    """The way to the broker; every worker needs a name of its own that it keeps for ever."""

    model_config = _SECTION

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    worker: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "ingest-1"
    group: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "ingest"
    keepalive_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    session_expiry_seconds: Annotated[int, Field(ge=0)] = 86_400
    receive_maximum: Annotated[int, Field(ge=1, le=65_535)] = 500
    retry_seconds: Seconds = 1
    retry_max_seconds: Seconds = 30


class StoreSection(BaseModel):
    """Where time series and operational tables live."""

    model_config = _SECTION

    path: Path = Path("/var/lib/health-kiosk/store.sqlite")
    operations_url: str = "sqlite:////var/lib/health-kiosk/operations.sqlite"


class HttpSection(BaseModel):
    """Where the API listens; loopback unless told otherwise."""

    model_config = _SECTION

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8080


class ReleaseSection(BaseModel):
    """When and how coarsely trends are released; counts are always rounded to 5 with a "<8" band.

    `automatic = false` leaves the release of closed weeks to the operator, who may first load
    history: weeks never released count in their own window whenever they arrive.
    """

    model_config = _SECTION

    minimum_sessions: Annotated[int, Field(ge=20)] = 20
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
