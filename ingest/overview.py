"""The state of the whole programme, as far as it can be read, and what is wrong with it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from threading import Lock

from contract.disclosure import ROUND_TO, SMALLEST_COUNT, rounded
from contract.errors import StoreUnavailable
from contract.places import CITY_ADCODE
from ingest import answers, problems
from ingest.calendar import ZONE, Week, parse_week
from ingest.operations import Operations
from ingest.release import next_due
from ingest.settings import Settings
from ingest.store import Store
from ingest.watch import Health
from ingest.whole_city import Look, WholeCity

_DEFAULT_MIN_BATCH = 5


class OpenCount:
    """How many sessions the open week has, looked up once a day.

    A number that moved whenever a batch came would tell a poller when. Threads may share it.
    """

    def __init__(self, look_up: Callable[[Week], int]) -> None:
        """`look_up` gives the exact number, or raises StoreUnavailable."""
        self._look_up = look_up
        self._lock = Lock()
        self._known: tuple[date, Week, int] | None = None

    def on(self, day: date, week: Week) -> int:
        """The number that stands for all of a local day; exact, so not for showing."""
        with self._lock:
            if self._known is None or self._known[:2] != (day, week):
                self._known = day, week, self._look_up(week)
            return self._known[2]


def overview(
    store: Store,
    operations: Operations,
    settings: Settings,
    health: Health,
    *,
    city: WholeCity,
    now: datetime,
    last_stored_at: datetime | None,
    open_count: OpenCount,
) -> answers.Overview:
    """The state of the whole programme; what a database that is away knows stays null."""
    found = answers.Overview(
        now=now,
        problems=list(problems.of_process(health)),
        stations=answers.Stations(registered=None, online=None),
        messages=answers.Messages(stored=None, quarantined=None, last_stored_at=last_stored_at),
        open_window=None,
        privacy=_privacy(settings, None),
        demo=settings.demo,
    )
    if health.operations_away is None:
        with suppress(StoreUnavailable):  # it went away since: the next look will say so
            _add_operations(found, operations, city.look(), settings)
    if health.store_away is None:
        with suppress(StoreUnavailable):
            found.open_window = _open_window(store, settings, now)
            # What has been counted before is known to the other database: if that has just failed,
            # it is not waited for a second time.
            if found.stations.registered is not None:
                found.open_window.sessions = _shown_count(
                    found.open_window, open_count, settings, now
                )
    return found


def _add_operations(
    found: answers.Overview, operations: Operations, look: Look, settings: Settings
) -> None:
    fill = operations.quarantine.fill()
    found.stations = answers.Stations(
        registered=len(look.states),
        online=look.sums.get(CITY_ADCODE, {}).get("online", 0),
    )
    found.messages.stored = look.ledger.stored
    found.messages.quarantined = fill.messages
    found.privacy = _privacy(settings, look.smallest_min_batch)
    found.problems += [
        *problems.of_quarantine(fill, settings.quarantine),
        *look.problems,
    ]


def _privacy(settings: Settings, smallest_min_batch: int | None) -> answers.Privacy:
    return answers.Privacy(
        minimum_sessions=settings.release.minimum_sessions,
        smallest_count=SMALLEST_COUNT,
        round_to=ROUND_TO,
        min_batch=_DEFAULT_MIN_BATCH,
        smallest_min_batch=smallest_min_batch,
    )


def _open_window(store: Store, settings: Settings, now: datetime) -> answers.OpenWindow:
    week, due = next_due(store, now, settings.release.delay_hours)
    return answers.OpenWindow(
        window=str(week), first=week.first, last=week.last, sessions=None, released_from=due
    )


def _shown_count(
    window: answers.OpenWindow, open_count: OpenCount, settings: Settings, now: datetime
) -> int | None:
    sessions = open_count.on(now.astimezone(ZONE).date(), parse_week(window.window))
    return rounded(sessions) if sessions >= settings.release.minimum_sessions else None
