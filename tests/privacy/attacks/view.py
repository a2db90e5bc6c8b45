"""What an attacker sees of a simulated city: released cells, or those of a careless publisher."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple, Protocol

from contract.glucose_batch import GlucoseRow, glucose_row
from contract.screening import HYPERTENSIVE, Meal
from contract.screening_batch import BloodPressureRow
from ingest.calendar import ZONE, Week, week_of
from ingest.disclosure import RULES, Cell, Rules, Weekly, release
from ingest.disclosure.gathering import Gathering
from ingest.disclosure.scales import SCALES
from ingest.disclosure.showing import count_cells
from ingest.disclosure.tables import table
from ingest.windows import FIRST_MONDAY, Audience, Level, block_of, closing_with
from tests.trends_city import Site, counted, pool, weekly

START = datetime.combine(FIRST_MONDAY, datetime.min.time(), ZONE)
CARELESS = Rules(minimum_sessions=1, smallest_count=0, round_to=1, narrowest=0)
"""No minimum, no smallest count, nothing rounded."""

HIGH = HYPERTENSIVE | {"high", "very_high"}
"""The classes of the parts `high` of blood pressure and `high_or_higher` of glucose."""


class Visit(NamedTuple):
    """A session, and when it arrived at the centre."""

    moment: datetime
    arrived: datetime
    site: Site
    row: BloodPressureRow | GlucoseRow

    @property
    def high(self) -> bool:
        """The class that an attacker wants to know."""
        return self.row.c in HIGH

    def counted(self, week: Week) -> Weekly:
        """The session as it counts in a week."""
        if isinstance(self.row, BloodPressureRow):
            return weekly(self.site, week, self.row)
        nothing = (None, None)
        return Weekly(
            week, *self.site, "glu_fasting", self.row.c, *nothing, self.row.g, self.row.single
        )


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
        counts = counted(visit.counted(counted_in(visit)) for visit in visits)
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
                counts = [visit.counted(week_of(visit.moment.date())) for visit in visits]
                gathering = Gathering(block, Level)
                gathering.add(counted(counts))
                for one in gathering.populations():
                    shown = table(one, Audience.INTERNAL, block, SCALES[one.measure], self.rules)
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


@cache
def fasting() -> tuple[GlucoseRow, ...]:
    """Glucose before breakfast of people of whom a fifth have it high, 7.0 mmol/L or more."""
    rng = Random(9)
    middles = [(5.2, 0.5)] * 6 + [(6.5, 0.2)] * 2 + [(9.0, 1.0)] * 2
    return tuple(
        glucose_row(round(max(3.0, rng.gauss(*rng.choice(middles))), 1), Meal.FASTING, single=True)
        for _ in range(4_000)
    )


def fasting_prior() -> float:
    """The same as `prior` for glucose."""
    return sum(row.c in HIGH for row in fasting()) / len(fasting())
