"""The centre's clock and databases, opened from their settings in whatever process."""

from collections.abc import Callable
from datetime import datetime

from ingest.calendar import ZONE
from ingest.operations import Operations
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.store.opening import open_store


def system_clock() -> datetime:
    """The machine's clock, in the programme's time zone."""
    return datetime.now(ZONE)


def opened(
    settings: StoreSection, clock: Callable[[], datetime] = system_clock
) -> tuple[Store, Operations]:
    """The store and the operational database; raises StoreUnavailable."""
    return open_store(settings, clock), Operations(settings.operations_url)
