"""Answers about the fleet: how many stations are how, and which ones. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from contract.places import CITY_ADCODE
from ingest import answers
from ingest.fleet import COUNTED, State
from ingest.whole_city import Look


class Which(StrEnum):
    """Stations by their state."""

    ONLINE = "online"
    OFFLINE = "offline"
    SILENT = "silent"
    NEVER_HEARD = "never_heard"
    BACKLOG = "backlog"
    CLOCK = "clock"
    STORAGE = "storage"
    RADIO = "radio"
    DEVICES = "devices"
    LEDGER = "ledger"
    ATTENTION = "attention"


def _has(*names: str) -> Callable[[State], bool]:
    return lambda one: any(one.counts.get(name) for name in names)


_TROUBLES = (
    "silent", "storage_full", "files_damaged", "clock_waiting", "radio_deaf", "space_critical",
    "unbalanced", "backlogged",
)  # fmt: skip
_IS: dict[Which, Callable[[State], bool]] = {
    Which.ONLINE: _has("online"),
    Which.OFFLINE: lambda one: not one.counts.get("online"),
    Which.SILENT: _has("silent"),
    Which.NEVER_HEARD: _has("never_heard"),
    Which.BACKLOG: _has("backlogged"),
    Which.CLOCK: _has("clock_waiting"),
    Which.STORAGE: _has("storage_full", "files_damaged", "space_critical"),
    Which.RADIO: _has("radio_deaf"),
    Which.DEVICES: _has("devices_low_battery", "devices_silent"),
    Which.LEDGER: _has("unbalanced"),
    Which.ATTENTION: _has(*_TROUBLES),
}


def ids_of(found: Iterable[State], which: Which) -> set[str]:
    """The stations in that state."""
    return {one.id for one in found if _IS[which](one)}


def fleet_state(look: Look) -> answers.FleetState:
    """The fleet in numbers: of the city, of each district with a station, and by version."""

    def counts(place: str) -> dict[str, int]:
        total = look.sums.get(place, {})
        return {name: total.get(name, 0) for name in (*COUNTED, "backlogged")}

    return answers.FleetState(
        at=look.at,
        city=answers.FleetCounts(**counts(CITY_ADCODE)),
        districts=[
            answers.FleetDistrict(district=place, **counts(place))
            for place in sorted(look.sums)
            if place != CITY_ADCODE
        ],
        versions=[
            answers.FleetVersion(version=version, stations=stations)
            for version, stations in Counter(look.versions).most_common()
        ],
    )
