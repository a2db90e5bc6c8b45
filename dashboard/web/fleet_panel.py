"""The fleet in numbers: what an operator asks first, of the city or of one district."""

from dataclasses import dataclass

from contract.places import CITY_ADCODE
from dashboard.web.panels import Shape
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.station_answers import Fleet, FleetCounts
from dashboard.web.tiles import Tile
from dashboard.web.views import area_name, clock

COLUMNS = (
    "registered", "online", "silent", "never_heard", "backlog", "clock", "storage", "radio",
    "devices", "ledger",
)  # fmt: skip
"""What stands of each district, by the names in `Texts.fleet`."""

_VERSIONS_TOLD = 5


@dataclass(frozen=True, slots=True)
class FleetPanel:
    """Tiles, the sentence about versions, and a line of numbers for each district."""

    shape: Shape
    lead: str
    tiles: tuple[Tile, ...] = ()
    versions: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def fleet(found: Fleet | None, district: str, texts: Texts, language: Language) -> FleetPanel:
    """The numbers of one district if it is given; None is a fleet that cannot be read."""
    if found is None:
        return FleetPanel("unavailable", texts.section_unavailable)
    counts = next((one for one in found.districts if one.district == district), None)
    if (district and counts is None) or not found.city.registered:
        return FleetPanel("empty", texts.no_stations_yet)
    return FleetPanel(
        "charts",
        texts.fleet_at.format(time=clock(found.at, found.at, texts)),
        _tiles(counts or found.city, texts),
        _versions(found, texts),
        (
            (area_name(CITY_ADCODE, language), *_numbers(found.city)),
            *((area_name(one.district, language), *_numbers(one)) for one in found.districts),
        ),
    )


def _tiles(counts: FleetCounts, texts: Texts) -> tuple[Tile, ...]:
    said, notes = texts.fleet, texts.fleet_notes
    online = counts.online / counts.registered if counts.registered else None
    waiting = notes["backlog"].format(
        messages=f"{counts.backlog_messages:,}", hours=f"{counts.backlog_oldest_hours:,}"
    )
    devices = notes["devices"].format(
        low=f"{counts.devices_low_battery:,}", silent=f"{counts.devices_silent:,}"
    )
    disks = notes["storage"].format(
        full=f"{counts.storage_full:,}", damaged=f"{counts.files_damaged:,}",
        space=f"{counts.space_critical:,}",
    )  # fmt: skip
    registered = texts.of_registered.format(n=f"{counts.registered:,}")
    gap = notes["ledger"].format(n=f"{counts.ledger_gap:,}")
    return (
        Tile(texts.stations_online, f"{counts.online:,}", registered, part=online),
        _warning(said["silent"], counts.silent, notes["silent"]),
        _warning(said["never_heard"], counts.never_heard, notes["never_heard"]),
        _warning(said["backlog"], counts.backlogged, waiting),
        _warning(said["clock"], counts.clock_waiting, notes["clock"]),
        _warning(said["storage"], _disks(counts), disks),
        _warning(said["radio"], counts.radio_deaf, notes["radio"]),
        _warning(said["devices"], _devices(counts), devices),
        _warning(said["ledger"], counts.unbalanced, gap),
    )


def _warning(label: str, count: int, note: str) -> Tile:
    return Tile(label, f"{count:,}", note, "warn" if count else "plain")


def _disks(counts: FleetCounts) -> int:
    """Troubles of disks; a station with two counts twice."""
    return counts.storage_full + counts.files_damaged + counts.space_critical


def _devices(counts: FleetCounts) -> int:
    return counts.devices_low_battery + counts.devices_silent


def _versions(found: Fleet, texts: Texts) -> str:
    told = [f"{one.version} ({one.stations:,})" for one in found.versions[:_VERSIONS_TOLD]]
    more = sum(one.stations for one in found.versions[_VERSIONS_TOLD:])
    if more:
        told.append(texts.other_versions.format(n=f"{more:,}"))
    return texts.versions.format(versions=" · ".join(told)) if told else ""


def _numbers(counts: FleetCounts) -> tuple[str, ...]:
    numbers = (
        counts.registered, counts.online, counts.silent, counts.never_heard, counts.backlogged,
        counts.clock_waiting, _disks(counts), counts.radio_deaf, _devices(counts),
        counts.unbalanced,
    )  # fmt: skip
    return tuple(f"{one:,}" for one in numbers)
