"""What stands in the panels of screening: figures, and the same numbers as rows of words."""

from dataclasses import dataclass

from dashboard.web import class_figures, figures, line_figures
from dashboard.web.answers import Overview, PartState, Trend, Window
from dashboard.web.class_figures import CATEGORIES
from dashboard.web.headline import first_release
from dashboard.web.panels import Shape
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.views import days, hidden_name, worded
from dashboard.web.weeks import LOW_PRECISION_MARK

WEEKS_LISTED = 53
"""A year of weeks stands in the data table; older ones are in the API."""

EXTREME = "grade3"

LATE = "late"

Row = tuple[str, ...]
"""A line of a table: its first cells say when, and a hidden window has one word after them."""


@dataclass(frozen=True, slots=True)
class ScreeningPanel:
    """A panel's sentence, the words that always go with it, its charts by name and its rows."""

    shape: Shape
    lead: str
    wording: str
    charts: dict[str, figures.Figure]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def blood_pressure(
    overview: Overview, trend: Trend | None, texts: Texts, language: Language
) -> ScreeningPanel:
    """The released weeks of one area."""
    week, wording = overview.open_window, wording_of(trend, texts, language)
    if trend is None or not (trend.windows or week):
        return ScreeningPanel("unavailable", texts.section_unavailable, wording, {})
    if not trend.windows:
        return ScreeningPanel("empty", _not_yet(overview, trend, texts), wording, {})
    hidden = hidden_name(overview, texts)
    charts = {
        "classes": class_figures.category_shares(trend.windows, texts, hidden),
        "high": line_figures.high_shares(trend.windows, texts, hidden),
        "pressures": line_figures.pressures(trend.windows, texts, hidden),
    }
    latest = trend.windows[-1]
    return ScreeningPanel(
        "charts",
        _latest(latest, texts, overview),
        wording,
        charts,
        tuple(_week_row(w, texts, overview) for w in reversed(trend.windows[-WEEKS_LISTED:])),
        _notes(latest, texts, overview),
    )


def extremes(
    overview: Overview, trend: Trend | None, texts: Texts, language: Language
) -> ScreeningPanel:
    """The whole city's sessions at ≥180/110 by long windows, newest first."""
    wording = wording_of(trend, texts, language)
    if trend is None:
        return ScreeningPanel("unavailable", texts.section_unavailable, wording, {})
    if not trend.windows:
        lead = f"{texts.no_extremes_yet} {texts.extremes_note}"
        return ScreeningPanel("empty", lead, wording, {})
    rows = tuple(_extreme_row(window, texts, overview) for window in reversed(trend.windows))
    return ScreeningPanel("charts", texts.extremes_note, wording, {}, rows)


def wording_of(trend: Trend | None, texts: Texts, language: Language) -> str:
    """What must stand with the numbers: as the API says it, without its last full stop."""
    if trend is None:
        return texts.caution
    return worded(trend.wording, language) or texts.caution


def hidden_window(window: Window, texts: Texts, overview: Overview) -> str:
    """That a window is hidden, and where to look instead."""
    words = [hidden_name(overview, texts)]
    if window.see in texts.see:
        words.append(texts.see[window.see])
    return " · ".join(words)


def part_text(
    window: Window, name: str, texts: Texts, overview: Overview, *, interval: bool = False
) -> str:
    """A released count with its share, `<8`, or the word that it is hidden."""
    part = window.shown(name)
    if part is not None:
        share = line_figures.with_interval(part) if interval else f"{part.share}%"
        return f"{part.count:,} · {share}"
    if window.state_of(name) is PartState.SMALL:
        return f"<{overview.privacy.smallest_count}"
    return texts.hidden


def sessions_text(window: Window) -> str:
    """A shown window's n, with the mark of low precision."""
    return f"{window.n:,}{LOW_PRECISION_MARK if window.low_precision else ''}"


def _week_row(window: Window, texts: Texts, overview: Overview) -> Row:
    week = (window.window, days(window.first, window.last))
    if not window.is_shown:
        return (*week, hidden_window(window, texts, overview))
    late = window.shown(LATE)
    return (
        *week,
        sessions_text(window),
        *(part_text(window, name, texts, overview) for name in CATEGORIES),
        *(part_text(window, name, texts, overview, interval=True) for name in line_figures.SERIES),
        *(
            line_figures.quartiles(window, quantity) if _has(window, quantity) else texts.hidden
            for quantity in line_figures.PRESSURES
        ),
        part_text(window, LATE, texts, overview) if late is None else f"{late.count:,}",
    )


def _has(window: Window, quantity: str) -> bool:
    return window.percentile(quantity, 50) is not None


def _extreme_row(window: Window, texts: Texts, overview: Overview) -> Row:
    when = f"{window.first.year}/{days(window.first, window.last)}"
    if not window.is_shown:
        return (when, window.window, hidden_window(window, texts, overview))
    part = window.shown(EXTREME)
    if part is not None:
        numbers = (f"{part.count:,}", f"{part.per_thousand}")
    elif window.state_of(EXTREME) is PartState.SMALL:
        few = texts.few.format(n=overview.privacy.smallest_count)
        numbers = (few, "–")
    else:
        numbers = (texts.hidden, "–")
    return (when, window.window, sessions_text(window), *numbers)


def _not_yet(overview: Overview, trend: Trend, texts: Texts) -> str:
    return texts.no_block_yet if trend.level == "station" else first_release(overview, texts)


def _latest(window: Window, texts: Texts, overview: Overview) -> str:
    when = {"window": window.window, "dates": days(window.first, window.last)}
    if not window.is_shown:
        return texts.latest_hidden.format(**when, hidden=hidden_window(window, texts, overview))
    shares = {}
    for key, name in (("high", "high"), ("home", "high_home")):
        part = window.shown(name)
        shares[key] = part_text(window, name, texts, overview) if part is None else f"{part.share}%"
    return texts.latest_week.format(**when, n=f"{window.n:,}", **shares)


def _notes(window: Window, texts: Texts, overview: Overview) -> tuple[str, ...]:
    """How many sessions of the latest week were late, and whether its counts carry noise."""
    if not window.is_shown:
        return ()
    late = window.shown(LATE)
    if late is not None:
        found = texts.late_some.format(window=window.window, n=f"{late.count:,}")
    elif window.state_of(LATE) is PartState.SMALL:
        found = texts.late_few.format(window=window.window, n=overview.privacy.smallest_count)
    else:
        found = texts.late_hidden.format(window=window.window)
    noise = () if window.epsilon is None else (texts.noise.format(epsilon=f"{window.epsilon:g}"),)
    return (found, *noise)
