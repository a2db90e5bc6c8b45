"""Rank the stations once a day, one worker for all, where a dashboard cannot add up so many.

InfluxDB takes many seconds to add up four weeks of 20,000 stations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from threading import Event

from contract.places import CITY_ADCODE
from ingest.calendar import ZONE
from ingest.operations import Operations, Station
from ingest.pieces import pieces
from ingest.ranking import WEEKS, Standing, ranking_points, standing
from ingest.store import Store
from ingest.usage import Hour
from ingest.usage_queries import Period, last_weeks

_ROUND = "ranking"
_AFTER_MIDNIGHT = timedelta(hours=1)
"""Time for yesterday's last windows to come and to be rolled up."""

_STATIONS_AT_A_TIME = 500


def rank_due(operations: Operations, store: Store, now: datetime, stop: Event) -> bool:
    """Make the day's ranking unless it is made, or nobody wants it; whether this worker did.

    Safe beside any other worker that does the same, and to be killed anywhere: the day is ticked
    off after everything is written, and points that are written again are replaced. It ends early
    if `stop` is set. Raises StoreUnavailable.
    """
    if not store.ranking.keeps:
        return False
    moment = now - _AFTER_MIDNIGHT
    number = moment.astimezone(ZONE).date().toordinal()
    rounds = operations.rounds
    if rounds.last(_ROUND) >= number:
        return False
    with rounds.turn(_ROUND):
        if rounds.last(_ROUND) >= number:
            return False
        period = last_weeks(WEEKS, moment)
        found = list(_standings(store, operations.inventory.all(), period, stop))
        if stop.is_set():
            return False
        store.ranking.write(list(ranking_points(found, period.until)))
        rounds.take(_ROUND, number)
    return True


def _standings(
    store: Store, stations: Sequence[Station], period: Period, stop: Event
) -> Iterator[Standing]:
    """How much each station was used that was used at all."""
    for some in pieces(stations, _STATIONS_AT_A_TIME):
        if stop.is_set():
            return
        seen: defaultdict[str, list[Hour]] = defaultdict(list)
        ids = [one.id for one in some]
        for day in store.rollups.station_days(ids, period.since, period.until):
            seen[day.place].append(day)
        for one in some:
            found = standing(one.id, (CITY_ADCODE, one.district, one.venue), seen[one.id])
            if found is not None:
                yield found
