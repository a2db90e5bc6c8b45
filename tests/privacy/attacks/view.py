"""What an attacker sees of a simulated city: released cells, or those of a careless publisher."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, Protocol

from contract.screening import HYPERTENSIVE
from contract.screening_batch import BloodPressureRow
from ingest.calendar import ZONE, Week, week_of
from ingest.disclosure import RULES, Cell, Rules, release
from ingest.disclosure.counts import populations
from ingest.disclosure.release import count_cells
from ingest.disclosure.scales import SCALES
from ingest.disclosure.tables import table
from ingest.windows import FIRST_MONDAY, Audience, Level, block_of, closing_with
from tests.trends_city import Site, pool, summed, weekly

START = datetime.combine(FIRST_MONDAY, datetime.min.time(), ZONE)
CARELESS = Rules(minimum_sessions=1, smallest_count=0, round_to=1, narrowest=0)
"""No minimum, no smallest count, nothing rounded."""


class Visit(NamedTuple):
    """A session, and when it arrived at the centre."""

    moment: datetime
    arrived: datetime
    site: Site
    row: BloodPressureRow

    @property
    def high(self) -> bool:
        """The class that an attacker wants to know."""
        return self.row.c in HYPERTENSIVE


class View(Protocol):
    """What may be seen, and the rules that it follows, which are no secret."""

    rules: Rules

    def cells(self, now: datetime) -> Sequence[Cell]:
        """Everything that can be read at this moment."""


class Released:
    """What the rules in force publish, to both audiences, for somebody who can see both."""

    def __init__(
        self, visits: Iterable[Visit], weeks: int = 4, rules: dict[Audience, Rules] = RULES
    ) -> None:
        self.rules = rules[Audience.INTERNAL]
        counts = summed(weekly(visit.site, counted_in(visit), visit.row) for visit in visits)
        self._cells: list[Cell] = []
        self._moments: list[datetime] = []
        for offset in range(weeks):
            for audience, block in closing_with(week_of(FIRST_MONDAY + timedelta(weeks=offset))):
                mine = [one for one in counts if block.holds(one.week)]
                before = [c for c in self._cells if block.covers(c.window)]
                made = release(mine, audience, block, Random(offset), before, rules)
                self._cells += made
                self._moments += [block.released_from()] * len(made)

    def cells(self, now: datetime) -> Sequence[Cell]:
        """See `View.cells`."""
        return [
            cell for cell, moment in zip(self._cells, self._moments, strict=True) if moment <= now
        ]


class Careless:
    """Exact counts of weeks and of four weeks at every level, as they are at each moment."""

    def __init__(self, visits: Iterable[Visit], rules: Rules = CARELESS) -> None:
        self.rules = rules
        self._visits = list(visits)
        self._answered: dict[int, list[Cell]] = {}

    def cells(self, now: datetime) -> Sequence[Cell]:
        """See `View.cells`."""
        there = [visit for visit in self._visits if visit.arrived <= now]
        if len(there) not in self._answered:
            self._answered[len(there)] = self._cells(there)
        return self._answered[len(there)]

    def _cells(self, there: Sequence[Visit]) -> list[Cell]:
        found: list[Cell] = []
        for weeks in (1, 4):
            by_block: dict[int, list[Visit]] = {}
            for visit in there:
                block = block_of(week_of(visit.moment.date()), weeks)
                by_block.setdefault(block.ordinal, []).append(visit)
            for visits in by_block.values():
                block = block_of(week_of(visits[0].moment.date()), weeks)
                counts = [weekly(v.site, week_of(v.moment.date()), v.row) for v in visits]
                for one in populations(counts, Level):
                    shown = table(one, Audience.INTERNAL, block, SCALES["bp"], self.rules)
                    found += count_cells(shown)
        return found


def counted_in(visit: Visit) -> Week:
    """The week that a session counts in: its own, or the first that was open when it arrived."""
    week = week_of(visit.moment.date())
    while block_of(week, 1).released_from() <= visit.arrived:
        week = week.following
    return week


def visits_of(rng: Random, sites: Sequence[Site], weeks: int, low: int, high: int) -> list[Visit]:
    """Sessions by day from `low` to `high` a week at each site, which arrive the next night."""
    visits = []
    for site in sites:
        for week in range(weeks):
            for _ in range(rng.randint(low, high)):
                moment = START + timedelta(weeks=week, hours=rng.randrange(7) * 24)
                visits.append(
                    visit_at(moment + timedelta(minutes=rng.randrange(480, 1200)), site, rng)
                )
    return visits


def visit_at(moment: datetime, site: Site, rng: Random) -> Visit:
    """A session of somebody from the pool, seen at once by whoever publishes live."""
    return Visit(moment, moment, site, rng.choice(pool()))


def prior() -> float:
    """What everybody knows: how many sessions of the city are high."""
    return sum(row.c in HYPERTENSIVE for row in pool()) / len(pool())
