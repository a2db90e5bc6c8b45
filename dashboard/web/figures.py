"""What all charts share, and the heat map of occupancy: plain Plotly figures, pure.

Colours are named by CSS variables. The browser replaces every `var(--…)` by the current colour
scheme's value before it draws, so that one figure serves light and dark. Legends are HTML beside
the charts, because HTML wraps on a phone.
"""

from dashboard.web.answers import WeekProfile
from dashboard.web.phrasebook import Texts

Figure = dict[str, object]
"""`data` and `layout` of a Plotly figure, or a part of them, of JSON's types only."""

HATCH: Figure = {
    "color": "var(--hidden)",
    "line": {"color": "var(--surface)", "width": 1},
    "pattern": {
        "shape": "/",
        "size": 7,
        "solidity": 0.25,
        "fgcolor": "var(--hidden-line)",
        "bgcolor": "var(--hidden)",
    },
}
"""The marker of whatever is hidden."""


def occupancy(profile: WeekProfile, texts: Texts) -> Figure:
    """Mean people present by hour and weekday, Monday on top; an hour without data stays blank."""
    means = {(cell.weekday, cell.hour): cell.mean for cell in profile.cells}
    rows = [[means.get((weekday, hour)) for hour in range(24)] for weekday in range(1, 8)]
    heat: Figure = {
        "type": "heatmap",
        "x": list(range(24)),
        "y": list(texts.weekdays),
        "z": rows,
        "zmin": 0,
        "zmax": busiest_mean(profile),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "colorscale": [[step / 4, f"var(--heat-{step})"] for step in range(5)],
        "hovertemplate": f"<b>%{{y}} %{{x}}:00</b><br>%{{z:.2f}} {texts.people}<extra></extra>",
    }
    ticks = list(range(0, 24, 3))
    hours = {"showgrid": False, "tickvals": ticks, "ticktext": [f"{hour}:00" for hour in ticks]}
    days = {"showgrid": False, "type": "category", "autorange": "reversed"}
    return {"data": [heat], "layout": layout(xaxis=axis() | hours, yaxis=axis() | days)}


def busiest_mean(profile: WeekProfile) -> float:
    """The top of the colour scale; a city where nobody came yet still has a scale."""
    return max((cell.mean for cell in profile.cells), default=0) or 1.0


def axis() -> Figure:
    """An axis of every chart; its range is fixed, so that a finger on it scrolls the page."""
    return {
        "automargin": True,
        "fixedrange": True,
        "ticks": "",
        "gridcolor": "var(--grid)",
        "linecolor": "var(--grid)",
        "zeroline": False,
    }


def layout(**parts: object) -> Figure:
    """The layout of every chart, with the chart's own `parts`; fonts come from the page."""
    return {
        "autosize": True,
        "dragmode": False,
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {
            "bgcolor": "var(--ink)",
            "bordercolor": "var(--ink)",
            "font": {"color": "var(--surface)"},
        },
        **parts,
    }
