"""The two charts of blood-pressure screening by ISO week: plain Plotly figures, pure."""

from contract.screening import CHINESE_CATEGORIES
from dashboard.web.api import CategoryCell, CellState, Window, WindowState
from dashboard.web.figures import HATCH, Figure, axis, layout
from dashboard.web.intervals import share_interval
from dashboard.web.phrasebook import Texts

WEEKS_DRAWN = 26
"""Older weeks are in the data table only."""

LOW_PRECISION_MARK = "*"

# However little rounding leaves for the hidden part of a week, it is drawn this high, in percent.
_SLIVER = 3

# The first weeks of a programme get bars of the usual width.
_FEWEST_SLOTS = 8


def category_shares(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """Stacked bars of the five categories' shares; what is hidden is one hatched part on top."""
    drawn = windows[-WEEKS_DRAWN:]
    weeks = [week_label(window) for window in drawn]
    bars = [_category_bars(drawn, weeks, category, texts) for category in CHINESE_CATEGORIES]
    hidden: Figure = {
        "type": "bar",
        "name": hidden_name,
        "x": weeks,
        "y": [hidden_height(window) for window in drawn],
        "marker": HATCH,
        "customdata": [_hidden_parts(window, texts, hidden_name) for window in drawn],
        "hovertemplate": "<b>%{x}</b><br>%{customdata}<extra></extra>",
    }
    marks = [
        _hidden_word(week, texts) if window.n is None else _n_above(window, week)
        for window, week in zip(drawn, weeks, strict=True)
    ]
    return {
        "data": [*bars, hidden],
        "layout": layout(
            barmode="stack",
            bargap=0.22,
            xaxis=_week_axis(weeks),
            yaxis=axis() | {"range": [0, 112], **_ticks(0, 25, 50, 75, 100)},
            annotations=marks,
        ),
    }


def high_share(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """The share at or above 140/90 with its interval; hollow where n < 100, hatched if hidden."""
    drawn = windows[-WEEKS_DRAWN:]
    weeks = [week_label(window) for window in drawn]
    shares = [_shown_high(window) for window in drawn]
    intervals = [high_interval(window) for window in drawn]
    top = max(40, *(10 * (1 + int(ends[1]) // 10) for ends in intervals if ends), 0)
    line: Figure = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": texts.high,
        "x": weeks,
        "y": shares,
        "connectgaps": False,
        "line": {"color": "var(--accent)", "width": 2.5},
        "marker": {
            "size": 9,
            "opacity": 1,
            "color": ["var(--surface)" if w.low_precision else "var(--accent)" for w in drawn],
            "line": {"color": "var(--accent)", "width": 2},
        },
        "error_y": _error_bars(shares, intervals),
        "customdata": [_high_hover(window, texts) for window in drawn],
        "hovertemplate": "<b>%{x}</b><br>%{customdata}<extra></extra>",
    }
    hidden: Figure = {
        "type": "bar",
        "name": hidden_name,
        "x": weeks,
        "y": [top if share is None else None for share in shares],
        "marker": HATCH,
        "hovertemplate": f"<b>%{{x}}</b><br>{hidden_name}<extra></extra>",
    }
    percent = {"range": [0, min(top, 100)], "ticksuffix": "%", "nticks": 6}
    return {
        "data": [hidden, line],
        "layout": layout(bargap=0.22, xaxis=_week_axis(weeks), yaxis=axis() | percent),
    }


def week_label(window: Window) -> str:
    """A week as its number over its Monday, such as W47 over 11/16."""
    return f"{window.window.partition('-')[2]}<br>{window.first.month}/{window.first.day}"


def hidden_height(window: Window) -> int | None:
    """The height of a week's hatched part in percent, or None where nothing is hidden."""
    if window.state is WindowState.HIDDEN:
        return 100
    if all(cell.state is CellState.SHOWN for cell in window.cells):
        return None
    return max(_SLIVER, 100 - sum(_share(window, category) or 0 for category in CHINESE_CATEGORIES))


def high_interval(window: Window) -> tuple[float, float] | None:
    """The 95 % interval in percent of a week's share at or above 140/90, or None if hidden."""
    if _shown_high(window) is None or window.high.count is None or not window.n:
        return None
    return share_interval(window.high.count, window.n)


def _shown_high(window: Window) -> int | None:
    if window.state is WindowState.HIDDEN or window.high.state is not CellState.SHOWN:
        return None
    return window.high.share


def _category_bars(
    windows: tuple[Window, ...], weeks: list[str], category: str, texts: Texts
) -> Figure:
    name = texts.categories[category]
    cells = [_cell(window, category) for window in windows]
    return {
        "type": "bar",
        "name": name,
        "x": weeks,
        "y": [_share(window, category) for window in windows],
        "marker": {
            "color": f"var(--bp-{category})",
            "line": {"color": "var(--surface)", "width": 1},
        },
        "customdata": [None if cell is None else cell.count for cell in cells],
        "hovertemplate": f"<b>%{{x}}</b><br>{name} %{{y}}%"
        f"<br>{texts.sessions} %{{customdata}}<extra></extra>",
    }


def _cell(window: Window, category: str) -> CategoryCell | None:
    return next((cell for cell in window.cells if cell.category == category), None)


def _share(window: Window, category: str) -> int | None:
    """A category's share in a week, or None where it is not shown."""
    cell = _cell(window, category)
    if window.state is WindowState.HIDDEN or cell is None or cell.state is not CellState.SHOWN:
        return None
    return cell.share


def _hidden_parts(window: Window, texts: Texts, hidden_name: str) -> str:
    """What the hatched part of a week stands for; its size is only what the others leave."""
    if window.state is WindowState.HIDDEN:
        return hidden_name
    hidden = [c for c in CHINESE_CATEGORIES if _share(window, c) is None]
    return f"{hidden_name}<br>{' · '.join(texts.categories[category] for category in hidden)}"


def _n_above(window: Window, week: str) -> Figure:
    """A week's n on top of its bar."""
    shares = sum(_share(window, category) or 0 for category in CHINESE_CATEGORIES)
    return {
        "x": week,
        "y": shares + (hidden_height(window) or 0),
        "yanchor": "bottom",
        "text": f"{window.n}{LOW_PRECISION_MARK if window.low_precision else ''}",
        "showarrow": False,
    }


def _hidden_word(week: str, texts: Texts) -> Figure:
    """The word that a week is hidden, downwards within its bar: Chinese stacked, English turned."""
    stacks = not texts.hidden.isascii()
    return {
        "x": week,
        "y": 50,
        "text": "<br>".join(texts.hidden) if stacks else texts.hidden,
        "textangle": 0 if stacks else -90,
        "bgcolor": "var(--hidden)",
        "font": {"color": "var(--ink)"},
        "borderpad": 3,
        "showarrow": False,
    }


def _error_bars(shares: list[int | None], intervals: list[tuple[float, float] | None]) -> Figure:
    up: list[float | None] = []
    down: list[float | None] = []
    for share, ends in zip(shares, intervals, strict=True):
        up.append(None if share is None or ends is None else round(ends[1] - share, 1))
        down.append(None if share is None or ends is None else round(share - ends[0], 1))
    return {
        "type": "data",
        "symmetric": False,
        "array": up,
        "arrayminus": down,
        "color": "var(--accent-soft)",
        "thickness": 7,
        "width": 0,
    }


def _high_hover(window: Window, texts: Texts) -> str:
    ends = high_interval(window)
    if ends is None:
        return ""
    share = f"{window.high.share}% ({ends[0]:.0f}–{ends[1]:.0f}%)"
    lines = [share, f"{texts.sessions} {window.n}"]
    return "<br>".join([*lines, texts.low_precision] if window.low_precision else lines)


def _week_axis(weeks: list[str]) -> Figure:
    """An axis that names every week; where there is no room, page.js leaves some names out."""
    slots = max(len(weeks), _FEWEST_SLOTS)
    return axis() | {
        "type": "category",
        "showgrid": False,
        "tickangle": 0,
        "tickvals": weeks,
        "range": [-0.5, slots - 0.5],
    }


def _ticks(*percents: int) -> Figure:
    return {"tickvals": list(percents), "ticktext": [f"{percent}%" for percent in percents]}
