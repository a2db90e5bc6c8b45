"""The centre's databases, opened from their settings in whatever process."""

from datetime import datetime

from ingest.calendar import ZONE
from ingest.operations import Operations
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.store.opening import open_store


def opened(settings: StoreSection) -> tuple[Store, Operations]:
    """The store and the operational database; raises StoreUnavailable."""
    return open_store(settings, _clock), Operations(settings.operations_url)


def _clock() -> datetime:
    return datetime.now(ZONE)
