"""The names of cells: what they name, whether it can exist, why it shows what it shows. Pure."""

from typing import NamedTuple

from contract.envelope import is_station_id
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest.disclosure.cells import Cell, Rule, State, explain, why
from ingest.disclosure.percentiles import NEEDED
from ingest.disclosure.scales import EXTREMES, LATE, SCALES, SINGLE, is_extreme
from ingest.disclosure.showing import above
from ingest.windows import Audience, Block, Level, extremes_weeks, parse_block, weeks_of

FORM = "audience:level:area:window:measure:part"
"""How a name is made, for example `internal:station:BJ-CY-012:2026-B03x4:bp:high`."""


class CellName(NamedTuple):
    """What a name names."""

    audience: Audience
    level: Level
    area: str
    window: Block
    measure: str
    part: str


def parse_name(name: str) -> CellName:
    """What a name names; raises ValueError with what is wrong and what would be right.

    A part that is an extreme is allowed in every window, for whoever asks is told where to look.
    """
    pieces = name.split(":")
    if len(pieces) != len(CellName._fields):
        raise ValueError(f"a cell is named {FORM}; {name!r} is not")
    audience = Audience(_one_of("audience", pieces[0], list(Audience)))
    level = Level(_one_of("level", pieces[1], list(Level)))
    area, window, measure, part = pieces[2:]
    _check_area(level, area)
    _one_of("measure", measure, list(SCALES))
    extreme = is_extreme(measure, _one_of("part", part, parts_of(measure)))
    block = _block(window)
    weeks = weeks_of(level, audience)
    allowed = {weeks, extremes_weeks(audience)} if extreme else {weeks}
    if block.weeks not in allowed:
        raise ValueError(
            f"windows of a {level} for {audience} have {weeks} weeks, {window} has {block.weeks}"
        )
    return CellName(audience, level, area, block, measure, part)


def parts_of(measure: str) -> list[str]:
    """Everything that is told of a measure in some window: counts, percentiles and extremes.

    Raises KeyError for an unknown measure.
    """
    scale = SCALES[measure]
    counts = [part.name for part in scale.parts]
    percentiles = [f"{quantity}_p{q:02d}" for quantity in scale.lines for q in sorted(NEEDED)]
    return [*counts, SINGLE, LATE, *percentiles, *(part.name for part in EXTREMES[measure].parts)]


def explain_name(name: str, found: Cell | None) -> str:
    """Why the cell of this name shows what it shows, never with a count; None is an absent cell.

    For a window that is released: a cell that is not there then is hidden by R1, with all of its
    population, and nothing tells no session from a few. Raises ValueError as `parse_name`.
    """
    named = parse_name(name)
    if is_extreme(named.measure, named.part) and not _tells_extremes(named):
        weeks = extremes_weeks(named.audience)
        return f"{State.HIDDEN}: {why(Rule.EXTREME)}; see the city in blocks of {weeks} weeks"
    if found is not None:
        return explain(found)
    level = above(named.level)
    advice = f"; see the {level}" if level else ""
    return f"{State.HIDDEN}: {why(Rule.FEW_SESSIONS)}{advice}"


def _tells_extremes(named: CellName) -> bool:
    return named.level is Level.CITY and named.window.weeks == extremes_weeks(named.audience)


def _one_of(what: str, given: str, known: list[str]) -> str:
    if given not in known:
        raise ValueError(f"there is no {what} {given!r}; take one of {', '.join(known)}")
    return given


def _block(text: str) -> Block:
    try:
        return parse_block(text)
    except ValueError as error:
        raise ValueError(
            f"there is no window {text!r}; weeks are written 2026-W07, blocks 2026-B03x4"
        ) from error


def _check_area(level: Level, area: str) -> None:
    if level is Level.STATION:
        if not is_station_id(area):
            raise ValueError(f"{area!r} is not the name of a station, such as BJ-CY-012")
        return
    known = {Level.CITY: [CITY_ADCODE], Level.DISTRICT: list(DISTRICTS), Level.VENUE: list(VENUES)}
    _one_of(level, area, known[level])
