"""Keep the hours of usage what their windows say: work the queue of dirty hours off, in pieces."""

from ingest.operations import Operations
from ingest.store import Store
from ingest.usage import Site

MARKS_AT_A_TIME = 2_000
AREA_HOURS_AT_A_TIME = 24
_PIECES = 5

_REST = 4
_LONGEST_REST_SECONDS = 10.0


def work_off(operations: Operations, store: Store) -> bool:
    """Make some hours anew; whether there may be more to do.

    Safe beside any other worker that does the same, and to be broken off anywhere: a mark goes
    only after what it asked for is in the store. Raises StoreUnavailable.
    """
    sites: dict[str, Site] | None = None
    more_stations = True
    for _ in range(_PIECES):
        with operations.dirty.stations(MARKS_AT_A_TIME) as hours:
            if hours:
                sites = known_sites(operations) if sites is None else sites
                store.rollups.roll_up(hours, sites)
        more_stations = bool(hours)
        if not more_stations:
            break
    with operations.dirty.areas(AREA_HOURS_AT_A_TIME) as starts:
        if starts:
            store.rollups.roll_up_areas(starts)
    return more_stations or bool(starts)


def rest_seconds(messages_took: float) -> float:
    """How long to make no hours after a piece of work, during which messages took so long.

    Receipts come first. In a flood hours are made later, then fewer times over: what comes of an
    hour meanwhile is worked off at once.
    """
    return min(_LONGEST_REST_SECONDS, _REST * messages_took)


def known_sites(operations: Operations) -> dict[str, Site]:
    """What the inventory says of every station, also of retired ones, whose hours stay."""
    return {
        one.id: Site(one.venue, one.opening_hours, one.seats)
        for one in operations.inventory.all(retired=True)
    }
