"""Answers about trends, put together from released cells alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest import trend_answers as answers
from ingest.calendar import Week
from ingest.cycles import cycles_left
from ingest.disclosure import Cell, Rule, State, explain_name, parse_name
from ingest.disclosure.percentiles import NEEDED
from ingest.disclosure.scales import EXTREMES, LATE, SCALES, SINGLE
from ingest.disclosure.showing import above
from ingest.release import next_due
from ingest.store import Store
from ingest.windows import Audience, Block, Level, block_of, extremes_weeks, weeks_of

UNITS = {measure: "mm[Hg]" if measure == "bp" else "mmol/L" for measure in SCALES}
"""The unit of each measure's values."""


class Asked(NamedTuple):
    """What is asked for of a place, or of places."""

    audience: Audience
    level: Level
    measure: str

    @property
    def weeks(self) -> int:
        """The length of the windows in which it is released."""
        return weeks_of(self.level, self.audience)


class Names(NamedTuple):
    """The cells that every window of a kind has, in the order of the answer."""

    parts: tuple[str, ...]
    percentiles: tuple[str, ...]


def names_of(measure: str) -> Names:
    """The cells of a measure in ordinary windows."""
    scale = SCALES[measure]
    percentiles = (f"{quantity}_p{q:02d}" for quantity in scale.lines for q in sorted(NEEDED))
    return Names((*(part.name for part in scale.parts), SINGLE, LATE), tuple(percentiles))


def extremes_of(measure: str) -> Names:
    """The cells of a measure in the long windows of extremes."""
    return Names(tuple(part.name for part in EXTREMES[measure].parts), ())


def level_of(area: str) -> Level | None:
    """The level of an area that is not a station; None if there is no such area."""
    if area == CITY_ADCODE:
        return Level.CITY
    if area in DISTRICTS:
        return Level.DISTRICT
    return Level.VENUE if area in VENUES else None


def visible(released: Sequence[Week], weeks: int) -> list[Block]:
    """Every block of a length that is released, given the released weeks in order.

    The first is that in which the first released week is; each ended with the last or before.
    """
    found: list[Block] = []
    if released:
        block, last = block_of(released[0], weeks), released[-1].last
        while block.last <= last:
            found.append(block)
            block = block.following
    return found


def trends(store: Store, asked: Asked, area: str) -> answers.Trends:
    """The released windows of an area."""
    return _told(store, asked, area, asked.weeks, names_of(asked.measure))


def extremes(store: Store, audience: Audience, measure: str) -> answers.Trends:
    """The windows in which the city's extremes are released."""
    asked = Asked(audience, Level.CITY, measure)
    weeks = extremes_weeks(audience)
    return _told(store, asked, CITY_ADCODE, weeks, extremes_of(measure))


def windows(store: Store, now: datetime, delay_hours: float) -> answers.Windows:
    """Every window that is released, and those that come next."""
    week, due = next_due(store, now, delay_hours)
    released = store.trends.released_weeks()
    start = released[0] if released else week
    lists: list[tuple[Audience, Level, answers.Kind, int]] = [
        (audience, level, "categories", weeks_of(level, audience))
        for audience in Audience
        for level in Level
    ]
    lists += [(one, Level.CITY, "extremes", extremes_weeks(one)) for one in Audience]
    return answers.Windows(
        open=answers.ComingWindow(**_dates(block_of(week, 1)), released_from=due),
        released=[
            _window_list(*which, visible(released, which[-1]), start, delay_hours)
            for which in lists
        ],
        wording=answers.WORDING,
    )


def compared(
    store: Store,
    asked: Asked,
    window: Block,
    areas: Iterable[str],
    parts: Sequence[str],
    within: str,
) -> answers.Comparison:
    """These parts of `areas`, and of all that show anything; of stations, `within` a district."""
    cells: defaultdict[str, dict[str, Cell]] = defaultdict(dict)
    district = within if asked.level is Level.STATION else ""
    only = parts[0] if len(parts) == 1 else ""
    where = (asked.audience, asked.level, window, asked.measure, district)
    with cycles_left():
        for cell in store.trends.compared(*where, only):
            cells[cell.area][cell.part] = cell
    return answers.Comparison(
        place=within,
        level=asked.level,
        audience=asked.audience,
        measure=asked.measure,
        unit=UNITS[asked.measure],
        **_dates(window),
        wording=answers.COMPARED,
        rows=[
            row
            for area in sorted({*areas, *cells})
            for row in _rows(area, asked.level, cells[area], parts)
        ],
    )


def explanation(store: Store, name: str) -> answers.Explanation:
    """Why a cell of a released window shows what it shows; raises ValueError as `parse_name`."""
    named = parse_name(name)
    asked = (named.audience, named.level)
    if named.level is Level.STATION:  # of which there may be thousands, with few windows each
        known = store.trends.cells(*asked, named.area, named.measure)
    else:
        known = store.trends.compared(*asked, named.window, named.measure, "", named.part)
    found = next((cell for cell in known if cell.name == name), None)
    return answers.Explanation(name=name, why=explain_name(name, found), wording=answers.WORDING)


def _window_list(
    audience: Audience,
    level: Level,
    of: answers.Kind,
    weeks: int,
    known: Sequence[Block],
    start: Week,
    delay_hours: float,
) -> answers.WindowList:
    coming = known[-1].following if known else block_of(start, weeks)
    return answers.WindowList(
        audience=audience,
        level=level,
        of=of,
        weeks=weeks,
        windows=[answers.WindowDates(**_dates(block)) for block in known],
        coming=answers.ComingWindow(
            **_dates(coming), released_from=coming.released_from(delay_hours)
        ),
    )


def _told(store: Store, asked: Asked, area: str, weeks: int, names: Names) -> answers.Trends:
    cells: defaultdict[Block, dict[str, Cell]] = defaultdict(dict)
    for cell in store.trends.cells(asked.audience, asked.level, area, asked.measure):
        cells[cell.window][cell.part] = cell
    windows = visible(store.trends.released_weeks(), weeks)
    return answers.Trends(
        place=area,
        level=asked.level,
        audience=asked.audience,
        measure=asked.measure,
        unit=UNITS[asked.measure],
        wording=answers.WORDING,
        windows=[_window(block, asked.level, cells[block], names) for block in windows],
    )


def _window(
    block: Block, level: Level, cells: Mapping[str, Cell], names: Names
) -> answers.TrendWindow:
    whole = _Whole.of(level, cells)
    return answers.TrendWindow(
        **_dates(block),
        **whole._asdict(),
        state="hidden" if whole.n is None else "released",
        parts=[_part(name, cells.get(name)) for name in names.parts],
        percentiles=[_percentile(name, cells.get(name)) for name in names.percentiles],
    )


class _Whole(NamedTuple):
    """What the cells of one population have in common."""

    n: int | None
    low_precision: bool
    see: Level | None
    epsilon: float | None

    @classmethod
    def of(cls, level: Level, cells: Mapping[str, Cell]) -> "_Whole":
        """Of no cells at all: too few sessions, which R1 hides."""
        first = next(iter(cells.values()), None)
        if first is None:
            return cls(None, False, above(level), None)
        see = next((cell.see for cell in cells.values() if cell.see is not None), None)
        return cls(first.n, first.low_precision, see, first.epsilon)


def _part(name: str, cell: Cell | None) -> answers.TrendPart:
    return answers.TrendPart(part=name, **_shown(cell))


def _shown(cell: Cell | None) -> dict[str, Any]:
    """What may be seen of a part; a cell that was never made is one of too few sessions."""
    if cell is None:
        return {"state": State.HIDDEN, "rule": Rule.FEW_SESSIONS}
    return {
        "state": cell.state,
        "rule": cell.rule,
        "count": cell.count,
        "share": cell.share,
        "low": cell.low,
        "high": cell.high,
        "per_thousand": cell.per_thousand,
    }


def _percentile(name: str, cell: Cell | None) -> answers.TrendPercentile:
    quantity, _, q = name.rpartition("_p")
    return answers.TrendPercentile(
        quantity=quantity,
        q=int(q),
        value=cell.value if cell else None,
        rule=cell.rule if cell else Rule.FEW_SESSIONS,
    )


def _rows(
    area: str, level: Level, cells: Mapping[str, Cell], parts: Sequence[str]
) -> Iterator[answers.ComparedRow]:
    whole = _Whole.of(level, cells)._asdict()
    for name in parts:
        cell = cells.get(name)
        value = cell.value if cell else None
        yield answers.ComparedRow(area=area, **whole, part=name, **_shown(cell), value=value)


def _dates(block: Block) -> dict[str, Any]:
    return {"window": str(block), "first": block.first, "last": block.last}
