"""`health-kiosk export`: released numbers for DHIS2, and as FHIR MeasureReports."""

import argparse
import json
import logging
import os
from collections.abc import Sequence
from datetime import datetime

from contract.places import DISTRICTS
from dashboard.exports import dhis2, measure_reports
from dashboard.exports.shown import MEASURES, Place, gather, nothing_to_tell
from dashboard.reports.api import DocumentError, connected
from dashboard.reports.saving import save
from health_kiosk.commands.report import KEY, ZONE
from health_kiosk.failure import Failure


def run(options: argparse.Namespace) -> None:
    """Write `options.out` for `options.format` from what `options.ingest_url` has released."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or it tells of every request
    try:
        _write(options, datetime.now(ZONE))
    except DocumentError as error:
        raise Failure(error.zh if options.lang == "zh" else error.en) from error
    print(options.out)


def _write(options: argparse.Namespace, now: datetime) -> None:
    codes = [options.district] if options.district else list(DISTRICTS)
    window = options.week or options.block
    with connected(options.ingest_url, os.environ.get(KEY)) as api:
        places = gather(api, options.audience, window, codes, list(MEASURES))
    if nothing := nothing_to_tell(places):
        raise nothing
    document = _document(options.format, places, options.audience, now)
    save(options.out, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())


def _document(
    kind: str, places: Sequence[Place], audience: str, now: datetime
) -> dict[str, object]:
    if kind == "dhis2":
        return dhis2.data_value_set(places)
    return measure_reports.bundle(places, now, audience)
