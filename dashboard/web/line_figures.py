"""Lines with bands by ISO week: shares with their interval, medians with P25–P75. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dashboard.web.answers import Part, Window
from dashboard.web.figures import Figure, axis, layout
from dashboard.web.phrasebook import Texts
from dashboard.web.weeks import WEEKS_DRAWN, hidden_bars, sessions_line, week_axis, week_label

SERIES = ("high", "high_home")
"""The two shares that are drawn as lines, each with its own threshold, never mixed."""

PRESSURES = ("systolic", "diastolic")

_COLOURS = ("accent", "second")
_SYMBOLS = ("circle", "diamond")
_DASHES = ("solid", "dot")

# More weeks than these have smaller points, or a dotted line could not be seen between them.
_FEW_WEEKS = 13

# The part of a chart's height that says that one of its two lines is hidden.
_STRIP = 0.05

_MMHG_AROUND = 10
"""How far the axis of pressures goes beyond what it shows, at least."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: values and band by week, None where they are hidden, and a hover for each."""

    name: str
    values: list[float | None]
    low: list[float | None]
    high: list[float | None]
    words: list[str]

    def reaches(self) -> list[float]:
        """Every number that must fit on the axis."""
        return [n for n in (*self.values, *self.low, *self.high) if n is not None]


def high_shares(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """The shares at or above 140/90 and 135/85, each with its interval; hollow where n < 100."""
    drawn = windows[-WEEKS_DRAWN:]
    lines = [_share_line(drawn, series, texts) for series in SERIES]
    reached = max((n for line in lines for n in line.reaches()), default=0)
    top = min(100.0, max(40.0, 10.0 * (1 + reached // 10)))
    percent = {"range": [0, top], "ticksuffix": "%", "nticks": 6}
    return _figure(drawn, lines, (0, top), percent, texts, hidden_name)


def pressures(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """The median systolic and diastolic pressure with P25–P75; hollow where n < 100."""
    drawn = windows[-WEEKS_DRAWN:]
    lines = [_pressure_line(drawn, quantity, texts) for quantity in PRESSURES]
    reached = [n for line in lines for n in line.reaches()] or [70.0, 140.0]
    bottom = 10.0 * ((min(reached) - _MMHG_AROUND) // 10)
    top = 10.0 * (1 + (max(reached) + _MMHG_AROUND) // 10)
    return _figure(
        drawn, lines, (bottom, top), {"range": [bottom, top], "nticks": 7}, texts, hidden_name
    )


def _figure(
    windows: tuple[Window, ...],
    lines: Sequence[_Line],
    ends: tuple[float, float],
    scale: Figure,
    texts: Texts,
    hidden_name: str,
) -> Figure:
    weeks = [week_label(window) for window in windows]
    bottom, top = ends
    heights: list[float | None] = []
    words = []
    for at in range(len(weeks)):
        missing = [line.name for line in lines if line.values[at] is None]
        all_missing = len(missing) == len(lines)
        height = (top - bottom) * (1 if all_missing else _STRIP)
        heights.append(height if missing else None)
        words.append(hidden_name if all_missing else f"{hidden_name}<br>{' · '.join(missing)}")
    hidden = hidden_bars(weeks, heights, words, hidden_name, base=bottom)
    bands = [_band(weeks, line, colour) for line, colour in zip(lines, _COLOURS, strict=True)]
    drawn = [_drawn(windows, weeks, line, at) for at, line in enumerate(lines)]
    return {
        "data": [hidden, *bands, *drawn],
        "layout": layout(bargap=0.22, xaxis=week_axis(weeks), yaxis=axis() | scale),
    }


def _share_line(windows: tuple[Window, ...], series: str, texts: Texts) -> _Line:
    parts = [window.shown(series) for window in windows]
    return _Line(
        name=texts.series[series],
        values=[None if part is None else part.share for part in parts],
        low=[None if part is None else part.low for part in parts],
        high=[None if part is None else part.high for part in parts],
        words=[
            "" if part is None else f"{with_interval(part)}<br>{sessions_line(window, texts)}"
            for window, part in zip(windows, parts, strict=True)
        ],
    )


def _pressure_line(windows: tuple[Window, ...], quantity: str, texts: Texts) -> _Line:
    return _Line(
        name=texts.quantities[quantity],
        values=[window.percentile(quantity, 50) for window in windows],
        low=[window.percentile(quantity, 25) for window in windows],
        high=[window.percentile(quantity, 75) for window in windows],
        words=[
            f"{quartiles(window, quantity)} mmHg<br>{sessions_line(window, texts)}"
            if window.percentile(quantity, 50) is not None
            else ""
            for window in windows
        ],
    )


def with_interval(part: Part) -> str:
    """A share with its 95 % interval, such as `31% (28–34%)`."""
    if part.low is None or part.high is None:
        return f"{part.share}%"
    return f"{part.share}% ({part.low}–{part.high}%)"


def quartiles(window: Window, quantity: str) -> str:
    """A median with P25 and P75, such as `128 (118–139)`, without what is hidden; `–` for all."""
    median, low, high = (window.percentile(quantity, q) for q in (50, 25, 75))
    if median is None:
        return "–"
    if low is not None and high is not None:
        return f"{median:g} ({low:g}–{high:g})"
    ends = [f" (P{q} {end:g})" for q, end in ((25, low), (75, high)) if end is not None]
    return f"{median:g}{''.join(ends)}"


def _runs(line: _Line) -> list[list[int]]:
    """The positions where the whole band is shown, as runs of neighbours."""
    whole = [
        None not in (line.values[at], line.low[at], line.high[at]) for at in range(len(line.values))
    ]
    return [
        [at for at, _ in run]
        for is_whole, run in groupby(enumerate(whole), lambda one: one[1])
        if is_whole
    ]


def _band(weeks: list[str], line: _Line, colour: str) -> Figure:
    """One closed shape for every run of two weeks and more; a gap stays a gap."""
    x: list[str | None] = []
    y: list[float | None] = []
    for run in _runs(line):
        if len(run) > 1:
            back = run[::-1]
            x += [weeks[at] for at in (*run, *back)] + [None]
            y += [line.high[at] for at in run] + [line.low[at] for at in back] + [None]
    return {
        "type": "scatter",
        "mode": "none",
        "name": line.name,
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": f"var(--{colour}-band)",
        "hoverinfo": "skip",
    }


def _drawn(windows: tuple[Window, ...], weeks: list[str], line: _Line, which: int) -> Figure:
    colour = f"var(--{_COLOURS[which]})"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.name,
        "x": weeks,
        "y": line.values,
        "connectgaps": False,
        "line": {"color": colour, "width": 2, "dash": _DASHES[which]},
        "marker": {
            "size": 7 if len(weeks) <= _FEW_WEEKS else 5,
            "opacity": 1,
            "symbol": _SYMBOLS[which],
            "color": ["var(--surface)" if w.low_precision else colour for w in windows],
            "line": {"color": colour, "width": 1.5},
        },
        "error_y": _alone(line, f"var(--{_COLOURS[which]}-band)"),
        "customdata": line.words,
        "hovertemplate": f"<b>%{{x}}</b><br>{line.name}<br>%{{customdata}}<extra></extra>",
    }


def _alone(line: _Line, colour: str) -> Figure:
    """The band of a week without neighbours, which no shape can show, as a bar."""
    up: list[float | None] = [None] * len(line.values)
    down: list[float | None] = [None] * len(line.values)
    for at, *others in _runs(line):
        value, low, high = line.values[at], line.low[at], line.high[at]
        if not others and value is not None and low is not None and high is not None:
            up[at], down[at] = high - value, value - low
    return {
        "type": "data",
        "symmetric": False,
        "array": up,
        "arrayminus": down,
        "color": colour,
        "thickness": 7,
        "width": 0,
    }
