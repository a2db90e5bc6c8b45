"""What a release of a week counts: every session up to that week that no release has counted."""

from collections.abc import Sequence

from ingest.calendar import Week
from ingest.cycles import cycles_left
from ingest.disclosure import tallied
from ingest.operations import Operations
from ingest.operations.releases import STATIONS_AT_A_TIME
from ingest.pieces import pieces
from ingest.second_process import SHARED_FROM, Open, second_process
from ingest.store import Store


def count(
    store: Store,
    operations: Operations,
    week: Week,
    elsewhere: Open | None = None,
    shared_from: int = SHARED_FROM,
) -> None:
    """Add the tallies of `week`, some stations at a time; safe to break off and to repeat.

    What comes to the store meanwhile may be counted or left for the week after. With many stations
    a process that opens the databases `elsewhere` counts half of them.
    """
    for own in _own_weeks(store, operations, week):
        stored = store.trends.session_counts(own)
        counted = operations.releases.counted(own)
        fresh = sorted(one for one, sessions in stored.items() if sessions > counted.get(one, 0))
        if elsewhere is None or len(fresh) < shared_from:
            _add(store, operations, week, own, fresh)
            continue
        with second_process() as other:
            half = len(fresh) // 2
            others = other.submit(_add_elsewhere, elsewhere, week, own, fresh[half:])
            _add(store, operations, week, own, fresh[:half])
            others.result()


def _add(
    store: Store, operations: Operations, week: Week, own: Week, stations: Sequence[str]
) -> None:
    for some in pieces(stations, STATIONS_AT_A_TIME):
        found = tallied(store.trends.sessions(own, some), week)
        operations.releases.add(week, own, found)


def _add_elsewhere(opened: Open, week: Week, own: Week, stations: Sequence[str]) -> None:
    with cycles_left():
        _add(*opened(), week, own, stations)


def open_sessions(store: Store, operations: Operations, week: Week) -> int:
    """How many sessions would count in `week` if it were released now; exact, not for showing.

    It reads the counts of every week that is stored. Raises StoreUnavailable.
    """
    sealed = operations.releases.sealed()
    already = operations.releases.counted_in(week)
    if week in sealed:
        return already
    last = max([*sealed, *store.trends.released_weeks()], default=None)
    takes_late = last is not None and week == last.following
    own_weeks = _own_weeks(store, operations, week)
    return already + sum(
        _uncounted(store, operations, own) for own in own_weeks if own == week or takes_late
    )


def _uncounted(store: Store, operations: Operations, own: Week) -> int:
    counted = operations.releases.counted(own)
    stored = store.trends.session_counts(own)
    return sum(max(0, sessions - counted.get(one, 0)) for one, sessions in stored.items())


def _own_weeks(store: Store, operations: Operations, week: Week) -> list[Week]:
    """The weeks whose sessions may count in `week`.

    If weeks are marked in the store that the operational database knows nothing of (it was lost,
    and made anew), then nobody knows which sessions up to the last of them were counted: none of
    them counts again.
    """
    known = set(operations.releases.sealed())
    lost = max((one for one in store.trends.released_weeks() if one not in known), default=None)
    return [one for one in store.trends.weeks() if one <= week and (lost is None or one > lost)]
