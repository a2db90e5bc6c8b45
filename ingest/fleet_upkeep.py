"""Keep the state of the fleet, once a minute for all workers together, for dashboards.

Reading everything about 20,000 stations takes more than a second of a processor: so many are looked
at every five minutes.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from contract.errors import StoreUnavailable
from ingest import ledger_queries
from ingest.fleet import Changes, State, fleet_points, minute_of, states
from ingest.operations import Operations
from ingest.silent import SilentList
from ingest.store.fleet import Fleet
from ingest.telemetry import Telemetry

MANY_STATIONS = 5_000
_MINUTES_BETWEEN, _MINUTES_BETWEEN_OF_MANY = 1, 5
_ROUND = "fleet_minute"
_MOST_MINUTES_BETWEEN_ALL = 60
_MOMENT = 0.5
_HALF_MINUTE = 30.0


class FleetRounds:
    """One worker's rounds: of each minute one worker writes the points, whoever comes first.

    Points of a minute are the same whoever writes them, so one that is written twice does no harm.
    """

    def __init__(self, operations: Operations, fleet: Fleet, telemetry: Telemetry) -> None:
        self._operations = operations
        self._fleet = fleet
        self._telemetry = telemetry
        self._changes = Changes()
        self._silent = SilentList()
        self._every = _MINUTES_BETWEEN
        self._mine = -1
        self._all_at = 0

    def go(self, now: datetime) -> bool:
        """Write the points of the present minute unless somebody has; whether this worker did.

        Raises StoreUnavailable: the minute is then left out.
        """
        minute = self._minute(now)
        before = self._operations.rounds.take(_ROUND, minute)
        if before is None:
            return False
        if before != self._mine or minute >= self._all_at:
            # Another worker has written meanwhile, or it is time: nobody knows what stands there.
            self._changes.forget()
            self._silent.forget()
            self._all_at = minute + _MOST_MINUTES_BETWEEN_ALL
        self._mine = minute
        at = datetime.fromtimestamp(minute * 60, UTC)
        found = look(self._operations, now)
        self._every = _MINUTES_BETWEEN if len(found) < MANY_STATIONS else _MINUTES_BETWEEN_OF_MANY
        changed, listed = self._changes.of(found, at), self._silent.of(found, at)
        self._fleet.write([*fleet_points(found, at), *changed, *listed])
        self._changes.written(changed)
        self._silent.written(listed)
        self._telemetry.fleet_written(at)
        return True

    def seconds_until_next(self, now: datetime) -> float:
        """How long to wait: who went the last round begins the next, others half a minute later.

        So one worker goes them all while it can, and need not write what has not changed.
        """
        minute = self._minute(now)
        seconds = (minute + self._every) * 60 - now.timestamp()
        return seconds + (_MOMENT if self._mine >= minute else _HALF_MINUTE)

    def _minute(self, now: datetime) -> int:
        """The minute whose round it is."""
        return minute_of(now) // self._every * self._every


def look(operations: Operations, now: datetime) -> list[State]:
    """How every station in service is, as the operational database knows it."""
    return states(
        operations.inventory.all(),
        operations.sightings.all(),
        ledger_queries.unbalanced(operations.book.claims(), operations.book.tallies()),
        now,
    )


def run(
    operations: Operations,
    fleet: Fleet,
    telemetry: Telemetry,
    clock: Callable[[], datetime],
    stop: Event,
) -> None:
    """Go rounds until `stop` is set, of a `fleet` that keeps them."""
    rounds = FleetRounds(operations, fleet, telemetry)
    while not stop.is_set():
        try:
            rounds.go(clock())
        except StoreUnavailable as error:
            telemetry.fleet_failed(str(error))
        stop.wait(rounds.seconds_until_next(clock()))
