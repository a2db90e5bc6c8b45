"""The release job: freezes closed weeks, once each, a day or more after they closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from contract.errors import StoreUnavailable
from ingest import trends
from ingest.calendar import ZONE, Week, week_of
from ingest.settings import ReleaseSection
from ingest.store import Store
from ingest.telemetry import Telemetry
from ingest.trends import Rules


def last_due(now: datetime, delay_hours: float) -> Week:
    """The latest week that closed at least `delay_hours` before `now`."""
    moment = now.astimezone(ZONE) - timedelta(hours=delay_hours)
    return week_of(moment.date() - timedelta(days=7))


def next_due(store: Store, now: datetime, delay_hours: float) -> tuple[Week, datetime]:
    """The week that sessions of today count in, and the moment from which it may be released."""
    week = week_of(now.astimezone(ZONE).date())
    released = store.released_weeks()
    if released:
        week = max(week, released[-1].following)
    return week, week.closes() + timedelta(hours=delay_hours)


def release_due(store: Store, rules: Rules, now: datetime, delay_hours: float) -> list[Week]:
    """Release every week that is due and not released yet; returns those released now."""
    return store.release(last_due(now, delay_hours), partial(trends.release, rules=rules))


def run(
    settings: ReleaseSection,
    store: Store,
    telemetry: Telemetry,
    clock: Callable[[], datetime],
    stop: Event,
) -> None:
    """Release what is due, now and again, until `stop` is set; an absent store is waited out."""
    rules = Rules(settings.minimum_sessions)
    while not stop.is_set():
        try:
            for week in release_due(store, rules, clock(), settings.delay_hours):
                telemetry.week_released(str(week))
        except StoreUnavailable as error:
            telemetry.commit_failed(str(error), settings.check_every_seconds)
        stop.wait(settings.check_every_seconds)
