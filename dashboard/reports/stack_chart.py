"""The report's chart of every week's categories as SVG: stacked bars, and what is hidden on top."""

from collections.abc import Iterator, Sequence

from dashboard.reports import svg
from dashboard.reports.screening_charts import CATEGORIES, COLORS
from dashboard.reports.words import Words
from dashboard.web.answers import Window

_WIDTH, _LEFT, _TOP, _BOTTOM = 520, 30, 28, 152
_FEWEST_SLOTS = 4
_WHOLE = 100
_CEILING = 108
"""Shares that were rounded one by one may add up to more than the whole."""
_SLIVER = 3
"""However little rounding leaves for what is hidden, it is drawn this high, in percent."""


def stack(windows: Sequence[Window], said: Words) -> str:
    """The categories' shares week by week, with the number of sessions above."""
    slot = (_WIDTH - _LEFT) / max(len(windows), _FEWEST_SLOTS)
    pieces = [*_legend(said), *_grid()]
    for number, window in enumerate(windows):
        x = _LEFT + slot * number + 0.12 * slot
        middle = _LEFT + slot * (number + 0.5)
        n = said.hidden if window.n is None else f"{window.n:,}"
        mark = "*" if window.low_precision else ""
        pieces.append(svg.words(middle, _TOP - 2, n + mark, anchor="middle", size=7.5))
        week = window.window.split("-", 1)[1]
        pieces.append(svg.words(middle, _BOTTOM + 11, week, anchor="middle", size=7.5))
        pieces += _bar(window, x, 0.76 * slot)
    return svg.drawing(_WIDTH, _BOTTOM + 15, pieces)


def _bar(window: Window, x: float, width: float) -> Iterator[str]:
    base, hidden = 0, False
    for name in CATEGORIES:
        part = window.shown(name)
        if part is None or part.share is None:
            hidden = True
            continue
        yield svg.box(
            x, _y(base + part.share), width, _y(base) - _y(base + part.share), COLORS[name]
        )
        if part.share >= 8:
            color = svg.INK if name in ("normal", "grade1") else "#ffffff"
            place = _y(base + part.share / 2) + 2.6
            yield svg.words(
                x + width / 2, place, f"{part.share}", anchor="middle", size=7, color=color
            )
        base += part.share
    if hidden:
        top = max(_WHOLE, base + _SLIVER)
        yield svg.box(x, _y(top), width, _y(base) - _y(top), svg.FAINT, svg.LINE)


def _legend(said: Words) -> Iterator[str]:
    names = [said.categories[name].split("（")[0].split(" (")[0] for name in CATEGORIES]
    colors = [COLORS[name] for name in CATEGORIES]
    x = float(_LEFT)
    for name, color in zip([*names, said.hidden], [*colors, svg.FAINT], strict=True):
        yield svg.box(x, 2, 9, 8, color, svg.LINE if color == svg.FAINT else "none")
        yield svg.words(x + 12, 9, name, size=7.5)
        x += 24 + sum(7.5 if ord(letter) > 0x2E80 else 4.2 for letter in name)


def _grid() -> Iterator[str]:
    for percent in (0, 50, _WHOLE):
        yield svg.stroke([(_LEFT, _y(percent)), (_WIDTH, _y(percent))], svg.LINE, 0.6)
        yield svg.words(_LEFT - 4, _y(percent) + 3, f"{percent}%", anchor="end", size=7.5)


def _y(percent: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * percent / _CEILING
