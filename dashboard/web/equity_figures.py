"""The charts that compare districts: rates as bars, shares as points with intervals. Pure."""

from collections.abc import Collection, Mapping, Sequence

from dashboard.web.figures import Figure, axis, layout
from dashboard.web.phrasebook import Texts

Named = Sequence[tuple[str, float | None]]
"""A number of each place by its name, None where it is withheld."""


def rates(named: Named, unit: str, texts: Texts, untold: Collection[str] = ()) -> Figure:
    """Bars from the largest to the smallest; a place whose number is withheld says so.

    Of the places in `untold` nothing was ever told, so that nothing is withheld either.
    """
    ordered = sorted(named, key=lambda one: (one[1] is not None, one[1] or 0))
    names = [name for name, _ in ordered]
    bars: Figure = {
        "type": "bar",
        "orientation": "h",
        "name": unit,
        "y": names,
        "x": [value for _, value in ordered],
        "marker": {"color": "var(--accent)"},
        "hovertemplate": f"<b>%{{y}}</b><br>%{{x}} {unit}<extra></extra>",
    }
    scale = {"rangemode": "tozero", "nticks": 4}
    hidden = [name for name, value in ordered if value is None]
    words = {name: texts.no_data if name in untold else texts.hidden for name in hidden}
    return _horizontal([bars], names, scale, words)


def shares(
    named: Sequence[tuple[str, tuple[int, int, int] | None]], title: str, texts: Texts
) -> Figure:
    """Shares in percent with their intervals (share, low, high), the largest on top."""
    ordered = sorted(named, key=lambda one: one[1] or (-1, 0, 0))
    names = [name for name, _ in ordered]
    told = [one or (None, None, None) for _, one in ordered]
    points: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": title,
        "y": names,
        "x": [share for share, _, _ in told],
        "marker": {"size": 9, "color": "var(--accent)", "symbol": "circle"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [None if one is None else one[2] - one[0] for _, one in ordered],
            "arrayminus": [None if one is None else one[0] - one[1] for _, one in ordered],
            "color": "var(--accent-band)",
            "thickness": 6,
            "width": 0,
        },
        "customdata": ["" if one is None else f"{one[1]}–{one[2]}%" for _, one in ordered],
        "hovertemplate": f"<b>%{{y}}</b><br>{title} %{{x}}% (%{{customdata}})<extra></extra>",
    }
    ends = [one[2] for _, one in ordered if one is not None]
    top = min(100, 10 * (1 + max(ends, default=30) // 10))
    scale = {"range": [0, top], "ticksuffix": "%", "nticks": 6}
    hidden = [name for name, one in ordered if one is None]
    return _horizontal([points], names, scale, dict.fromkeys(hidden, texts.hidden))


def _horizontal(
    data: list[Figure], names: list[str], scale: Figure, words: Mapping[str, str]
) -> Figure:
    """Places one below another; where there is no number, a word stands at the axis."""
    marks = [
        {"x": 0, "y": name, "xanchor": "left", "text": word, "showarrow": False,
         "bgcolor": "var(--hidden)", "font": {"color": "var(--ink)"}, "borderpad": 1}
        for name, word in words.items()
    ]  # fmt: skip
    places = {"type": "category", "showgrid": False, "tickvals": names, "categoryarray": names}
    return {
        "data": data,
        "layout": layout(
            bargap=0.25, xaxis=axis() | scale, yaxis=axis() | places, annotations=marks
        ),
    }
