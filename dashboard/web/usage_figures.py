"""The charts of use: the typical week as a heat map, and entries by day as bars. Pure."""

from collections.abc import Sequence

from dashboard.web.figures import HATCH, Figure, axis, layout
from dashboard.web.phrasebook import Texts
from dashboard.web.usage_answers import Day, TypicalHour

# The part of a chart's height that stands for a day with too few entries to tell.
_FEW = 0.04


def typical_week(cells: Sequence[TypicalHour], texts: Texts) -> Figure:
    """Mean people present by hour and weekday, Monday on top; an hour without data stays blank."""
    means = {(cell.weekday, cell.hour): cell.mean for cell in cells}
    rows = [[means.get((weekday, hour)) for hour in range(24)] for weekday in range(1, 8)]
    heat: Figure = {
        "type": "heatmap",
        "x": list(range(24)),
        "y": list(texts.weekdays),
        "z": rows,
        "zmin": 0,
        "zmax": busiest_mean(cells),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "colorscale": [[step / 4, f"var(--heat-{step})"] for step in range(5)],
        "hovertemplate": f"<b>%{{y}} %{{x}}:00</b><br>%{{z:.2f}} {texts.people}<extra></extra>",
    }
    ticks = list(range(0, 24, 3))
    hours = {"showgrid": False, "tickvals": ticks, "ticktext": [f"{hour}:00" for hour in ticks]}
    names = list(texts.weekdays)
    days = {"showgrid": False, "type": "category", "tickvals": names, "autorange": "reversed"}
    return {"data": [heat], "layout": layout(xaxis=axis() | hours, yaxis=axis() | days)}


def busiest_mean(cells: Sequence[TypicalHour]) -> float:
    """The top of the colour scale; a city where nobody came yet still has a scale."""
    return max((cell.mean for cell in cells), default=0) or 1.0


def entries(days: Sequence[Day], texts: Texts) -> Figure:
    """Entries by day; days with too few to tell are hatched, days without a sensor are blank."""
    shown = [number_of(day.entries) for day in days]
    top = max((n for n in shown if n is not None), default=0) or 10
    is_few = [day.entries is not None and n is None for day, n in zip(days, shown, strict=True)]
    weekend = [day.day.weekday() > 4 for day in days]
    named = [f"{texts.weekdays[day.day.weekday()]} {day.day.month}/{day.day.day}" for day in days]
    told = [
        f"{name}<br>{texts.entries} {day.entries}" if day.entries else ""
        for name, day in zip(named, days, strict=True)
    ]
    bars = _bars(days, texts.entries, shown, told) | {
        "marker": {"color": ["var(--second)" if one else "var(--accent)" for one in weekend]}
    }
    low = [top * _FEW if few else None for few in is_few]
    words = [f"{name}<br>{texts.too_few}" for name in named]
    hatched = _bars(days, texts.too_few, low, words) | {"marker": HATCH}
    time = {"type": "date", "tickformat": "%-m/%-d", "showgrid": False, "nticks": 8}
    count = {"rangemode": "tozero", "nticks": 5, "tickformat": ",d"}
    return {
        "data": [bars, hatched],
        "layout": layout(barmode="overlay", bargap=0.2, xaxis=axis() | time, yaxis=axis() | count),
    }


def _bars(
    days: Sequence[Day], name: str, heights: Sequence[float | None], words: Sequence[str]
) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "x": [day.day.isoformat() for day in days],
        "y": list(heights),
        "customdata": list(words),
        "hovertemplate": "<b>%{customdata}</b><extra></extra>",
    }


def number_of(band: str | None) -> int | None:
    """A shown count as a number; None if it is withheld, or no sensor told."""
    return int(band) if band is not None and band.isdecimal() else None
