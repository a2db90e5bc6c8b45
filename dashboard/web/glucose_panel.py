"""The panel of glucose screening: a chart and a table for each meal context with numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.web.answers import Overview, Trend, Window
from dashboard.web.class_figures import Classes, stacked_shares
from dashboard.web.figures import Figure
from dashboard.web.line_figures import quartiles
from dashboard.web.panels import Shape
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.screening_panels import hidden_window, part_text, sessions_text, wording_of
from dashboard.web.views import days, hidden_name
from dashboard.web.weeks import WEEKS_DRAWN

AFTER_FOOD = {
    "low_or_lower": "<3.9",
    "usual": "3.9–7.7",
    "raised_after_food": "7.8–11.0",
    "high_or_higher": "≥11.1",
}
FASTING = {
    "low_or_lower": "<3.9",
    "usual": "3.9–6.0",
    "raised": "6.1–6.9",
    "high_or_higher": "≥7.0",
}

CUT_OFFS = {"glu_casual": AFTER_FOOD, "glu_fasting": FASTING, "glu_postprandial_2h": AFTER_FOOD}
"""The parts of each measure from low to high, in mmol/L."""

WEEKS_LISTED = WEEKS_DRAWN
"""As many as the chart has; older ones are in the download."""

_COLOURS = {
    "low_or_lower": "glu-low",
    "usual": "bp-normal",
    "raised": "bp-grade1",
    "raised_after_food": "bp-grade1",
    "high_or_higher": "bp-grade2_or_higher",
}
"""The colours of blood pressure for what is like it, and one of its own for low."""


@dataclass(frozen=True, slots=True)
class Week:
    """A column: a week, its dates, and the word that stands in it if all of it is hidden."""

    name: str
    dates: str
    hidden: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what it counts and in which range, and a number with a second one for each week.

    None stands for a week of which all is hidden.
    """

    name: str
    cut_off: str
    cells: tuple[tuple[str, str] | None, ...]


@dataclass(frozen=True, slots=True)
class GlucoseTable:
    """The latest weeks of one context, newest first, and the chart of the same.

    `legend` has the name, the cut-off and the colour of each part.
    """

    measure: str
    name: str
    weeks: tuple[Week, ...]
    lines: tuple[Line, ...]
    chart: Figure
    legend: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class GlucosePanel:
    """The tables of one area, the sentence above them and the words that always go with them."""

    shape: Shape
    lead: str
    wording: str
    tables: tuple[GlucoseTable, ...] = ()


def glucose(
    overview: Overview, trends: Mapping[str, Trend | None], texts: Texts, language: Language
) -> GlucosePanel:
    """The contexts of which anything is released; None stands for one that cannot be read."""
    read = [trend for trend in trends.values() if trend is not None]
    wording = wording_of(read[0] if read else None, texts, language)
    tables = tuple(
        _table(measure, trend, texts, overview)
        for measure, trend in trends.items()
        if trend is not None and any(window.is_shown for window in trend.windows[-WEEKS_LISTED:])
    )
    if tables:
        return GlucosePanel("charts", texts.glucose_note, wording, tables)
    if len(read) < len(trends):
        return GlucosePanel("unavailable", texts.section_unavailable, wording)
    return GlucosePanel("empty", texts.no_glucose_yet, wording)


def _table(measure: str, trend: Trend, texts: Texts, overview: Overview) -> GlucoseTable:
    windows = trend.windows[: -WEEKS_LISTED - 1 : -1]
    weeks = tuple(
        Week(
            window.window,
            days(window.first, window.last),
            "" if window.is_shown else hidden_window(window, texts, overview),
        )
        for window in windows
    )

    def line(name: str, cut_off: str, cell: Callable[[Window], tuple[str, str]]) -> Line:
        cells = tuple(cell(window) if window.is_shown else None for window in windows)
        return Line(name, cut_off, cells)

    def parts(name: str) -> Callable[[Window], tuple[str, str]]:
        return lambda window: _in_two(part_text(window, name, texts, overview, interval=True))

    lines = (
        line(texts.sessions, "", lambda window: (sessions_text(window), "")),
        *(
            line(texts.glucose_parts[name], cut_off, parts(name))
            for name, cut_off in CUT_OFFS[measure].items()
        ),
        line(texts.glucose_median, "P25–P75", lambda window: _median(window, texts)),
    )
    names = {part: texts.glucose_parts[part] for part in CUT_OFFS[measure]}
    return GlucoseTable(
        measure,
        texts.glucose_measures[measure],
        weeks,
        lines,
        stacked_shares(
            trend.windows, Classes(names, _COLOURS), texts, hidden_name(overview, texts)
        ),
        tuple((names[one], cut_off, _COLOURS[one]) for one, cut_off in CUT_OFFS[measure].items()),
    )


def _in_two(text: str) -> tuple[str, str]:
    """A count and its share apart, so that a column is no wider than one of them."""
    count, _, share = text.partition(" · ")
    return count, share


def _median(window: Window, texts: Texts) -> tuple[str, str]:
    median, _, ends = quartiles(window, "glucose").partition(" ")
    return (texts.hidden if window.percentile("glucose", 50) is None else median), ends.strip("()")
