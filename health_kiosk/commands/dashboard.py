"""`health-kiosk dashboard`: the built-in page."""

import argparse
import logging
import os

from dashboard.web import app
from health_kiosk.ports import require_free

_KEY = "HEALTH_KIOSK_API_KEY"
"""Not an option of the command line, where every user of the machine could read it."""


def run(options: argparse.Namespace) -> None:
    """Serve the page from what `options.ingest_url` answers."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or it tells of every request
    require_free(options.host, options.port, "--port")
    app.run(options.host, options.port, options.ingest_url, os.environ.get(_KEY))
