"""The weeks before those that are measured: counted and released, without their sessions."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from benchmarks.trends_city import City, sessions
from benchmarks.trends_load import Say
from ingest.calendar import Week
from ingest.disclosure import Weekly, tallied
from ingest.operations import Operations
from ingest.pieces import pieces
from ingest.store import Store
from simulators.population import seeded

_STATIONS_AT_A_TIME = 250
_STATIONS_LONG_AGO = 20
_NO_KEY = bytes(32)


def long_ago(
    store: Store, operations: Operations, found: City, weeks: Sequence[Week], now: datetime
) -> None:
    """Make these weeks released ones, of which the city's sums are known and no more.

    The sums are those of a few stations, for their size costs nothing.
    """
    few = City(found.places[:_STATIONS_LONG_AGO])
    for week in weeks:
        count(operations, few, week, seeded(week.number))
        operations.releases.seal(week, _NO_KEY, now)
        operations.releases.keep_city_week(week)
        operations.releases.freeze(week, now)
        store.trends.mark_released(week)


def count(operations: Operations, found: City, week: Week, rng: Random) -> int:
    """Tally a week's sessions as if they had been in the store; returns how many there were."""
    counted = 0
    for some in pieces(found.places, _STATIONS_AT_A_TIME):
        drawn = sessions(City(tuple(some)), week, rng)
        weekly = [
            Weekly(
                week, one.station, one.district, one.venue, one.measure, one.category,
                one.systolic, one.diastolic, one.glucose, one.single,
            )
            for one in drawn
        ]  # fmt: skip
        counted += operations.releases.add(week, week, tallied(weekly, week))
    return counted


def counted(
    operations: Operations, found: City, weeks: Sequence[Week], rng: Random, say: Say
) -> int:
    """Tally all stations' sessions of some weeks; returns how many there were."""
    total = 0
    for week in weeks:
        total += count(operations, found, week, rng)
        say(f"  {week} tallied, without its sessions")
    return total
