"""`health-kiosk ingest`: the central service, until it is told to stop."""

import argparse

from health_kiosk.configuration import settings_from
from health_kiosk.ports import require_free
from ingest import service
from ingest.settings import load


def run(options: argparse.Namespace) -> None:
    """Serve with the settings in `options.config` and the environment."""
    settings = settings_from(load, options.config)
    require_free(settings.http.host, settings.http.port, "[http] port in the settings")
    service.run(settings)
