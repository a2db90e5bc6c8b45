"""`health-kiosk ledger`: what became of every message, for all stations or for one."""

import argparse

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest import ledger_queries
from ingest.answers import Ledger
from ingest.operations import Operations
from ingest.operator_answers import EpochLedger
from ingest.settings import load


def run(options: argparse.Namespace) -> None:
    """Print the ledger; ends with 1 if it does not balance."""
    settings = settings_from(load, options.config)
    operations = Operations(settings.store.operations_url)
    balanced = _station(operations, options.station) if options.station else _all(operations)
    if not balanced:
        raise SystemExit(1)


def _all(operations: Operations) -> bool:
    found = ledger_queries.summary(operations)
    print(f"{found.stations} station(s): {_sum(found)}")
    for one in found.unbalanced:
        print(f"  {one.station} epoch {one.epoch}: {one.unaccounted} unaccounted for")
    return found.balanced


def _station(operations: Operations, station: str) -> bool:
    found = ledger_queries.of_station(operations, station)
    if not found.epochs:
        raise Failure(f"nothing was ever heard of {station!r}")
    for epoch in found.epochs:
        print(f"epoch {epoch.epoch}: {_sum(epoch)}{_missing(epoch)}")
    return all(epoch.balanced for epoch in found.epochs)


def _sum(found: Ledger) -> str:
    sign = "=" if found.balanced else "≠"
    return (
        f"{found.numbered} numbered {sign} {found.stored} stored + {found.quarantined} quarantined"
        f" + {found.dropped} dropped + {found.pending} pending"
    )


def _missing(epoch: EpochLedger) -> str:
    runs = ", ".join(
        str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
        for one in epoch.missing
    )
    return f"; never arrived: {runs}" if runs else ""
