"""What all charts share: plain Plotly figures, pure.

Colours are named by CSS variables. The browser replaces every `var(--…)` by the current colour
scheme's value before it draws, so that one figure serves light and dark. Legends are HTML beside
the charts, because HTML wraps on a phone.
"""

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


def axis() -> Figure:
    """An axis of every chart; its range is fixed, so that a finger on it scrolls the page."""
    return {
        "fixedrange": True,
        "ticks": "",
        "gridcolor": "var(--grid)",
        "linecolor": "var(--grid)",
        "zeroline": False,
    }


def layout(**parts: object) -> Figure:
    """The layout of every chart, with the chart's own `parts`.

    Fonts, size and margins come from the page, where the words at the axes can be measured.
    """
    return {
        "dragmode": False,
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "bgcolor": "var(--ink)",
            "bordercolor": "var(--ink)",
            "font": {"color": "var(--surface)"},
        },
        **parts,
    }
