"""A year of a whole city for the page's benchmark, made once and kept in a directory."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.run import Say
from benchmarks.trends_city import (
    City,
    Place,
    city,
    hours_of_areas,
    hours_of_stations,
    inventory,
    sessions,
)
from benchmarks.trends_load import copy_back, write_hours
from benchmarks.trends_past import long_ago
from benchmarks.trends_release import released
from contract.condition import Condition
from contract.receipts import Outcome
from contract.status import Agent, Kind, LedgerCount, Release, Status
from ingest.calendar import Week
from ingest.centre import opened
from ingest.disclosure import Tally, Weekly, tallied
from ingest.operations import Entry, Operations, Station
from ingest.settings import RetentionSection, StoreSection
from ingest.store import Store
from ingest.usage import DAY_SECONDS, day_of
from ingest.windows import Block
from simulators.population import seeded

YEAR, LONGEST = 48, 12
"""Weeks that are released in all, and those whose numbers are of all stations."""

USAGE_WEEKS = 12
"""Weeks of hours of use of single stations: the longest span that the page shows."""

_LAST = Block(1, -1)  # 2025-W52, with which blocks of every length end
_MONTH, _AREA_WEEKS = 4, 52
_SEED = 20_251_230
_STATIONS_AT_A_TIME = 250
_DRAWN_WEEKLY = 2_000  # of so many stations each week is drawn on its own
_ROWS_AT_MOST = 63  # of single messages: from 64 on the upkeep makes runs of them
_EPOCH = 1_766_000_000
_HEARTBEAT_SECONDS = 3_600.0  # so that stations are still online at the end of a long run
_LOADED = "loaded.json"
_FORM = 3
_WITHOUT_END = RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A store with a city in it; `busy` are the stations with hours of use of their own."""

    section: StoreSection
    now: datetime
    stations: tuple[str, ...]
    busy: tuple[str, ...]


def loaded(directory: Path, stations: int, say: Say) -> Loaded:
    """The city of so many stations in `directory`, made now if it is not there yet."""
    place = directory / f"page-{stations}"
    section = StoreSection(
        path=place / "store.sqlite",
        operations_url=f"sqlite:///{place}/operations.sqlite",
        retention=_WITHOUT_END,
    )
    mark = place / _LOADED
    if not mark.exists() or json.loads(mark.read_text())["form"] != _FORM:
        for old in place.glob("*") if place.exists() else ():
            old.unlink()
        place.mkdir(parents=True, exist_ok=True)
        busy = _load(section, stations, say)
        mark.write_text(json.dumps({"form": _FORM, "busy": busy}))
    operations = opened(section, now)[1]
    try:
        ids = tuple(one.id for one in operations.inventory.all())
    finally:
        operations.close()
    return Loaded(section, now(), ids, tuple(json.loads(mark.read_text())["busy"]))


def now() -> datetime:
    """The moment at which the page is looked at: a working morning after the last release."""
    return _LAST.members()[0].closes() + timedelta(hours=34)


def _load(section: StoreSection, stations: int, say: Say) -> list[str]:
    found = city(stations, seeded(_SEED, "stations"))
    store, operations = opened(section, now)
    try:
        operations.inventory.register(inventory(found))
        _releases(section, store, operations, found, say)
        busy = _usage(section, found, say)
        _messages(section, operations, inventory(found), say)
    finally:
        operations.close()
    return busy


def _releases(
    section: StoreSection, store: Store, operations: Operations, found: City, say: Say
) -> None:
    """Twelve weeks of every station counted and released, and the year before made alike."""
    homes = {place.station.id: place.station.district for place in found.places}
    long_ago(store, operations, found, _weeks(YEAR, LONGEST), now())
    weeks = _weeks(LONGEST, 0)
    rng = seeded(_SEED, "sessions")
    for first in range(0, len(found.places), _STATIONS_AT_A_TIME):
        some = found.places[first : first + _STATIONS_AT_A_TIME]
        _count(operations, some, weeks, rng, alike=len(found.places) > _DRAWN_WEEKLY)
        if first % (20 * _STATIONS_AT_A_TIME) == 0:
            say(f"  {first:,} stations counted")
    took = released(section, now(), say)
    say(f"  {len(took.weeks)} weeks released in {took.seconds:.0f} s")
    copy_back(store, Block(_MONTH, -LONGEST // _MONTH), -YEAR // _MONTH, homes, say)
    copy_back(store, Block(LONGEST, -1), -(YEAR // LONGEST), homes, say)


def _count(
    operations: Operations,
    some: Sequence[Place],
    weeks: Sequence[Week],
    rng: Random,
    *,
    alike: bool,
) -> None:
    """Tally some weeks of some stations; of a large city one drawn week stands for all of them."""
    if alike:
        drawn = _drawn(some, weeks[0], rng)
        for week in weeks:
            operations.releases.add(week, week, [one._replace(week=week) for one in drawn])
    else:
        for week in weeks:
            operations.releases.add(week, week, _drawn(some, week, rng))


def _drawn(some: Sequence[Place], week: Week, rng: Random) -> list[Tally]:
    weekly = [
        Weekly(
            week, one.station, one.district, one.venue, one.measure, one.category,
            one.systolic, one.diastolic, one.glucose, one.single,
        )
        for one in sessions(City(tuple(some)), week, rng)
    ]  # fmt: skip
    return tallied(weekly, week)


def _usage(section: StoreSection, found: City, say: Say) -> list[str]:
    """Hours and days of all areas for a year, and of one station in forty for twelve weeks."""
    rng = seeded(_SEED, "usage")
    write_hours(section, hours_of_areas(_ago(_AREA_WEEKS), _ago(0), rng), say)
    some = found.places[:: max(1, len(found.places) // max(4, len(found.places) // 40))]
    write_hours(section, hours_of_stations(some, _ago(USAGE_WEEKS), _ago(0), rng), say)
    return [one.station.id for one in some]


def _messages(
    section: StoreSection, operations: Operations, stations: Sequence[Station], say: Say
) -> None:
    """What every station said last, and how a year of its messages ended."""
    rng = seeded(_SEED, "messages")
    runs: list[tuple[str, int, int, int, str]] = []
    arrived: dict[str, int] = {}
    for first in range(0, len(stations), _STATIONS_AT_A_TIME):
        statuses, entries = [], []
        for number, one in enumerate(stations[first : first + _STATIONS_AT_A_TIME], first):
            settled = rng.randint(20_000, 36_000)
            recent = rng.randint(0, _ROWS_AT_MOST)
            gap = number % 500 == 7
            runs.append((one.id, _EPOCH, 1, settled - gap, Outcome.STORED.value))
            entries += [
                Entry(one.id, _EPOCH, settled + 1 + extra, _outcome(rng)) for extra in range(recent)
            ]
            if number % 100 != 99:  # a hundredth was never heard of
                pending = rng.randint(0, 2)
                arrived[one.id] = settled + recent
                statuses.append(_status(one.id, number, settled + recent, pending, rng))
        seen = now() - timedelta(seconds=rng.uniform(0, 300))
        operations.record(entries=entries, statuses=statuses, now=seen)
        if first % (20 * _STATIONS_AT_A_TIME) == 0:
            say(f"  {first:,} stations have spoken")
    _write_runs(section, runs)
    late = now() - timedelta(days=2)
    quiet = [(one.id, arrived[one.id]) for one in stations[::50] if one.id in arrived]
    spoke = [_status(one, 1, there, 0, rng) for one, there in quiet]
    operations.record(statuses=spoke, now=late)


def _status(station: str, number: int, arrived: int, pending: int, rng: Random) -> Status:
    condition = Condition.model_validate(
        {
            "backlog": {
                "messages": pending if number % 40 else 400,
                "windows": 1,
                "oldest_hours": 0 if number % 40 else 72,
            },
            "clock": "waiting" if number % 150 == 3 else "synchronised",
            "storage": "full" if number % 300 == 5 else "sound",
            "radio": "deaf" if number % 200 == 9 else "hearing",
            "space": "scarce" if number % 30 == 2 else "ample",
            "devices": [
                {"alias": "bp1", "heard": "week", "battery": rng.choice(("good", "good", "low"))},
                {"alias": "glu1", "heard": rng.choice(("week", "month", "longer"))},
            ],
        }
    )
    return Status(
        station=station,
        kind=Kind.HEARTBEAT,
        boot=f"{number:016x}",
        ledger=LedgerCount(epoch=_EPOCH, numbered=arrived + pending, pending=pending, dropped=0),
        agent=Agent(
            version=("0.4.2", "0.4.2", "0.4.1", "0.3.9")[number % 4],
            min_batch=5,
            release=Release.DAILY,
            heartbeat_seconds=_HEARTBEAT_SECONDS,
        ),
        condition=condition,
    )


def _outcome(rng: Random) -> Outcome:
    return Outcome.QUARANTINED if rng.random() < 0.0005 else Outcome.STORED


def _write_runs(section: StoreSection, runs: Sequence[tuple[str, int, int, int, str]]) -> None:
    path = section.operations_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        database.executemany("INSERT INTO ledger_spans VALUES (?, ?, ?, ?, ?)", runs)
        database.commit()


def _weeks(first: int, end: int) -> list[Week]:
    """The weeks from so many before the end of the year on, up to so many before it."""
    return [week for one in range(-first, -end) for week in Block(1, one).members()]


def _ago(weeks: int) -> int:
    """The local midnight so many weeks before the last one, in seconds since 1970."""
    return day_of(int(now().timestamp())) - 7 * weeks * DAY_SECONDS
