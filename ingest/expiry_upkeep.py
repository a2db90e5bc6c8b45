"""Delete what was kept for as long as the settings say: rows of the store, tallies of releases."""

from datetime import datetime, timedelta

from ingest.calendar import ZONE, week_of
from ingest.operations import Operations
from ingest.settings import RetentionSection
from ingest.store import Store
from ingest.windows import Audience, Level, block_of, extremes_weeks, weeks_of

_OF_TALLIES = max(weeks_of(Level.STATION, audience) for audience in Audience)
_OF_CITY_WEEKS = max(extremes_weeks(audience) for audience in Audience)
"""The longest blocks that are made of tallies, and of the city's weeks."""


def expire(store: Store, operations: Operations, retention: RetentionSection, now: datetime) -> int:
    """Delete what is older than `retention`; returns how many rows went. Raises StoreUnavailable.

    Safe beside any other worker that does the same or releases a week.
    """
    return store.expire() + _forget_tallies(store, operations, retention, now)


def _forget_tallies(
    store: Store, operations: Operations, retention: RetentionSection, now: datetime
) -> int:
    """A tally says which sessions counted already, and is a part of blocks that are not over."""
    if not retention.raw_days:
        return 0
    with operations.releases.turn():  # a release must find every tally of a week or not look at it
        sealed, frozen = operations.releases.sealed(), operations.releases.frozen()
        if not frozen or len(sealed) > len(frozen):
            return 0
        oldest = week_of((now - timedelta(days=retention.raw_days)).astimezone(ZONE).date())
        first = min([oldest.following, *store.trends.weeks()])
        needed = [
            week_of(block_of(frozen[-1].following, weeks).first)
            for weeks in (_OF_TALLIES, _OF_CITY_WEEKS)
        ]
        return operations.releases.forget(first, *needed)
