"""What a request for trends may name: each thing is on a list, or refused with a reason."""

from collections.abc import Iterable, Sequence

from fastapi import HTTPException

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest import trend_queries as queries
from ingest.calendar import Week
from ingest.disclosure import parse_name
from ingest.operations import Operations
from ingest.trend_queries import Asked
from ingest.windows import Block, Level, parse_block

_UNREADABLE = (ValueError, OverflowError)  # the latter of a window after the year 9999


def level_of(area: str) -> Level:
    """The level of an area."""
    level = queries.level_of(area)
    if level is None:
        raise HTTPException(
            404, f"no area {area!r}: use {CITY_ADCODE}, a district's adcode or a venue type"
        )
    return level


def station_must_exist(operations: Operations, station: str) -> None:
    """Let pass a station that is or was in service."""
    if operations.inventory.get(station) is None:
        raise HTTPException(404, f"no station {station!r} is known")


def within_of(level: Level, district: str | None) -> str:
    """What the compared places are in."""
    if level is not Level.STATION:
        if district is not None:
            raise HTTPException(422, "`district` is for the comparison of stations only")
        return CITY_ADCODE
    if district is None:
        raise HTTPException(422, "stations are compared within a district: say which `district`")
    if district not in DISTRICTS:
        raise HTTPException(404, f"no district {district!r}: use its adcode, such as 110105")
    return district


def areas_of(level: Level) -> Iterable[str]:
    """Every area of a level that is not that of stations."""
    return {Level.CITY: (CITY_ADCODE,), Level.DISTRICT: DISTRICTS, Level.VENUE: VENUES}[level]


def parts_of(asked: Asked, part: str | None) -> tuple[str, ...]:
    """The part that is asked for, or all of a measure; of thousands of stations the first."""
    names = queries.names_of(asked.measure)
    if part is None:
        return names.parts[:1] if asked.level is Level.STATION else names.parts
    if part not in names.parts + names.percentiles:
        known = ", ".join(names.parts + names.percentiles)
        raise HTTPException(422, f"{asked.measure} has no part {part!r}: use one of {known}")
    return (part,)


def cell_must_exist(operations: Operations, name: str, released: Sequence[Week]) -> None:
    """Let pass the name of a cell in a window that is released."""
    try:
        named = parse_name(name)
    except _UNREADABLE as error:
        raise HTTPException(404, f"no cell {name!r}: {error}") from error
    if named.level is Level.STATION:
        station_must_exist(operations, named.area)
    if named.window not in queries.visible(released, named.window.weeks):
        raise HTTPException(404, f"{named.window} is not released; see /trends/windows")


def released_block(window: str | None, asked: Asked, released: Sequence[Week]) -> Block:
    """The window that is asked for, if it is of the right length and released; or the last."""
    weeks = asked.weeks
    known = queries.visible(released, weeks)
    if not known:
        raise HTTPException(404, f"no window of {_length(weeks)} is released yet")
    if window is None:
        return known[-1]
    try:
        block = parse_block(window)
    except _UNREADABLE as error:
        raise HTTPException(422, f"no window {window!r}: {known[-1]} is one") from error
    if block.weeks != weeks:
        raise HTTPException(
            422,
            f"{window} is of {_length(block.weeks)}, but {asked.audience} trends of a {asked.level}"
            f" are released for {_length(weeks)} at a time: {known[-1]} is such a window",
        )
    if block not in known:
        raise HTTPException(
            404, f"{window} is not released: there are {known[0]} to {known[-1]} until now"
        )
    return block


def _length(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"
