"""The stacked shares of the blood-pressure categories by ISO week: a plain Plotly figure, pure."""

from dashboard.web.answers import Window
from dashboard.web.figures import Figure, axis, layout
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


def category_shares(windows: tuple[Window, ...], texts: Texts, hidden_name: str) -> Figure:
    """Stacked bars of the categories' shares; what is hidden is one hatched part on top."""
    drawn = windows[-WEEKS_DRAWN:]
    weeks = [week_label(window) for window in drawn]
    bars = [_category_bars(drawn, weeks, category, texts) for category in CATEGORIES]
    heights = [hidden_height(window) for window in drawn]
    words = [_hidden_parts(window, texts, hidden_name) for window in drawn]
    hidden = hidden_bars(weeks, heights, words, hidden_name)
    marks = [
        _n_above(window, week) if window.is_shown else _hidden_word(week, texts)
        for window, week in zip(drawn, weeks, strict=True)
    ]
    percents = (0, 25, 50, 75, 100)
    ticks = {"tickvals": list(percents), "ticktext": [f"{percent}%" for percent in percents]}
    return {
        "data": [*bars, hidden],
        "layout": layout(
            barmode="stack",
            bargap=0.22,
            xaxis=week_axis(weeks),
            yaxis=axis() | {"range": [0, 112], **ticks},
            annotations=marks,
        ),
    }


def hidden_height(window: Window) -> int | None:
    """The height of a week's hatched part in percent, or None where nothing is hidden."""
    if not window.is_shown:
        return 100
    shares = [_share(window, category) for category in CATEGORIES]
    if None not in shares:
        return None
    return max(_SLIVER, 100 - sum(share or 0 for share in shares))


def _category_bars(
    windows: tuple[Window, ...], weeks: list[str], category: str, texts: Texts
) -> Figure:
    name = texts.categories[category]
    parts = [window.shown(category) for window in windows]
    return {
        "type": "bar",
        "name": name,
        "x": weeks,
        "y": [None if part is None else part.share for part in parts],
        "marker": {
            "color": f"var(--bp-{category})",
            "line": {"color": "var(--surface)", "width": 1},
        },
        "customdata": [None if part is None else part.count for part in parts],
        "hovertemplate": f"<b>%{{x}}</b><br>{name} %{{y}}%"
        f"<br>{texts.sessions} %{{customdata}}<extra></extra>",
    }


def _share(window: Window, category: str) -> int | None:
    """A category's share in a week, or None where it is not shown."""
    part = window.shown(category)
    return None if part is None else part.share


def _hidden_parts(window: Window, texts: Texts, hidden_name: str) -> str:
    """What the hatched part of a week stands for; its size is only what the others leave."""
    if not window.is_shown:
        return hidden_name
    hidden = [c for c in CATEGORIES if _share(window, c) is None]
    return f"{hidden_name}<br>{' · '.join(texts.categories[category] for category in hidden)}"


def _n_above(window: Window, week: str) -> Figure:
    """A week's n on top of its bar."""
    shares = sum(_share(window, category) or 0 for category in CATEGORIES)
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
