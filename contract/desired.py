"""The desired configuration of a station: what the operator publishes, retained, on `config`."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from contract.envelope import STRICT, StationId

MAX_BYTES = 65_536
"""A longer message is refused unread."""

REVISION = r"^[A-Za-z0-9._-]{1,64}$"

_Options = Annotated[
    dict[str, JsonValue],
    Field(description="Options of this section by their names in the station's own settings."),
]


class DesiredSettings(BaseModel):
    """The sections that may be set from afar; a value replaces the one in the station's file.

    There is none for the station's name, its file, its clock or its privacy.
    """

    model_config = STRICT

    radio: _Options = Field(default_factory=dict, examples=[{"devices": ["C0:FF:EE:00:00:01"]}])
    occupancy: _Options = Field(default_factory=dict, examples=[{"seats": 6}])
    mqtt: _Options = Field(default_factory=dict, examples=[{"heartbeat_seconds": 600}])


class DesiredConfiguration(BaseModel):
    """One message on the `config` topic; an empty message means: back to the file.

    The same content again changes nothing. A new `revision` of settings that were rolled back is
    an order to try them once more.
    """

    model_config = STRICT

    v: Literal[1] = 1
    station: StationId
    revision: Annotated[
        str,
        Field(
            pattern=REVISION,
            description="The operator's name for it, which the station's status repeats.",
            examples=["2026-02-06.1"],
        ),
    ]
    settings: DesiredSettings = DesiredSettings()


def options(desired: DesiredConfiguration | None) -> dict[str, dict[str, JsonValue]]:
    """What `desired` sets, by section; one that sets nothing is like none at all."""
    if desired is None:
        return {}
    return {section: values for section, values in desired.settings if values}
