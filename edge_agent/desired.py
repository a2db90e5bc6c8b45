"""Reads a desired configuration: what may be set from afar, and what it makes of the settings.

Precedence, highest first: the machine's environment (EDGE__…), the desired configuration, the
station's file, the defaults. So an operator at the machine can override the centre, and the centre
the file. Lists and tables are replaced whole.

Not from afar, ever: the station's name and time zone, the broker and what it is told to prove who
we are, files, the clock, this very mechanism, everything under [privacy], and everything under
[session], for that is privacy too: who may cut one visit into several can fill a batch alone.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import BaseModel, JsonValue, ValidationError

from contract.condition import Configuration, Outcome
from contract.desired import MAX_BYTES, DesiredConfiguration, options
from contract.mistakes import mistakes, no_such_option
from edge_agent.sensor_settings import OccupancySection
from edge_agent.settings import MqttSection, RadioSection, Settings

ALLOWED: Mapping[str, frozenset[str]] = {
    "radio": frozenset(
        {
            "devices", "passkeys", "adapter", "links", "connect_timeout_seconds",
            "first_reading_seconds", "idle_seconds", "cool_down_seconds", "retry_seconds",
            "deaf_after_seconds", "set_clocks",
        }
    ),
    "occupancy": frozenset({"seats", "sensors"}),
    "mqtt": frozenset(
        {
            "keepalive_seconds", "session_expiry_seconds", "reconnect_max_seconds",
            "receipt_timeout_seconds", "window", "drain_per_second", "drain_spread_seconds",
            "heartbeat_seconds",
        }
    ),
}  # fmt: skip
"""The options that may be set from afar, by section."""

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "radio": RadioSection,
    "occupancy": OccupancySection,
    "mqtt": MqttSection,
}

# What a section cannot do without; a station has it in its own file.
_SURROUNDINGS: Mapping[str, Mapping[str, str]] = {"mqtt": {"host": "broker"}}

UNREADABLE = "unreadable"
"""The revision in a report about a message whose own revision cannot be read."""

_NOT_FROM_AFAR = "may not be set from afar"
_PROBLEM_LENGTH = 300
# A problem is published: no address and no key of a device goes into it, even in a place.
_SECRET = re.compile(r"([0-9A-Fa-f]{2}[:_-]){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{12,}")


class Wanted(NamedTuple):
    """A desired configuration that this station can take, and the settings it leads to."""

    desired: DesiredConfiguration
    settings: Settings


class Cleared(NamedTuple):
    """The operator wants the station's own file."""


def judge(payload: bytes, file: Settings) -> Wanted | Cleared | Configuration:
    """What a message on the `config` topic asks for; a Configuration says why it is refused.

    `file` are the settings that this process was started with.
    """
    if not payload:
        return Cleared()
    if len(payload) > MAX_BYTES:
        return refusal(UNREADABLE, f"longer than {MAX_BYTES} bytes")
    try:
        desired = DesiredConfiguration.model_validate_json(payload)
    except ValidationError as error:
        return refusal(_revision(payload), *problems_of(error))
    if desired.station != file.station.id:
        return refusal(desired.revision, "station: this is for another one")
    try:
        return Wanted(desired, apply(desired, file))
    except Unfit as unfit:
        return refusal(desired.revision, *unfit.problems)


class Unfit(Exception):
    """These settings cannot be this station's; `problems` says why, without values."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def apply(desired: DesiredConfiguration | None, file: Settings) -> Settings:
    """The settings that `desired` makes of `file`; None leaves them. Raises Unfit."""
    if desired is None:
        return file
    wanted = options(desired)
    if forbidden := list(_forbidden(wanted)):
        raise Unfit(forbidden)
    merged = file.model_dump(exclude_unset=True)
    for section, values in wanted.items():
        merged[section] = merged.get(section, {}) | values
    try:
        return Settings(**merged)  # the environment still overrides all of it
    except ValidationError as error:
        raise Unfit([str(one) for one in mistakes(error, Settings)]) from error


def check(desired: DesiredConfiguration) -> list[str]:
    """What is wrong with it whatever the station; only the station can say the rest."""
    wanted = options(desired)
    problems = list(_forbidden(wanted))
    for section, values in wanted.items():
        allowed = {name: value for name, value in values.items() if name in ALLOWED[section]}
        if isinstance(passkeys := allowed.get("passkeys"), dict):
            allowed.setdefault("devices", list(passkeys))
        try:
            _SECTIONS[section].model_validate({**_SURROUNDINGS.get(section, {}), **allowed})
        except ValidationError as error:
            problems += [f"{section}.{one}" for one in mistakes(error, _SECTIONS[section])]
    return problems


def refusal(revision: str, *problems: str) -> Configuration:
    """The report that says why a desired configuration was refused."""
    text = _SECRET.sub("…", "; ".join(problems))
    text = "".join(character if character.isprintable() else " " for character in text)
    if len(text) > _PROBLEM_LENGTH:
        text = text[: _PROBLEM_LENGTH - 1] + "…"
    return Configuration(revision=revision, outcome=Outcome.REFUSED, problem=text)


def _forbidden(wanted: Mapping[str, Mapping[str, JsonValue]]) -> Iterator[str]:
    for section, values in wanted.items():
        known = _SECTIONS[section].model_fields
        for name in values:
            if name in ALLOWED[section]:
                continue
            problem = _NOT_FROM_AFAR if name in known else no_such_option(name, list(known))
            yield f"{section}.{name}: {problem}"


def problems_of(error: ValidationError) -> Iterator[str]:
    """What is wrong with a message that is no DesiredConfiguration, in words."""
    for place, problem in mistakes(error, DesiredConfiguration):
        if place[:1] == ("settings",) and place[-1] not in ALLOWED:
            known = place[-1] in Settings.model_fields
            otherwise = no_such_option(place[-1], list(Settings.model_fields))
            yield f"{place[-1]}: {_NOT_FROM_AFAR if known else otherwise}"
        else:
            yield f"{'.'.join(place) or 'the message'}: {problem}"


def _revision(payload: bytes) -> str:
    """The revision of a message that is otherwise wrong, so that its sender recognises it."""
    found = re.search(rb'"revision"\s*:\s*"([A-Za-z0-9._-]{1,64})"', payload)
    return found[1].decode() if found else UNREADABLE
