"""The report's charts of one week's screening as SVG: the categories and the districts."""

from collections.abc import Iterator, Sequence

from contract.places import DISTRICTS
from dashboard.reports import svg
from dashboard.reports.words import Words
from dashboard.web.answers import ComparedRow, PartState, Window
from dashboard.web.usage_answers import Reach

CATEGORIES = ("normal", "high_normal", "grade1", "grade2_or_higher")
"""The parts that together are all sessions, from calm to strong."""

COLORS = dict(zip(CATEGORIES, (svg.SKY, svg.BLUE, svg.AMBER, svg.RED), strict=True))
_WIDTH = 520
_STEP = 10


def classes(window: Window, said: Words, smallest: int) -> str:
    """A bar for each category of a week, with the interval of its share."""
    left, right, row = 190, 430, 19
    top = _class_ceiling(window)
    pieces = []
    for number, name in enumerate(CATEGORIES):
        middle = 8 + number * row
        pieces.append(svg.words(left - 8, middle + 3, said.categories[name], anchor="end"))
        part = window.shown(name)
        pieces.append(svg.stroke([(left, middle - 8), (left, middle + 10)], svg.LINE))
        if part is None:
            word = not_shown(window, name, said, smallest)
            pieces.append(svg.words(left + 6, middle + 3, word, color=svg.QUIET))
            continue
        scale = (right - left) / top
        end = left + scale * (part.share or 0)
        low, high = left + scale * (part.low or 0), left + scale * (part.high or 0)
        pieces.append(svg.box(left, middle - 6, end - left, 12, COLORS[name]))
        pieces.append(svg.stroke([(low, middle), (high, middle)], svg.INK, 0.9))
        ends = ([(x, middle - 3), (x, middle + 3)] for x in (low, high))
        pieces.extend(svg.stroke(one, svg.INK, 0.9) for one in ends)
        told = f"{part.share}% ({part.low}–{part.high}%), n={part.count}"
        pieces.append(svg.words(_WIDTH, middle + 3, told, anchor="end"))
    return svg.drawing(_WIDTH, row * len(CATEGORIES), pieces)


def _class_ceiling(window: Window) -> int:
    found = [window.shown(name) for name in CATEGORIES]
    return max(10, *(one.high or 0 for one in found if one), 0)


def not_shown(window: Window, name: str, said: Words, smallest: int) -> str:
    """The word for a part that shows no number: it is never 0."""
    if window.state_of(name) is PartState.SMALL:
        return said.fewer.format(n=smallest)
    return said.hidden


def district_word(part: ComparedRow | None, said: Words, smallest: int) -> str:
    """The word for a district whose share is not shown."""
    if part is not None and part.state is PartState.SMALL:
        return said.fewer.format(n=smallest)
    return said.hidden


def districts(
    rows: Sequence[ComparedRow], reach: dict[str, Reach], here: str, said: Words, smallest: int
) -> str:
    """All districts with share and interval; the report's own stands out."""
    left, right, row = 118, 352, 11.6
    parts = {one.area: one for one in rows if one.part == "high"}
    most = max((one.high or 0 for one in parts.values() if one.high), default=0)
    top = max(30, (most // _STEP + 1) * _STEP)
    height = 14 + row * len(DISTRICTS) + 12
    pieces = [*_heads(said, left)]
    for percent in range(0, top + 1, _STEP):
        x = left + (right - left) * percent / top
        pieces.append(svg.stroke([(x, 12), (x, height - 11)], svg.LINE, 0.5))
        pieces.append(svg.words(x, height - 2, f"{percent}%", anchor="middle", size=7))
    for number, (code, district) in enumerate(DISTRICTS.items()):
        y = 14 + row * (number + 0.5)
        own, part = code == here, parts.get(code)
        if own:
            pieces.append(svg.box(0, y - row / 2, _WIDTH, row, "#FFF1D6"))
        name = district.name.zh if said.language == "zh" else district.name.en
        pieces.append(svg.words(4, y + 3, name, bold=own))
        n = said.hidden if part is None or part.n is None else f"{part.n:,}"
        pieces.append(svg.words(left - 8, y + 3, n, anchor="end", size=7.5))
        word = district_word(part, said, smallest)
        pieces += _district(part, y, left, (right - left) / top, own=own, word=word)
        rate = reach[code].entries_per_10000 if code in reach else None
        told = said.no_data if rate is None else f"{rate:,.1f}"
        pieces.append(svg.words(_WIDTH - 4, y + 3, told, anchor="end", size=7.5))
    return svg.drawing(_WIDTH, height, pieces)


def _heads(said: Words, left: float) -> Iterator[str]:
    yield svg.words(4, 8, said.district, size=7, color=svg.QUIET)
    yield svg.words(left - 8, 8, "n", size=7, color=svg.QUIET, anchor="end")
    yield svg.words(362, 8, "95%", size=7, color=svg.QUIET)
    yield svg.words(_WIDTH - 4, 8, said.per_10000, size=7, color=svg.QUIET, anchor="end")


def _district(
    part: ComparedRow | None, y: float, left: float, scale: float, *, own: bool, word: str
) -> Iterator[str]:
    if part is None or part.share is None:
        yield svg.words(362, y + 3, word, size=7.5, color=svg.QUIET)
        return
    color = svg.RED if own else svg.BLUE
    low, high = left + scale * (part.low or 0), left + scale * (part.high or 0)
    yield svg.stroke([(low, y), (high, y)], color, 1.6)
    yield svg.dot(left + scale * part.share, y, color, hollow=part.low_precision)
    told = f"{part.share}% ({part.low}–{part.high}%)"
    yield svg.words(362, y + 3, told, size=7.5, bold=own)
