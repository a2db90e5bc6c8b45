"""The release job: freezes closed weeks, once each, a day or more after they closed.

The steps of a release, each safe to repeat after a kill: tallies of what it counts; a seal on them,
with a key for the noise; the cells of every block that ends with the week; the mark that readers
look for; the freezing, which forgets the key.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from threading import Event

from contract.errors import StoreUnavailable
from ingest.calendar import ZONE, Week, week_of
from ingest.counting import count, open_sessions
from ingest.cycles import cycles_left
from ingest.disclosure import RULES, Rules
from ingest.noise_key import KEY_BYTES
from ingest.operations import Operations
from ingest.publication import publish
from ingest.second_process import Open
from ingest.settings import ReleaseSection
from ingest.store import Store
from ingest.telemetry import Telemetry
from ingest.windows import Audience

__all__ = [
    "last_due", "next_due", "open_sessions", "release_due", "release_next", "rules_of", "run",
]  # fmt: skip


def draw_key() -> bytes:
    """A new key for the noise of a week, which nobody can guess."""
    return secrets.token_bytes(KEY_BYTES)


def rules_of(settings: ReleaseSection) -> dict[Audience, Rules]:
    """The rules for each audience, as the settings want them."""
    epsilon = Fraction(str(settings.public_epsilon)) or None
    made = {
        audience: replace(rules, minimum_sessions=settings.minimum_sessions)
        for audience, rules in RULES.items()
    }
    made[Audience.PUBLIC] = replace(made[Audience.PUBLIC], epsilon=epsilon)
    return made


def last_due(now: datetime, delay_hours: float) -> Week:
    """The latest week that closed at least `delay_hours` before `now`."""
    moment = now.astimezone(ZONE) - timedelta(hours=delay_hours)
    return week_of(moment.date() - timedelta(days=7))


def next_due(store: Store, now: datetime, delay_hours: float) -> tuple[Week, datetime]:
    """The week that sessions of today count in, and the moment from which it may be released."""
    week = week_of(now.astimezone(ZONE).date())
    released = store.trends.released_weeks()
    if released:
        week = max(week, released[-1].following)
    return week, week.closes() + timedelta(hours=delay_hours)


def release_due(
    store: Store,
    operations: Operations,
    rules: dict[Audience, Rules],
    now: datetime,
    delay_hours: float,
    on_release: Callable[[Week], object] = lambda week: None,
    draw_key: Callable[[], bytes] = draw_key,
    elsewhere: Open | None = None,
) -> list[Week]:
    """Release every week that is due and not released yet, oldest first; returns those.

    `on_release` is told of each. `elsewhere` opens the same databases for a second process, which
    shares the work of a large city. May be killed anywhere, and called by many workers at once:
    every week is released once. Raises StoreUnavailable; call again, and it goes on where it was.
    """
    weeks = []
    while week := release_next(store, operations, rules, now, delay_hours, draw_key, elsewhere):
        on_release(week)
        weeks.append(week)
    return weeks


def release_next(
    store: Store,
    operations: Operations,
    rules: dict[Audience, Rules],
    now: datetime,
    delay_hours: float,
    draw_key: Callable[[], bytes] = draw_key,
    elsewhere: Open | None = None,
) -> Week | None:
    """Release the earliest week that is not released yet, if it is due; None if it is not."""
    with operations.releases.turn(), cycles_left():
        week = _earliest(store, operations)
        if week is None or week > last_due(now, delay_hours):
            return None
        if week not in operations.releases.sealed():
            count(store, operations, week, elsewhere)
        key = operations.releases.seal(week, draw_key(), now)
        if key is not None:  # none is left once it is frozen, by one whose turn had not ended
            operations.releases.keep_city_week(week)
            publish(store, operations, rules, week, key, elsewhere)
            store.trends.mark_released(week)
            operations.releases.freeze(week, now)
        return week


def _earliest(store: Store, operations: Operations) -> Week | None:
    """The earliest week that is not frozen; None before there is any session."""
    frozen, sealed = operations.releases.frozen(), operations.releases.sealed()
    if len(sealed) > len(frozen):
        return sealed[-1]
    # If the operational database was lost, the store still knows what has been released.
    if last := max([*frozen, *store.trends.released_weeks()], default=None):
        return last.following
    return min(store.trends.weeks(), default=None)


def run(
    settings: ReleaseSection,
    store: Store,
    operations: Operations,
    telemetry: Telemetry,
    clock: Callable[[], datetime],
    stop: Event,
    elsewhere: Open | None = None,
) -> None:
    """Release what is due, now and again, until `stop` is set; an absent store is waited out."""
    rules = rules_of(settings)
    while not stop.is_set():
        try:
            if released := store.trends.released_weeks():
                telemetry.released_until(released[-1].closes())
            week = release_next(
                store, operations, rules, clock(), settings.delay_hours, elsewhere=elsewhere
            )
        except StoreUnavailable as error:
            telemetry.release_failed(str(error), settings.check_every_seconds)
        else:
            if week is not None:
                telemetry.week_released(str(week), week.closes())
                continue
        stop.wait(settings.check_every_seconds)
