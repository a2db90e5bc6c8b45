"""What is said of a station's cuffs and meters: an alias and two slow words for each. Pure.

Nothing here holds a time of use. A device that was talked to is only marked, and the daily round,
whose moment no visit decides, turns the mark into a day. What is said changes in that round alone,
so that no status tells when somebody measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pydantic import TypeAdapter, ValidationError

from contract.condition import Battery, Device, LastHeard, Losses

_MOST_DEVICES = 64  # as the contract has it
_LOW_PERCENT = 30
_EMPTY_PERCENT = 10
_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
_UNKNOWN_KIND = "dev"
_NOTHING_LOST = Losses()


@dataclass(frozen=True, slots=True)
class Known:
    """What the station remembers of one device, by a key that is not its address.

    `alias` is the one that it has for good, once its kind is known. `talked_to` is whether that
    happened since the last round; `heard_on` is the day of the last round that found it so.
    """

    kind: str = _UNKNOWN_KIND
    alias: str | None = None
    battery: Battery | None = None
    talked_to: bool = False
    heard_on: date | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that is remembered of the devices, and what is said until the next round.

    `round_on` is the local day of the last round. `losses` are what was lost by that day.
    """

    devices: Mapping[str, Known] = field(default_factory=dict)
    said: Mapping[str, Device] = field(default_factory=dict)
    losses: Losses = _NOTHING_LOST
    round_on: date | None = None

    def to_json(self) -> str:
        """As text, for the station's file."""
        return _TEXT.dump_json(self, exclude_defaults=True).decode()

    @classmethod
    def from_json(cls, text: str) -> "Health":
        """From what `to_json` returned; raises a ValueError that does not quote any other text."""
        try:
            return _TEXT.validate_json(text)
        except ValidationError as error:
            raise ValueError(f"{error.error_count()} mistake(s) in what is kept") from None


def talked(health: Health, key: str, kind: str, battery_percent: int | None) -> Health:
    """`health` after a conversation with a device; what is said of it stays as it is.

    `kind` is how its alias begins: "bp", "glu", or "dev" while that is not known.
    """
    before = health.devices.get(key, Known())
    after = replace(
        before,
        kind=before.kind if kind == _UNKNOWN_KIND else kind,
        battery=before.battery if battery_percent is None else battery_band(battery_percent),
        talked_to=True,
    )
    return replace(health, devices={**health.devices, key: after})


def said(health: Health, keys: Sequence[str]) -> tuple[Device, ...]:
    """What may be said now of the devices in the settings, in their order."""
    return tuple(
        health.said.get(key) or Device(alias=_provisional(place), heard=LastHeard.NEVER)
        for place, key in enumerate(keys[:_MOST_DEVICES], start=1)
    )


def go_round(health: Health, keys: Sequence[str], losses: Losses, today: date) -> Health:
    """`health` after the daily round: marks become days, and what is said is said anew.

    A device that is no longer in the settings is forgotten, and its alias is free again.
    """
    devices = {key: health.devices.get(key, Known()) for key in keys[:_MOST_DEVICES]}
    taken = {known.alias for known in devices.values()}
    for key, known in devices.items():
        alias = known.alias
        if alias is None and known.kind != _UNKNOWN_KIND:
            alias = _free(known.kind, taken)
            taken.add(alias)
        heard_on = today if known.talked_to else known.heard_on
        devices[key] = replace(known, alias=alias, talked_to=False, heard_on=heard_on)
    return Health(
        devices=devices,
        said={
            key: Device(
                alias=known.alias or _provisional(place),
                heard=heard_band(known.heard_on, today),
                battery=known.battery,
            )
            for place, (key, known) in enumerate(devices.items(), start=1)
        },
        losses=losses,
        round_on=today,
    )


def battery_band(percent: int) -> Battery:
    """How full a battery of so many percent is."""
    if percent < _EMPTY_PERCENT:
        return Battery.EMPTY
    return Battery.LOW if percent < _LOW_PERCENT else Battery.GOOD


def heard_band(heard_on: date | None, today: date) -> LastHeard:
    """How long ago a device was heard; a day that has not come yet counts as today."""
    if heard_on is None:
        return LastHeard.NEVER
    ago = today - heard_on
    if ago < _WEEK:
        return LastHeard.WEEK
    return LastHeard.MONTH if ago < _MONTH else LastHeard.LONGER


def _provisional(place: int) -> str:
    return f"{_UNKNOWN_KIND}{place}"


def _free(kind: str, taken: Iterable[str | None]) -> str:
    """The first alias of a kind that nobody has."""
    used = set(taken)
    return next(alias for n in range(1, 100) if (alias := f"{kind}{n}") not in used)


_TEXT = TypeAdapter(Health)
