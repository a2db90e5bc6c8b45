"""`health-kiosk trends release`: release every closed week that is due."""

import argparse

from health_kiosk.configuration import settings_from
from ingest.release import release_due
from ingest.service import system_clock
from ingest.settings import load
from ingest.store.opening import open_store
from ingest.trends import Rules


def run(options: argparse.Namespace) -> None:
    """Release in the store that the settings name."""
    settings = settings_from(load, options.config)
    rules = Rules(settings.release.minimum_sessions)
    store = open_store(settings.store, system_clock)
    weeks = release_due(store, rules, system_clock(), settings.release.delay_hours)
    print(f"{len(weeks)} week(s) released" + (f": {weeks[0]} to {weeks[-1]}" if weeks else ""))
