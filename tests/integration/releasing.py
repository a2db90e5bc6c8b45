"""A small city with twelve weeks of sessions, and everything that a release tells of it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import NamedTuple

from ingest.calendar import ZONE, Week, week_of
from ingest.disclosure import RULES, Cell, Rules
from ingest.operations import Operations
from ingest.records import SessionRecord, identity
from ingest.release import release_due
from ingest.store import Store
from ingest.store.sqlite import SqliteStore
from ingest.windows import Audience, Level, block_of
from tests.trends_city import Site, pool

CHAOYANG, DONGCHENG = "110105", "110101"
BANK = Site("BJ-CY-001", CHAOYANG, "bank")
GAS = Site("BJ-CY-002", CHAOYANG, "gas")
STORE = Site("BJ-DC-001", DONGCHENG, "convenience")
MOVING = Site("BJ-CY-003", CHAOYANG, "bank")
MOVED = MOVING._replace(district=DONGCHENG)
FIRST = Week(2026, 1)
LAST = Week(2026, 12)
WEEKS = [week_of(FIRST.first + timedelta(weeks=number)) for number in range(12)]
NOISY = {
    audience: Rules(smallest_count=rules.smallest_count, epsilon=Fraction(1))
    for audience, rules in RULES.items()
}


class Centre(NamedTuple):
    """The two databases of a centre."""

    store: Store
    operations: Operations


class Parts:
    """Whatever has these attributes."""

    def __init__(self, **parts: object) -> None:
        self.__dict__ |= parts


def due(week: Week) -> datetime:
    """The first moment at which a week may be released."""
    return datetime.combine(week.last + timedelta(days=2), datetime.min.time(), ZONE)


def sessions(
    site: Site, day: date, n: int, seq: int, *, glucose: bool = False
) -> list[SessionRecord]:
    """A batch; the same arguments make the same one."""
    rng = Random(f"{site.station} {day} {seq}")
    made = []
    for row in range(n):
        person = rng.choice(pool())
        common = (site.station, site.district)
        at = identity(day, site.station, 7, seq, row)
        if glucose:
            kind = rng.choice(("usual", "usual", "raised_after_food", "high"))
            made.append(
                SessionRecord(
                    *common, "glu_casual", at, day, kind, None, None, None, None,
                    single=True, glucose=8.0, venue=site.venue,
                )
            )  # fmt: skip
        else:
            made.append(
                SessionRecord(
                    *common, "bp", at, day, person.c, person.sub, person.s, person.d, person.p,
                    single=rng.random() < 0.5, venue=site.venue,
                )
            )  # fmt: skip
    return made


def week_of_sessions(week: Week) -> list[SessionRecord]:
    """What the city's stations send in a week; one of them moves in the seventh."""
    day = week.first + timedelta(days=4)
    mover = MOVING if week.number < 7 else MOVED
    return [
        *sessions(BANK, day, 40, 1),
        *sessions(GAS, day, 30, 1),
        *sessions(STORE, day, 35, 1),
        *sessions(mover, day, 25, 1),
        *sessions(BANK, day, 25, 2, glucose=True),
    ]


def opened(directory: Path) -> Centre:
    """A centre on SQLite."""
    store = SqliteStore(directory / "store.sqlite")
    return Centre(store, Operations(f"sqlite:///{directory}/operations.sqlite"))


def filled(directory: Path, weeks: Iterable[Week] = WEEKS) -> Centre:
    """The same, with what the city sent in these weeks."""
    centre = opened(directory)
    for week in weeks:
        centre.store.write(week_of_sessions(week))
    return centre


def release(
    centre: Centre, now: datetime, key: bytes = b"a", rules: dict[Audience, Rules] = NOISY
) -> list[Week]:
    """Release what is due, with this key for the noise of each week."""
    return release_due(*centre, rules, now, 24, draw_key=lambda: key)


def told(store: Store, first: Week = FIRST) -> Sequence[Cell]:
    """Every cell of the 48 weeks around a week."""
    block = block_of(first, 48)
    districts = ("", CHAOYANG, DONGCHENG)
    found = [cell for one in districts for cell in store.trends.cells_within(block, one)]
    return sorted(found, key=lambda cell: cell.name)


def shown(
    store: Store, area: str, level: Level, part: str, audience: Audience = Audience.INTERNAL
) -> dict[str, Cell]:
    """One part of an area by window."""
    cells = store.trends.cells(audience, level, area, "bp")
    return {str(cell.window): cell for cell in cells if cell.part == part}


def counted(operations: Operations) -> dict[tuple[str, str], int]:
    """How many sessions each release has counted at each station."""
    found: dict[tuple[str, str], int] = {}
    block = block_of(FIRST, 48)
    stations = [site.station for site in (BANK, GAS, STORE, MOVING)]
    for tally in operations.releases.tallies(block, stations):
        key = (tally.station, str(tally.week))
        found[key] = found.get(key, 0) + tally.n
    return found
