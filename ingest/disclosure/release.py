"""From the tallies of a closed block to the cells that may be shown of it. Pure.

A block is released once for an audience, with everything that shares its window (`ingest.windows`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from random import Random

from contract.places import CITY_ADCODE
from ingest.disclosure.cells import RULES, Cell, Rules
from ingest.disclosure.counts import Atom, CityWeek, Population, Tally, nobody, with_noise
from ingest.disclosure.families import Above
from ingest.disclosure.gathering import Gathering
from ingest.disclosure.scales import EXTREMES, SCALES
from ingest.disclosure.showing import cells_of, count_cells
from ingest.disclosure.stations import StationBlock, told_stations
from ingest.disclosure.tables import Table, table, tables_of
from ingest.windows import LENGTHS, Audience, Block, Level, block_of, extremes_weeks, levels_of

_PIECES_NEEDED = 3
_NOWHERE: Mapping[Atom, int] = {}


def release(
    tallies: Iterable[Tally],
    audience: Audience,
    block: Block,
    rng: Random,
    frozen: Iterable[Cell] = (),
    rules: Mapping[Audience, Rules] = RULES,
    around: Mapping[Atom, int] = _NOWHERE,
) -> list[Cell]:
    """Every cell of a block for an audience, in fixed order; none of who is hidden by R1.

    `tallies` are those of its weeks, read once; of another week they raise ValueError. `frozen` are
    the cells released before for weeks of this block, for either audience, those of stations too;
    cells of this block and audience among them, from a release that was broken off, are passed
    over. `rng` draws the noise, if the rules want any: draw once, for a second draw tells more.

    For a block of stations these may be the stations of a district, with what `surroundings` finds
    in all the city as `around`; but two districts hold stations that tell something together, so
    take `StationBlock` where there are several.
    """
    if levels_of(audience, block.weeks) == (Level.STATION,):
        before = list(frozen)
        above = (cell for cell in before if cell.level is not Level.STATION)
        stations = StationBlock(audience, block, above, around, rules)
        beside = (cell for cell in before if cell.level is Level.STATION)
        cells = [*stations.district(tallies, rng, beside), *stations.rest()]
        return sorted(cells, key=lambda cell: (cell.area, cell.measure))
    return _areas(tallies, audience, block, rng, frozen, rules)


def release_extremes(
    weeks: Iterable[CityWeek],
    audience: Audience,
    block: Block,
    rng: Random,
    rules: Mapping[Audience, Rules] = RULES,
) -> list[Cell]:
    """The extremes of the whole city, if `block` is as long as this audience's windows for them.

    They say how many sessions the city had in the block, and so what two shorter windows in it
    leave over (R8). Two windows are inside two of the blocks of the next shorter length, so with
    the minimum of sessions in three of these, what is left is no small group, whatever the two are.
    Without it there is no cell. Raises ValueError for a week that is not of the block.
    """
    if block.weeks != extremes_weeks(audience):
        return []
    shorter = max(length for length in LENGTHS if length < block.weeks)
    pieces: defaultdict[str, dict[Block, Population]] = defaultdict(dict)
    for one in weeks:
        if not block.holds(one.week):
            raise ValueError(f"a count of {one.week} is not of {block}")
        empty = nobody(Level.CITY, CITY_ADCODE, one.measure)
        piece = pieces[one.measure].setdefault(block_of(one.week, shorter), empty)
        piece.steps = [old + more for old, more in zip(piece.steps, one.steps, strict=True)]
    mine = rules[audience]
    cells: list[Cell] = []
    for measure, found in sorted(pieces.items()):
        noisy = [with_noise(found[piece], mine, rng) for piece in sorted(found)]
        if sum(one.n >= mine.minimum_sessions for one in noisy) >= _PIECES_NEEDED:
            city = nobody(Level.CITY, CITY_ADCODE, measure)
            city.steps = [sum(counts) for counts in zip(*(one.steps for one in noisy), strict=True)]
            made = table(city, audience, block, EXTREMES[measure], mine)
            cells += count_cells(made, per_thousand=True)
    return cells


def _areas(
    tallies: Iterable[Tally],
    audience: Audience,
    block: Block,
    rng: Random,
    frozen: Iterable[Cell],
    rules: Mapping[Audience, Rules],
) -> list[Cell]:
    gathering = Gathering(block, levels_of(audience, block.weeks))
    gathering.add(tallies)
    mine = rules[audience]
    found = [with_noise(one, mine, rng) for one in gathering.populations()]
    made = [table(one, audience, block, SCALES[one.measure], mine) for one in found]
    earlier = [
        one for one in tables_of(frozen, rules) if (one.audience, one.window) != (audience, block)
    ]
    for measure in sorted({one.measure for one in found}):
        _guard(measure, made, earlier, gathering)
    return [cell for one, shown in zip(found, made, strict=True) for cell in cells_of(one, shown)]


def _guard(measure: str, made: list[Table], earlier: list[Table], gathering: Gathering) -> None:
    """Put R8 to the tables of one measure, in place."""
    around = {atom: n for atom, n in gathering.around.items() if atom.measure == measure}
    places = [
        index
        for index, one in enumerate(made)
        if one.scale.measure == measure and one.n is not None
    ]
    frozen = [one for one in earlier if one.scale.measure == measure and one.n is not None]
    above = Above(
        (one for one in frozen if one.level is not Level.STATION),
        around,
        [made[index] for index in places],
    )
    stations = told_stations((one for one in frozen if one.level is Level.STATION), gathering.homes)
    for index, one in zip(places, above.guarded(above.chosen(stations)), strict=True):
        made[index] = one
