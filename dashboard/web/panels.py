"""What stands in the panels of use and of stations: figures, and the same numbers as text."""

from dataclasses import dataclass
from typing import Literal

from contract.places import DISTRICTS, VENUES
from dashboard.web import figures
from dashboard.web.answers import Ledger, Overview, Station, WeekProfile
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.views import area_name, clock, spoken

Shape = Literal["charts", "empty", "unavailable"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel's sentence, and its charts by name when its `shape` is "charts"."""

    shape: Shape
    lead: str
    charts: dict[str, figures.Figure]
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """How many of a district's stations are online."""

    adcode: str
    name: str
    online: int
    registered: int


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station as text; `found_by` is what the search box looks through."""

    id: str
    name: str
    place: str
    found_by: str
    online: bool
    last_seen: str
    ledger: Ledger | None


def occupancy(profile: WeekProfile | None, texts: Texts) -> Panel:
    """The typical week of one area, its rows by hour."""
    if profile is None:
        return Panel("unavailable", texts.section_unavailable, {})
    if not profile.cells:
        return Panel("empty", texts.no_occupancy_yet, {})
    busiest = max(profile.cells, key=lambda cell: cell.mean)
    lead = texts.busiest.format(
        weekday=texts.weekdays[busiest.weekday - 1],
        hour=busiest.hour,
        next=busiest.hour + 1,
        mean=f"{busiest.mean:.1f}",
    )
    means = {(cell.weekday, cell.hour): f"{cell.mean:.2f}" for cell in profile.cells}
    rows = tuple(
        (f"{hour}:00", *(means.get((weekday, hour), "–") for weekday in range(1, 8)))
        for hour in range(24)
    )
    return Panel("charts", lead, {"occupancy": figures.occupancy(profile, texts)}, rows)


def district_rows(stations: tuple[Station, ...], language: Language) -> list[DistrictRow]:
    """Every district that has a station, in the order of the codes."""
    registered: dict[str, int] = {}
    online: dict[str, int] = {}
    for station in stations:
        registered[station.district] = registered.get(station.district, 0) + 1
        online[station.district] = online.get(station.district, 0) + station.online
    return [
        DistrictRow(adcode, area_name(adcode, language), online[adcode], registered[adcode])
        for adcode in sorted(registered)
    ]


def station_rows(
    stations: tuple[Station, ...], area: str, overview: Overview, texts: Texts, language: Language
) -> list[StationRow]:
    """The stations of an area; those that need attention come first."""
    chosen = [s for s in stations if area not in DISTRICTS or s.district == area]
    return [
        _station_row(station, overview, texts, language)
        for station in sorted(chosen, key=lambda s: (not needs_attention(s), s.id))
    ]


def needs_attention(station: Station) -> bool:
    """Whether a station is offline or its ledger does not balance."""
    return not station.online or (station.ledger is not None and not station.ledger.balanced)


def _station_row(
    station: Station, overview: Overview, texts: Texts, language: Language
) -> StationRow:
    venue = VENUES.get(station.venue)
    district = area_name(station.district, language)
    kind = station.venue if venue is None else spoken(venue, language)
    both = (station.id, station.name.zh, station.name.en, district, kind)
    return StationRow(
        id=station.id,
        name=station.name.zh if language == "zh" else station.name.en,
        place=f"{district} · {kind}",
        found_by=" ".join(both).lower(),
        online=station.online,
        last_seen=clock(station.last_seen, overview.now, texts),
        ledger=station.ledger,
    )
