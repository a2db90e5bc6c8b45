"""The fixed blocks of weeks in which trends are released. Pure.

Weeks are counted in one line from the Monday of 2026-W01, so a year of 53 weeks moves nothing.
Blocks of one length never overlap, and each length divides the longer ones: a block of twelve
weeks is three blocks of four, and there is never a remainder that two windows would reveal.
"""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ingest.calendar import Week, parse_week, week_of

FIRST_MONDAY = Week(2026, 1).first
"""The day from which weeks are counted."""

LENGTHS = (1, 4, 12, 48)
"""The lengths of blocks in weeks; each divides the next."""

_WEEKS_KEPT = 4_096
_NAME = re.compile(r"(?P<year>[0-9]{4})-B(?P<number>[0-9]{2})x(?P<weeks>[0-9]+)")


class Level(StrEnum):
    """How large an area is. A venue type is one for the whole city, never within a district."""

    STATION = "station"
    DISTRICT = "district"
    CITY = "city"
    VENUE = "venue"


class Audience(StrEnum):
    """Who may see a cell: officers who have logged in, or everybody."""

    INTERNAL = "internal"
    PUBLIC = "public"


class Block(NamedTuple):
    """A window: `weeks` ISO weeks, the `ordinal`-th of its length since 2026-W01, which is in 0."""

    weeks: int
    ordinal: int

    def __str__(self) -> str:
        """`2026-W07` for one week; otherwise `2026-B03x4`, the third of four weeks that began."""
        week = week_of(self.first)
        if self.weeks == 1:
            return str(week)
        return f"{week.year:04d}-B{(week.number - 1) // self.weeks + 1:02d}x{self.weeks}"

    @property
    def first(self) -> date:
        """Its first Monday."""
        return FIRST_MONDAY + timedelta(weeks=self.weeks * self.ordinal)

    @property
    def last(self) -> date:
        """Its last Sunday."""
        return self.first + timedelta(weeks=self.weeks, days=-1)

    @property
    def following(self) -> "Block":
        """The block after it."""
        return Block(self.weeks, self.ordinal + 1)

    def members(self) -> tuple[Week, ...]:
        """Its ISO weeks, in order."""
        return tuple(week_of(self.first + timedelta(weeks=offset)) for offset in range(self.weeks))

    def holds(self, week: Week) -> bool:
        """Whether `week` is one of its weeks."""
        return self.ordinal == _line(week) // self.weeks

    def covers(self, other: "Block") -> bool:
        """Whether all weeks of `other` are its own."""
        start, begins = self.weeks * self.ordinal, other.weeks * other.ordinal
        return start <= begins and begins + other.weeks <= start + self.weeks

    def closes(self) -> datetime:
        """The midnight at which it is over."""
        return week_of(self.last).closes()

    def released_from(self, delay_hours: float = 24) -> datetime:
        """The moment from which it may be released."""
        return self.closes() + timedelta(hours=delay_hours)


# What is released together: everything that shares a window and an audience.
_LEVELS: dict[tuple[Audience, int], tuple[Level, ...]] = {
    (Audience.INTERNAL, 1): (Level.DISTRICT, Level.CITY, Level.VENUE),
    (Audience.INTERNAL, 4): (Level.STATION,),
    (Audience.PUBLIC, 1): (Level.CITY, Level.VENUE),
    (Audience.PUBLIC, 4): (Level.DISTRICT,),
    (Audience.PUBLIC, 12): (Level.STATION,),
}
_EXTREMES = {Audience.INTERNAL: 12, Audience.PUBLIC: 48}


def levels_of(audience: Audience, weeks: int) -> tuple[Level, ...]:
    """The levels whose windows have this length for this audience; extremes are apart."""
    return _LEVELS.get((audience, weeks), ())


def weeks_of(level: Level, audience: Audience) -> int:
    """The one length that windows of a level have for an audience."""
    return next(
        weeks for (who, weeks), what in _LEVELS.items() if who is audience and level in what
    )


def extremes_weeks(audience: Audience) -> int:
    """The length of the windows in which extremes are released, for the city alone."""
    return _EXTREMES[audience]


def block_of(week: Week, weeks: int) -> Block:
    """The block of a length that holds `week`; raises ValueError for a length that is not used."""
    if weeks not in LENGTHS:
        raise ValueError(f"there are no blocks of {weeks} weeks")
    return Block(weeks, _line(week) // weeks)


@lru_cache(_WEEKS_KEPT)
def _line(week: Week) -> int:
    """How many weeks after 2026-W01."""
    return (week.first - FIRST_MONDAY).days // 7


def closing_with(week: Week) -> list[tuple[Audience, Block]]:
    """Every block that ends with `week`, and for whom: short ones first, internal before public.

    That is the order of release: a longer block must know what the shorter ones in it have told.
    """
    ordered = sorted((weeks, who) for who, weeks in {*_LEVELS, *_EXTREMES.items()})
    blocks = ((who, block_of(week, weeks)) for weeks, who in ordered)
    return [(who, block) for who, block in blocks if block.last == week.last]


def parse_block(text: str) -> Block:
    """The block written as `str` writes it; raises ValueError for anything else."""
    found = _NAME.fullmatch(text)
    if found is None:
        return block_of(parse_week(text), 1)
    weeks = int(found["weeks"])
    block = block_of(Week(int(found["year"]), 1), weeks)
    if week_of(block.first).year < int(found["year"]):
        block = block.following
    block = Block(weeks, block.ordinal + int(found["number"]) - 1)
    if str(block) != text or weeks == 1:
        raise ValueError(f"there is no block {text}")
    return block
