"""Opening the store that the settings name."""

from collections.abc import Callable
from datetime import datetime

from contract.errors import StoreUnavailable
from ingest.settings import StoreSection
from ingest.store import Store
from ingest.store.expiry import Expiry
from ingest.store.sqlite import SqliteStore
from ingest.turns import rollup_turn


def open_store(settings: StoreSection, clock: Callable[[], datetime]) -> Store:
    """The store of `settings.kind`; what InfluxDB needs is imported only for InfluxDB."""
    if settings.kind == "sqlite":
        return SqliteStore(settings.path, Expiry(settings.retention, clock))
    try:
        from ingest.store.influx import InfluxStore
    except ModuleNotFoundError as error:
        if error.name != "influxdb_client":
            raise
        raise StoreUnavailable(
            "[store] kind = \"influx\" needs: pip install 'health-kiosk[influx]'"
        ) from error
    return InfluxStore(settings, rollup_turn(settings.operations_url), clock)
