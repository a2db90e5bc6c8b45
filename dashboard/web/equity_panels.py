"""What stands in the panels of equity: districts and kinds of venue, compared."""

from contract.places import VENUES
from dashboard.web import equity_figures
from dashboard.web.answers import ComparedRow, Comparison, Overview, PartState
from dashboard.web.headline import first_release
from dashboard.web.line_figures import with_interval
from dashboard.web.panels import Panel
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.usage_answers import EquityRow, Reach, Table, VenueUptake
from dashboard.web.usage_panels import grouped
from dashboard.web.views import area_name, days, hidden_name, worded
from dashboard.web.weeks import LOW_PRECISION_MARK

HIGH = "high"
"""The part of blood pressure that districts are compared by: ≥140/90."""

RATES = ("stations", "entries", "sessions")
"""What is counted for every 10,000 residents."""

_HIGH_NAME = "≥140/90"


def reach(table: Table[Reach] | None, texts: Texts, language: Language) -> Panel:
    """What each district has for 10,000 residents, three times as bars and once as a table."""
    if table is None:
        return Panel("unavailable", texts.section_unavailable, {})
    named = [(area_name(row.district, language), row) for row in table.rows]
    untold = {name for name, row in named if row.entries is None}
    columns: dict[str, equity_figures.Named] = {
        "stations": [(name, row.stations_per_10000) for name, row in named],
        "entries": [(name, row.entries_per_10000) for name, row in named],
        "sessions": [(name, row.sessions_per_10000) for name, row in named],
    }
    charts = {
        f"reach-{key}": equity_figures.rates(
            column, texts.reached[key], texts, untold if key == "entries" else ()
        )
        for key, column in columns.items()
    }
    rows = tuple(
        (
            name,
            f"{row.residents:,}",
            f"{row.stations:,}",
            _digits(row.stations_per_10000, texts),
            grouped(row.entries),
            "–" if name in untold else _digits(row.entries_per_10000, texts),
            texts.hidden if row.sessions is None else f"{row.sessions:,}",
            _digits(row.sessions_per_10000, texts),
        )
        for name, row in named
    )
    wording, span = worded(table.wording, language), days(table.first, table.last)
    return Panel("charts", texts.reach_note, charts, rows, wording, span)


def evenness(table: Table[EquityRow] | None, texts: Texts, language: Language) -> Panel:
    """Gini, the largest rate over the smallest, and who is far below the city's rate."""
    if table is None:
        return Panel("unavailable", texts.section_unavailable, {})
    rows = tuple(
        (
            texts.reached.get(row.of, row.of),
            "–" if row.gini is None else f"{row.gini:.2f}",
            "–" if row.ratio is None else f"{row.ratio:g}",
            "–" if row.below_half_percent is None else f"{row.below_half_percent}%",
            f"{row.districts}",
        )
        for row in table.rows
    )
    return Panel("charts", texts.evenness_note, {}, rows, worded(table.wording, language))


def venues(table: Table[VenueUptake] | None, texts: Texts, language: Language) -> Panel:
    """The latest uptake of each kind of venue."""
    if table is None:
        return Panel("unavailable", texts.section_unavailable, {})
    latest = {row.venue: row for row in table.rows}
    if not latest:
        return Panel("empty", texts.no_uptake_yet, {})
    named = [(area_name(venue, language), latest.get(venue)) for venue in VENUES]
    percents = [(name, None if row is None else row.percent) for name, row in named]
    rows = tuple(
        (name, *("–" for _ in range(4)))
        if row is None
        else (
            name,
            row.window,
            grouped(row.entries),
            texts.hidden if row.sessions is None else f"{row.sessions:,}",
            texts.hidden if row.percent is None else f"{row.percent}",
        )
        for name, row in named
    )
    charts = {"uptake": equity_figures.rates(percents, texts.per_hundred, texts)}
    return Panel("charts", texts.uptake_note, charts, rows, worded(table.wording, language))


def high_by_district(
    overview: Overview, latest: tuple[Comparison, ...] | None, texts: Texts, language: Language
) -> Panel:
    """The share at or above 140/90 in every district in the last released week."""
    if latest is None:
        return Panel("unavailable", texts.section_unavailable, {}, wording=texts.caution)
    if not latest:
        return Panel("empty", first_release(overview, texts), {}, wording=texts.caution)
    (week,) = latest
    named = [(area_name(r.area, language), r) for r in week.rows if r.part == HIGH]
    shares = [(name, _bounds(row)) for name, row in named]
    lead = texts.latest.format(window=week.window, dates=days(week.first, week.last))
    rows = tuple((name, *_told(row, texts, overview)) for name, row in named)
    charts = {"high": equity_figures.shares(shares, _HIGH_NAME, texts)}
    return Panel("charts", lead, charts, rows, worded(week.wording, language))


def _bounds(row: ComparedRow) -> tuple[int, int, int] | None:
    if not row.is_shown or row.share is None:
        return None
    low, high = (row.share if end is None else end for end in (row.low, row.high))
    return row.share, low, high


def _told(row: ComparedRow, texts: Texts, overview: Overview) -> tuple[str, str, str]:
    if row.n is None:
        see = f" · {texts.see[row.see]}" if row.see in texts.see else ""
        return (f"{hidden_name(overview, texts)}{see}", "–", "–")
    n = f"{row.n:,}{LOW_PRECISION_MARK if row.low_precision else ''}"
    if row.is_shown:
        return (n, f"{row.count:,}", with_interval(row))
    small = row.state is PartState.SMALL
    return (n, f"<{overview.privacy.smallest_count}" if small else texts.hidden, "–")


def _digits(rate: float | None, texts: Texts) -> str:
    return texts.hidden if rate is None else f"{rate:,g}"
