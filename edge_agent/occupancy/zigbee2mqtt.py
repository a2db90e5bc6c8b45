"""What Zigbee2MQTT publishes of a station's sensors: decode it, and turn it into events.

Topics: `<base>/<name>` has the state as JSON, `<base>/<name>/availability` and
`<base>/bridge/state` say `{"state": "online"}` or "offline", in old versions without JSON.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from contract.errors import DecodeError, Reason
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.sensing import Entered, Event, Presence, Silent

_TOLERANT = ConfigDict(frozen=True, extra="ignore")
_BRIDGE = "bridge/state"
_AVAILABILITY = "/availability"


class State(BaseModel):
    """A sensor's state; None where it does not say. Illuminance, battery and others are ignored."""

    model_config = _TOLERANT

    occupancy: StrictBool | None = None
    presence: StrictBool | None = None
    contact: StrictBool | None = None
    """Whether the door is closed."""

    @property
    def is_occupied(self) -> bool | None:
        """Whether somebody is there, by motion sensor or radar."""
        if self.occupancy is None and self.presence is None:
            return None
        return bool(self.occupancy) or bool(self.presence)


class _Availability(BaseModel):
    model_config = _TOLERANT

    state: Literal["online", "offline"]


def decode_state(payload: bytes) -> State:
    """The state in a message; raises DecodeError: NOT_JSON, or SCHEMA."""
    try:
        return State.model_validate_json(payload)
    except ValidationError as error:
        raise _refusal(error) from error


def decode_availability(payload: bytes) -> bool:
    """Whether a device or the bridge is there; raises DecodeError: NOT_JSON, or SCHEMA."""
    if payload in {b"online", b"offline"}:
        return payload == b"online"
    try:
        return _Availability.model_validate_json(payload).state == "online"
    except ValidationError as error:
        raise _refusal(error) from error


class Bridge:
    """The sensors behind one Zigbee2MQTT, by their friendly names, which are also their names here.

    A device that is offline is silent until its next state; one that comes back has told nothing
    yet. A state that is heard again is a sign of life.
    """

    def __init__(self, passes_per_entry: Mapping[str, int], *, base: str = "zigbee2mqtt") -> None:
        """`passes_per_entry` by friendly name; see Doorway for what it means."""
        self._doorways = {name: Doorway(passes) for name, passes in passes_per_entry.items()}
        self._base = base

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to."""
        names = (_BRIDGE, *self._doorways, *(name + _AVAILABILITY for name in self._doorways))
        return tuple(f"{self._base}/{name}" for name in names)

    def hear(self, topic: str, payload: bytes, at: datetime) -> tuple[Event, ...]:
        """What a message tells; nothing for other topics. Raises DecodeError as decode_… do."""
        name = topic.removeprefix(f"{self._base}/")
        if name == _BRIDGE:
            return () if decode_availability(payload) else self.silence(at)
        device = name.removesuffix(_AVAILABILITY)
        if device not in self._doorways:
            return ()
        if device != name:
            return () if decode_availability(payload) else (self._silent(device, at),)
        return self._events(device, decode_state(payload), at)

    def silence(self, at: datetime) -> tuple[Event, ...]:
        """Nothing can be heard any more: every sensor is silent."""
        return tuple(self._silent(name, at) for name in self._doorways)

    def _silent(self, name: str, at: datetime) -> Silent:
        self._doorways[name].forget()
        return Silent(name, at)

    def _events(self, name: str, state: State, at: datetime) -> tuple[Event, ...]:
        events: list[Event] = []
        if state.is_occupied is not None:
            events.append(Presence(name, at, state.is_occupied))
        if state.contact is not None:
            entries = self._doorways[name].moved(not state.contact)
            events.append(Entered(name, at, entries))
        return tuple(events)


def _refusal(error: ValidationError) -> DecodeError:
    not_json = any(one["type"] == "json_invalid" for one in error.errors(include_url=False))
    reason = Reason.NOT_JSON if not_json else Reason.SCHEMA
    return DecodeError(reason, f"{error.error_count()} problem(s) in a message of Zigbee2MQTT")
