"""What all charts by week share: their axis, the weeks they draw, and what is hidden in them."""

from collections.abc import Sequence

from dashboard.web.answers import Window
from dashboard.web.figures import HATCH, Figure, axis
from dashboard.web.phrasebook import Texts

WEEKS_DRAWN = 26
"""Older weeks are in the data table only."""

LOW_PRECISION_MARK = "*"

# The first weeks of a programme get bars of the usual width.
_FEWEST_SLOTS = 8


def week_label(window: Window) -> str:
    """A week as its number over its Monday, such as W47 over 11/16."""
    return f"{window.window.partition('-')[2]}<br>{window.first.month}/{window.first.day}"


def week_axis(weeks: Sequence[str]) -> Figure:
    """An axis that names every week; where there is no room, page.js leaves some names out."""
    slots = max(len(weeks), _FEWEST_SLOTS)
    return axis() | {
        "type": "category",
        "showgrid": False,
        "tickangle": 0,
        "tickvals": list(weeks),
        "range": [-0.5, slots - 0.5],
    }


def hidden_bars(
    weeks: Sequence[str],
    heights: Sequence[float | None],
    words: Sequence[str],
    name: str,
    base: float | None = None,
) -> Figure:
    """Hatched bars, None where nothing is hidden; `words` say what is.

    They begin at `base`; without one they stand on the bars before them, if those are stacked.
    """
    bars: Figure = {
        "type": "bar",
        "name": name,
        "x": list(weeks),
        "y": list(heights),
        "marker": HATCH,
        "customdata": list(words),
        "hovertemplate": "<b>%{x}</b><br>%{customdata}<extra></extra>",
    }
    return bars if base is None else bars | {"base": base}


def sessions_line(window: Window, texts: Texts) -> str:
    """A hover's last line: how many sessions, and a warning if they are few."""
    told = f"{texts.sessions} {window.n}"
    return f"{told}<br>{texts.low_precision}" if window.low_precision else told
