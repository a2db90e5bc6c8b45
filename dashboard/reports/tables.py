"""The tables of a weekly report in one language: what its charts show, as numbers. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from contract.places import DISTRICTS
from dashboard.reports.facts import Facts
from dashboard.reports.headline import band
from dashboard.reports.paper import Paper
from dashboard.reports.quality import quality
from dashboard.reports.screening_charts import CATEGORIES, district_word, not_shown
from dashboard.reports.words import Words
from dashboard.web.answers import Part, Window

Cell = str | int | float
"""A word or a number; what is hidden is a word."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with the name of its sheet."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grids(facts: Facts, paper: Paper, said: Words) -> tuple[Grid, ...]:
    """Every table of the report."""
    names = said.sheet_names
    share = (said.count, said.share + " %", "95% ≥", "95% ≤", "")
    districts = ("GB/T 2260", said.district, said.sessions, *share, said.entries, said.per_10000)
    return (
        Grid(names["summary"], (said.rows_of, "", ""), tuple(_summary(paper))),
        Grid(
            names["trend"],
            (
                said.week,
                f"{said.date_head} ≥",
                f"{said.date_head} ≤",
                said.sessions,
                said.part,
                *share,
            ),
            tuple(_trend(facts, said)),
        ),
        Grid(names["classes"], (said.part, *share), tuple(_classes(facts, said))),
        Grid(names["districts"], districts, tuple(_districts(facts, said))),
        Grid(names["days"], (said.date_head, said.entries), tuple(_days(facts, said))),
        Grid(names["heat"], (said.weekday, said.hour, said.mean), tuple(_heat(facts, said))),
        Grid(
            names["quality"],
            (said.rows_of, ""),
            (*quality(facts, said), *((one, "") for one in paper.methods)),
        ),
    )


def _summary(paper: Paper) -> Iterator[tuple[Cell, ...]]:
    for tile in (*paper.tiles, *paper.use_tiles):
        yield tile.name, tile.value, tile.note
    for sentence in paper.beside:
        yield paper.beside_heading, sentence, ""
    yield paper.glucose_heading, paper.glucose, ""


def _trend(facts: Facts, said: Words) -> Iterator[tuple[Cell, ...]]:
    for window in facts.windows:
        dates = (window.window, window.first.isoformat(), window.last.isoformat())
        n = said.hidden if window.n is None else window.n
        for name in (*CATEGORIES, "high", "high_home"):
            yield *dates, n, said.categories[name], *_numbers(window, name, facts, said)


def _classes(facts: Facts, said: Words) -> Iterator[tuple[Cell, ...]]:
    for name in (*CATEGORIES, "high", "high_home"):
        yield said.categories[name], *_numbers(facts.week, name, facts, said)


def _districts(facts: Facts, said: Words) -> Iterator[tuple[Cell, ...]]:
    parts = {one.area: one for one in facts.compared if one.part == "high"}
    for code, district in DISTRICTS.items():
        name = district.name.zh if said.language == "zh" else district.name.en
        part, reach = parts.get(code), facts.usage.reach.get(code)
        n = said.hidden if part is None or part.n is None else part.n
        shown = part if part and part.count is not None else None
        word = district_word(part, said, facts.rules.smallest_count)
        numbers = _shares(shown, word, said, low_precision=part is not None and part.low_precision)
        entries = band(reach.entries if reach else None, said)
        rate = reach.entries_per_10000 if reach else None
        yield code, name, n, *numbers, entries, said.no_data if rate is None else rate


def _days(facts: Facts, said: Words) -> Iterator[tuple[Cell, ...]]:
    for one in facts.usage.days:
        number = one.entries and one.entries.isdecimal()
        yield one.day.isoformat(), int(one.entries or 0) if number else band(one.entries, said)


def _heat(facts: Facts, said: Words) -> Iterator[tuple[Cell, ...]]:
    for one in facts.usage.typical.rows:
        yield said.weekdays[one.weekday - 1], f"{one.hour}:00", one.mean


def _numbers(window: Window, name: str, facts: Facts, said: Words) -> tuple[Cell, ...]:
    word = not_shown(window, name, said, facts.rules.smallest_count)
    return _shares(window.shown(name), word, said, low_precision=window.low_precision)


def _shares(part: Part | None, word: str, said: Words, *, low_precision: bool) -> tuple[Cell, ...]:
    """Count, share, interval and mark; one word in the place of all if they are not shown."""
    if part is None:
        return (word,) * 4 + ("",)
    known = (part.count, part.share, part.low, part.high)
    mark = said.low_precision if low_precision else ""
    return (*(said.hidden if one is None else one for one in known), mark)
