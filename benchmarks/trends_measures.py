"""One store's figures: a year of a city put into it, its last weeks released, its API asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from benchmarks.report import Figure
from benchmarks.trends_api import Answers, asked
from benchmarks.trends_city import (
    AREAS,
    City,
    Place,
    city,
    hours_of_areas,
    hours_of_stations,
    inventory,
    sessions,
    windows,
)
from benchmarks.trends_figures import Sizes, Turn, answer_figures, release_figures
from benchmarks.trends_load import Say, copy_back, write, write_hours
from benchmarks.trends_past import counted, long_ago
from benchmarks.trends_release import released
from benchmarks.trends_routes import Known
from ingest.calendar import Week
from ingest.centre import opened
from ingest.operations import Operations
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.usage import DAY_SECONDS, day_of
from ingest.windows import Block
from simulators.population import seeded

YEAR, LONGEST = 48, 12
"""Weeks that are released in all, and those whose tallies the longest window of stations takes."""

_LAST = Block(1, -1)  # 2025-W52, with which blocks of every length end
_MONTH = 4
_USAGE_WEEKS, _WINDOWS_WEEKS = 12, 4
_TENTH = 10
_SEED = 20_251_228
_USAGE = "/api/v1/usage/"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is put into a store, and how often each route is asked.

    `weeks` of sessions, `area_weeks` of hours of usage of areas.
    """

    stations: int
    weeks: int
    area_weeks: int
    usage_stations: int
    requests: int

    def said(self) -> str:
        """The scale in words."""
        usage = f"{len(AREAS)} areas x {self.area_weeks} weeks"
        return (
            f"{self.stations:,} stations; sessions of {self.weeks} weeks, tallies of {LONGEST},"
            f" released cells of {YEAR}; hours of usage: {usage}, {self.usage_stations:,} stations"
            f" x {_USAGE_WEEKS} weeks (their windows x {_WINDOWS_WEEKS}); {self.requests} requests"
            " to each route"
        )


def measured(section: StoreSection, scale: Scale, say: Say) -> list[Figure]:
    """Everything, in the order in which it happens; the store must be empty."""
    found = city(scale.stations, seeded(_SEED, "stations"))
    store, operations = opened(section, _now)
    try:
        operations.inventory.register(inventory(found))
        figures = _releases(section, store, operations, found, scale, say)
        return [*figures, *_answers(section, store, found, scale, say)]
    finally:
        operations.close()


def _releases(
    section: StoreSection, store: Store, operations: Operations, found: City, scale: Scale, say: Say
) -> list[Figure]:
    """The past, made and released; then week after week stored and released, each on its own."""
    say(f"{section.kind}: making the past …")
    rng = seeded(_SEED, "sessions")
    homes = {place.station.id: place.station.district for place in found.places}
    long_ago(store, operations, found, _weeks(YEAR, LONGEST), _now())
    tallied = _weeks(LONGEST, scale.weeks)
    counted(operations, found, tallied, rng, say)
    if tallied:
        took = released(section, _due(tallied[-1]), say)
        say(f"  {len(took.weeks)} weeks without sessions released in {took.seconds:.0f} s")
    if len(tallied) >= _MONTH:
        _copy_the_month(store, homes, say)
    turns = []
    for number, week in enumerate(_weeks(scale.weeks, 0), start=1):
        say(f"{section.kind}: storing and releasing {week}, {number} of {scale.weeks} …")
        began = perf_counter()
        written = write(store, sessions(found, week, rng), "sessions", say)
        storing = perf_counter() - began
        took = released(section, _due(week), say)
        if took.weeks != (week,):
            raise RuntimeError(f"released {took.weeks} in place of {week}")
        say(f"  released in {took.seconds:.1f} s, {took.peak:.0f} MiB at most")
        turns.append(Turn(week, number, written, storing, took))
        if scale.weeks - number == LONGEST - _MONTH:
            _copy_the_month(store, homes, say)
    copy_back(store, Block(LONGEST, -1), -(YEAR // LONGEST), homes, say)
    return list(release_figures(section.kind, turns))


def _copy_the_month(store: Store, homes: dict[str, str], say: Say) -> None:
    """The first four of the twelve weeks are released: let the year before them look alike."""
    copy_back(store, Block(_MONTH, -LONGEST // _MONTH), -YEAR // _MONTH, homes, say)


def _answers(
    section: StoreSection, store: Store, found: City, scale: Scale, say: Say
) -> list[Figure]:
    """Usage of a tenth of the stations stored and asked for, then of all, and everything asked."""
    rng = seeded(_SEED, "usage")
    some = found.places[:: len(found.places) // scale.usage_stations][: scale.usage_stations]
    few, others = some[::_TENTH], [one for at, one in enumerate(some) if at % _TENTH]

    def stored_and_asked(more: Sequence[Place], only: str) -> list[Answers]:
        write_hours(section, hours_of_stations(more, _ago(_USAGE_WEEKS), _ago(0), rng), say)
        write(store, windows(more, _ago(_WINDOWS_WEEKS), _ago(0), rng), "windows", say)
        there = [one.station.id for one in (few if only else some)]
        say(f"{section.kind}: asking, with the usage of {len(there)} stations stored …")
        known = Known(there, found.ids, _LAST, YEAR)
        return asked(section, _now(), known, scale.requests, rng, say, only)

    say(f"{section.kind}: storing usage …")
    write_hours(section, hours_of_areas(_ago(scale.area_weeks), _ago(0), rng), say)
    before = stored_and_asked(few, _USAGE) if others else []
    after = stored_and_asked(others or few, "")
    sizes = Sizes(len(few), len(some), scale.stations)
    return list(answer_figures(section.kind, before, after, sizes))


def _ago(weeks: int) -> int:
    """The local midnight so many weeks before the last one, in seconds since 1970."""
    return day_of(int(_now().timestamp())) - 7 * weeks * DAY_SECONDS


def _weeks(first: int, end: int) -> list[Week]:
    """The weeks from so many before the end of the year on, up to so many before it."""
    return [week for one in range(-first, -end) for week in Block(1, one).members()]


def _due(week: Week) -> datetime:
    """When a week is released, and none after it."""
    return week.closes() + timedelta(hours=25)


def _now() -> datetime:
    return _due(_LAST.members()[0])
