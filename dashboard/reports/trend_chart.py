"""The report's chart of the weeks as SVG: a share, its interval, and gaps where it is hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dashboard.reports import svg
from dashboard.reports.words import Words
from dashboard.web.answers import Part, Window

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 520, 180, 30, 22, 154
_STEP = 10
_FEWEST_SLOTS = 4
_LOWEST_TOP = 30
_HALF_A_BAND = 9

Run = list[tuple[int, Part]]
"""Neighbouring weeks in which a part is shown."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a week and a percentage are drawn."""

    top: int
    slot: float

    def x(self, number: int) -> float:
        return _LEFT + self.slot * (number + 0.5)

    def y(self, percent: int | None) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (percent or 0) / self.top


def trend(windows: Sequence[Window], said: Words) -> str:
    """The share at or above 140/90 with its interval, and at or above 135/85, week by week."""
    slot = (_WIDTH - _LEFT) / max(len(windows), _FEWEST_SLOTS)
    frame = _Frame(_ceiling(windows), slot)
    return svg.drawing(
        _WIDTH,
        _HEIGHT,
        [
            *_legend(said),
            *_grid(frame),
            *_weeks(windows, frame, said),
            *_home(windows, frame),
            *_high(windows, frame),
        ],
    )


def _legend(said: Words) -> Iterator[str]:
    yield svg.stroke([(_LEFT, 6), (_LEFT + 16, 6)], svg.BLUE, 1.8)
    yield svg.words(_LEFT + 20, 9, said.trend_legend_high, size=7.5)
    yield svg.area([(90, 2), (106, 2), (106, 10), (90, 10)], svg.BLUE, 0.18)
    yield svg.words(110, 9, said.trend_legend_band, size=7.5)
    yield svg.stroke([(236, 6), (252, 6)], svg.RED, 1.2, "4 2")
    yield svg.words(256, 9, said.trend_legend_home, size=7.5)
    yield svg.dot(384, 6, svg.BLUE, hollow=True)
    yield svg.words(390, 9, said.trend_legend_low, size=7.5)


def _grid(frame: _Frame) -> Iterator[str]:
    for percent in range(0, frame.top + 1, _STEP):
        y = frame.y(percent)
        yield svg.stroke([(_LEFT, y), (_WIDTH, y)], svg.LINE, 0.6)
        yield svg.words(_LEFT - 4, y + 3, f"{percent}%", anchor="end", size=7.5)


def _weeks(windows: Sequence[Window], frame: _Frame, said: Words) -> Iterator[str]:
    years = ""
    for number, window in enumerate(windows):
        x = frame.x(number)
        year, week = window.window.split("-", 1)
        yield svg.words(x, _BOTTOM + 11, week, anchor="middle", size=7.5)
        if year != years:
            yield svg.words(x, _BOTTOM + 21, year, anchor="middle", size=7.5)
        years = year
        if window.shown("high") is None:
            yield svg.box(x - frame.slot / 2, _TOP, frame.slot, _BOTTOM - _TOP, svg.FAINT)
            yield svg.words(
                x, (_TOP + _BOTTOM) / 2, said.hidden, anchor="middle", size=7.5, color=svg.QUIET
            )


def _home(windows: Sequence[Window], frame: _Frame) -> Iterator[str]:
    for run in _runs(windows, "high_home"):
        yield svg.stroke(_line(run, frame), svg.RED, 1.2, "4 2")


def _high(windows: Sequence[Window], frame: _Frame) -> Iterator[str]:
    for run in _runs(windows, "high"):
        lower = [(frame.x(number), frame.y(one.low)) for number, one in run]
        upper = [(frame.x(number), frame.y(one.high)) for number, one in run]
        if len(run) == 1:  # a band of one week would have no width
            lower, upper = _widened(lower[0]), _widened(upper[0])
        yield svg.area([*lower, *reversed(upper)], svg.BLUE, 0.18)
        yield svg.stroke(_line(run, frame), svg.BLUE, 1.8)
        for number, one in run:
            x, y = frame.x(number), frame.y(one.share)
            yield svg.dot(x, y, svg.BLUE, hollow=windows[number].low_precision)
            last = number == len(windows) - 1
            yield svg.words(
                x, y - 6, f"{one.share}", anchor="middle", size=7.5, color=svg.BLUE, bold=last
            )


def _widened(point: tuple[float, float]) -> list[tuple[float, float]]:
    x, y = point
    return [(x - _HALF_A_BAND, y), (x + _HALF_A_BAND, y)]


def _line(run: Run, frame: _Frame) -> list[tuple[float, float]]:
    return [(frame.x(number), frame.y(one.share)) for number, one in run]


def _ceiling(windows: Sequence[Window]) -> int:
    """The lowest ten percent above everything that is drawn."""
    found = [window.shown(name) for window in windows for name in ("high", "high_home")]
    most = max((max(one.high or 0, one.share or 0) for one in found if one), default=0)
    return min(100, max(_LOWEST_TOP, (most // _STEP + 1) * _STEP))


def _runs(windows: Sequence[Window], name: str) -> list[Run]:
    """A line has a gap where something is hidden."""
    parts = [window.shown(name) for window in windows]
    groups = groupby(enumerate(parts), lambda pair: pair[1] is not None)
    return [
        [(number, part) for number, part in run if part is not None]
        for shown, run in groups
        if shown
    ]
