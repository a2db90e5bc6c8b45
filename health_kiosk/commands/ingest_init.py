"""`health-kiosk ingest init`: buckets, retention and a dashboard's token in InfluxDB."""

import argparse

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.settings import load
from ingest.store.influx_setup import prepare


def run(options: argparse.Namespace) -> None:
    """Prepare the InfluxDB that the settings name, and say what was made."""
    settings = settings_from(load, options.config).store
    if settings.kind != "influx":
        raise Failure('[store] kind is "sqlite", which needs no preparation')
    prepared = prepare(settings)
    print(f"InfluxDB {prepared.version}: {', '.join(prepared.buckets)} are ready")
    if prepared.advice:
        print(prepared.advice)
    if prepared.token:
        print(f"a token that reads released data only, shown this once: {prepared.token}")
