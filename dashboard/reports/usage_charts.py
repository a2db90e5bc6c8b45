"""The report's charts of use as SVG: the typical week, and entries day by day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dashboard.reports import svg
from dashboard.reports.facts import USAGE_WEEKS
from dashboard.reports.words import Words
from dashboard.web.usage_answers import Day, TypicalHour

_WIDTH = 520
_HOURS, _DAYS = 24, 7
_LIGHT, _DARK = (0xE8, 0xF3, 0xFA), (0x00, 0x3F, 0x66)
_SMALL_HEIGHT = 4
"""How high a bar is that says "fewer than 8": it is not zero."""


def heat(hours: Sequence[TypicalHour], said: Words) -> str:
    """A cell for each hour of the week, darker where more people were present."""
    left, wide, high = 36, (_WIDTH - 36) / _HOURS, 12
    found = {(one.weekday, one.hour): one.mean for one in hours}
    most = max(found.values(), default=0) or 1
    pieces = []
    for day in range(_DAYS):
        y = 12 + day * high
        pieces.append(svg.words(left - 5, y + 9, said.weekdays[day], anchor="end"))
        for hour in range(_HOURS):
            mean = found.get((day + 1, hour))
            fill = "#ffffff" if mean is None else _shade(mean / most)
            edge = svg.FAINT if mean is None else "#ffffff"
            pieces.append(svg.box(left + hour * wide, y, wide, high, fill, edge))
    pieces.extend(
        svg.words(left + hour * wide, 8, f"{hour}:00", size=7, color=svg.QUIET)
        for hour in range(0, _HOURS, 3)
    )
    foot = 12 + _DAYS * high + 12
    if found:
        pieces += _scale(left, foot, most, said)
    return svg.drawing(_WIDTH, foot + 4, pieces)


def _scale(left: float, foot: float, most: float, said: Words) -> Iterator[str]:
    yield svg.words(left, foot, "0", size=7)
    for step in range(10):
        yield svg.box(left + 8 + step * 12, foot - 7, 12, 8, _shade(step / 9))
    yield svg.words(left + 132, foot, f"{most:.1f}", size=7)
    yield svg.box(left + 170, foot - 7, 12, 8, "#ffffff", svg.LINE)
    yield svg.words(left + 186, foot, said.no_data, size=7)


def _shade(share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_LIGHT, _DARK, strict=True))
    return "#" + "".join(f"{one:02x}" for one in mixed)


def days(found: Sequence[Day], first: date, last: date, said: Words) -> str:
    """A bar for each day of the weeks up to `last`; those from `first` on are dark."""
    since = last - timedelta(days=7 * USAGE_WEEKS - 1)
    entries = {one.day: one.entries for one in found}
    shown = {day: int(band) for day, band in entries.items() if band and band.isdecimal()}
    most = max(shown.values(), default=5)
    top, bottom, left = 14, 72, 36
    slot = (_WIDTH - left) / (7 * USAGE_WEEKS)
    pieces = [
        svg.stroke([(left, bottom), (_WIDTH, bottom)], svg.QUIET, 0.6),
        svg.words(left - 5, top + 4, f"{most:,}", anchor="end", size=7.5),
        svg.words(left - 5, bottom + 2, "0", anchor="end", size=7.5),
        svg.stroke([(left, top), (_WIDTH, top)], svg.LINE, 0.5),
    ]
    for number in range(7 * USAGE_WEEKS):
        day = since + timedelta(days=number)
        x = left + slot * number
        color = svg.BLUE if day >= first else svg.SKY
        if number % 7 == 0:
            text = f"{day.month}-{day.day:02d}"
            pieces.append(svg.words(x, bottom + 11, text, size=7.5))
        if day in shown:
            height = (bottom - top) * shown[day] / most
            pieces.append(svg.box(x + 1.5, bottom - height, slot - 3, height, color))
        elif entries.get(day):
            pieces.append(svg.box(x + 1.5, bottom - _SMALL_HEIGHT, slot - 3, _SMALL_HEIGHT,
                                  "#ffffff", color))  # fmt: skip
            pieces.append(svg.words(x + slot / 2, bottom - 7, entries[day] or "", size=6.5,
                                    anchor="middle"))  # fmt: skip
        else:
            pieces.append(svg.words(x + slot / 2, bottom - 3, "–", size=7, anchor="middle",
                                    color=svg.QUIET))  # fmt: skip
    return svg.drawing(_WIDTH, 86, pieces)
