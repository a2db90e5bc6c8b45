"""`health-kiosk report`: the weekly report of the city or of a district, as PDF and workbook."""

import argparse
import logging
import os
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.reports.api import DocumentError, connected
from dashboard.reports.facts import gather
from dashboard.reports.languages import WORDS
from dashboard.reports.paper import paper
from dashboard.reports.saving import save
from dashboard.reports.tables import grids
from health_kiosk.failure import Failure

ZONE = ZoneInfo("Asia/Shanghai")
KEY = "HEALTH_KIOSK_API_KEY"
"""Not an option of the command line, where every user of the machine could read it."""


def run(options: argparse.Namespace) -> None:
    """Write `options.pdf` and `options.xlsx` of what `options.ingest_url` has released."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or it tells of every request
    if options.pdf is None and options.xlsx is None:
        raise Failure("say what to write: --pdf FILE, --xlsx FILE or both")
    try:
        _write(options, datetime.now(ZONE))
    except DocumentError as error:
        raise Failure(error.zh if options.lang == "zh" else error.en) from error


def _write(options: argparse.Namespace, now: datetime) -> None:
    said = WORDS[options.lang]
    with connected(options.ingest_url, os.environ.get(KEY)) as api:
        facts = gather(api, options.week, options.district)
    page = paper(facts, said, now)
    if options.pdf is not None:
        from dashboard.reports.pdf import pdf  # Typst is large, and a workbook needs none

        save(options.pdf, pdf(page, now))
        print(options.pdf)
    if options.xlsx is not None:
        from dashboard.reports.workbook import workbook

        save(options.xlsx, workbook(page, grids(facts, page, said), now))
        print(options.xlsx)
