"""The centre that is audited, opened to be read: nothing is made that is not there."""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from health_kiosk.failure import Failure
from ingest.calendar import ZONE, Week, week_of
from ingest.centre import opened
from ingest.operations import Operations
from ingest.settings import Settings, StoreSection
from ingest.store import Store
from ingest.store.expiry import Expiry


class Centre(NamedTuple):
    """A centre's databases, and how far back they reach.

    Sessions of weeks before `since`, and windows of weeks before `windows_since`, have expired;
    None is none has.
    """

    store: Store
    operations: Operations
    since: Week | None = None
    windows_since: Week | None = None


def open_centre(settings: Settings, clock: Callable[[], datetime]) -> Centre:
    """Open both databases; raises Failure where a file is missing, StoreUnavailable."""
    _require(settings.store)
    store, operations = opened(settings.store, clock)
    expiry = Expiry(settings.store.retention, clock)
    oldest = expiry.oldest_window()
    first_window = datetime.fromtimestamp(oldest, ZONE).date()
    windows_since = week_of(first_window).following if oldest else None
    return Centre(store, operations, expiry.first_whole_week(), windows_since)


def require_same_city(centre: Centre, stations: Collection[str]) -> None:
    """Raises Failure if the centre's inventory has none of these stations."""
    known = {one.id for one in centre.operations.inventory.all(retired=True)}
    if known.isdisjoint(stations):
        example = min(stations, default="")
        raise Failure(
            f"the centre's inventory has none of the {len(stations):,} stations, such as {example};"
            " name the centre that the city was sent to with --config"
        )


def _require(section: StoreSection) -> None:
    """Opening a database that is not there would make an empty one."""
    files = [section.path] if section.kind == "sqlite" else []
    try:
        url = make_url(section.operations_url)
    except ArgumentError as error:
        raise Failure(f"[store] operations_url is no address of a database: {error}") from error
    if url.get_backend_name() == "sqlite" and url.database:
        files.append(Path(url.database))
    for file in files:
        if not file.exists():
            raise Failure(
                f"there is no database {file}; name the centre that the city was sent to with"
                " --config ingest.toml"
            )
