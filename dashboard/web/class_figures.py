"""The stacked shares of a measure's categories by ISO week: a plain Plotly figure, pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboard.web.answers import Window
from dashboard.web.figures import Figure, axis, layout
from dashboard.web.line_figures import with_interval
from dashboard.web.phrasebook import Texts
from dashboard.web.weeks import (
    LOW_PRECISION_MARK,
    WEEKS_DRAWN,
    hidden_bars,
    week_axis,
    week_label,
)

CATEGORIES = ("normal", "high_normal", "grade1", "grade2_or_higher")
"""The parts of blood pressure that together are all sessions, from calm to strong."""

# However little rounding leaves for the hidden part of a week, it is drawn this high, in percent.
_SLIVER = 3


@dataclass(frozen=True, slots=True)
class Classes:
    """The parts that together are all sessions, with the name and the colour of each."""

    names: Mapping[str, str]
    colours: Mapping[str, str]


def category_shares(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """Those of blood pressure."""
    names = {part: texts.categories[part] for part in CATEGORIES}
    classes = Classes(names, {part: f"bp-{part}" for part in CATEGORIES})
    return stacked_shares(windows, classes, texts, hidden_name)


def stacked_shares(
    windows: tuple[Window, ...], classes: Classes, texts: Texts, hidden_name: str
) -> Figure:
    """Stacked bars of the categories' shares; what is hidden is one hatched part on top."""
    drawn = windows[-WEEKS_DRAWN:]
    weeks = [week_label(window) for window in drawn]
    bars = [_category_bars(drawn, weeks, part, classes, texts) for part in classes.names]
    heights = [hidden_height(window, classes.names) for window in drawn]
    words = [_hidden_parts(window, classes, hidden_name) for window in drawn]
    hidden = hidden_bars(weeks, heights, words, hidden_name)
    marks = [
        _hidden_word(week, texts)
        for window, week in zip(drawn, weeks, strict=True)
        if not window.is_shown
    ]
    percents = (0, 25, 50, 75, 100)
    ticks = {"tickvals": list(percents), "ticktext": [f"{percent}%" for percent in percents]}
    return {
        "data": [_numbers(drawn, weeks, heights, classes), *bars, hidden],
        "layout": layout(
            barmode="stack",
            bargap=0.22,
            xaxis=week_axis(weeks),
            yaxis=axis() | {"range": [0, 112], **ticks},
            annotations=marks,
        ),
    }


def hidden_height(window: Window, parts: Iterable[str] = CATEGORIES) -> int | None:
    """The height of a week's hatched part in percent, or None where nothing is hidden."""
    if not window.is_shown:
        return 100
    shares = [_share(window, part) for part in parts]
    if None not in shares:
        return None
    return max(_SLIVER, 100 - sum(share or 0 for share in shares))


def _category_bars(
    windows: tuple[Window, ...], weeks: list[str], name: str, classes: Classes, texts: Texts
) -> Figure:
    parts = [window.shown(name) for window in windows]
    return {
        "type": "bar",
        "name": classes.names[name],
        "x": weeks,
        "y": [None if part is None else part.share for part in parts],
        "marker": {
            "color": f"var(--{classes.colours[name]})",
            "line": {"color": "var(--surface)", "width": 1},
        },
        "customdata": [
            None if part is None else [part.count, with_interval(part)] for part in parts
        ],
        "hovertemplate": f"<b>%{{x}}</b><br>{classes.names[name]} %{{customdata[1]}}"
        f"<br>{texts.sessions} %{{customdata[0]}}<extra></extra>",
    }


def _share(window: Window, name: str) -> int | None:
    """A category's share in a week, or None where it is not shown."""
    part = window.shown(name)
    return None if part is None else part.share


def _hidden_parts(window: Window, classes: Classes, hidden_name: str) -> str:
    """What the hatched part of a week stands for; its size is only what the others leave."""
    if not window.is_shown:
        return hidden_name
    hidden = [name for part, name in classes.names.items() if _share(window, part) is None]
    return f"{hidden_name}<br>{' · '.join(hidden)}"


def _numbers(
    windows: tuple[Window, ...], weeks: list[str], heights: list[int | None], classes: Classes
) -> Figure:
    """Each week's n on top of its bar, whose hatched part is as high as `heights` say.

    Where bars are thin, page.js leaves some of them out.
    """
    return {
        "type": "scatter",
        "mode": "text",
        "x": weeks,
        "y": [
            _top(window, height, classes) for window, height in zip(windows, heights, strict=True)
        ],
        "text": [_n(window) for window in windows],
        "textposition": "top center",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _top(window: Window, height: int | None, classes: Classes) -> int | None:
    """Where a week's bar ends, in percent, or None where the whole week is hidden."""
    if not window.is_shown:
        return None
    return sum(_share(window, part) or 0 for part in classes.names) + (height or 0)


def _n(window: Window) -> str:
    if not window.is_shown:
        return ""
    return f"{window.n:,}{LOW_PRECISION_MARK if window.low_precision else ''}"


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
