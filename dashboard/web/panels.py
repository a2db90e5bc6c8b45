"""What stands in each panel of the page: figures, and the same numbers as rows of text."""

from dataclasses import dataclass
from typing import Literal

from contract.places import DISTRICTS, VENUES
from contract.screening import CHINESE_CATEGORIES
from dashboard.web import figures, screening_figures
from dashboard.web.api import (
    BloodPressureTrend,
    Cell,
    CellState,
    Ledger,
    Overview,
    Station,
    WeekProfile,
    Window,
    WindowState,
)
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.views import area_name, clock, days, hidden_name, month_day, spoken

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


def screening(overview: Overview, trend: BloodPressureTrend | None, texts: Texts) -> Panel:
    """The released weeks of one area."""
    week = overview.open_window
    if trend is None or not (trend.windows or week):
        return Panel("unavailable", texts.section_unavailable, {})
    if week and not trend.windows:
        first = week.released_from.astimezone(overview.now.tzinfo).date()
        return Panel("empty", texts.no_week_yet.format(date=month_day(first, texts)), {})
    hidden = hidden_name(overview, texts)
    charts = {
        "classes": screening_figures.category_shares(trend.windows, texts, hidden),
        "high": screening_figures.high_share(trend.windows, texts, hidden),
    }
    rows = tuple(_week_row(window, texts, overview) for window in reversed(trend.windows))
    return Panel("charts", _latest(trend.windows[-1], texts, overview), charts, rows)


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


def cell_text(cell: Cell, texts: Texts, overview: Overview) -> str:
    """A released count with its share, `<8`, or the word that it is hidden."""
    if cell.state is CellState.SMALL:
        return f"<{overview.privacy.smallest_count}"
    if cell.state is CellState.HIDDEN or cell.count is None:
        return texts.hidden
    return f"{cell.count:,} · {cell.share}%"


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


def _week_row(window: Window, texts: Texts, overview: Overview) -> tuple[str, ...]:
    week = (window.window, days(window.first, window.last))
    if window.state is WindowState.HIDDEN or window.n is None:
        return (*week, hidden_name(overview, texts))
    mark = screening_figures.LOW_PRECISION_MARK if window.low_precision else ""
    by_category = {cell.category: cell for cell in window.cells}
    cells = (by_category.get(name, Cell(state=CellState.HIDDEN)) for name in CHINESE_CATEGORIES)
    numbers = (cell_text(cell, texts, overview) for cell in (*cells, window.high))
    return (*week, f"{window.n:,}{mark}", *numbers)


def _latest(window: Window, texts: Texts, overview: Overview) -> str:
    when = {"window": window.window, "dates": days(window.first, window.last)}
    if window.state is WindowState.HIDDEN or window.n is None:
        return texts.latest_hidden.format(**when, hidden=hidden_name(overview, texts))
    high = window.high
    share = f"{high.share}%" if high.state is CellState.SHOWN else cell_text(high, texts, overview)
    return texts.latest_week.format(**when, n=f"{window.n:,}", share=share)
