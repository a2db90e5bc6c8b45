"""`health-kiosk quarantine`: list, show, replay or discard refused messages."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from contract.errors import ContractError, Reason
from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.calendar import ZONE
from ingest.centre import system_clock
from ingest.operations import Operations
from ingest.operations.quarantine import Kept
from ingest.pipeline import Pipeline
from ingest.settings import Settings, load
from ingest.store.opening import open_store
from ingest.telemetry import Telemetry


def run(options: argparse.Namespace) -> None:
    """Do `options.action` to the quarantine of the service described by `options.config`."""
    settings = settings_from(load, options.config)
    operations = Operations(settings.store.operations_url)
    match options.action:
        case "list":
            _list(operations, options.reason, options.station, options.limit)
        case "show":
            sys.stdout.buffer.write(_found(operations, options.digest).payload + b"\n")
        case "replay":
            kept = _found(operations, options.digest)
            _replay(settings, operations, kept, options.mended)
        case "discard":
            digest = _found(operations, options.digest).digest
            operations.quarantine.discard(digest)
            print(f"{digest} discarded, and counted")


def _list(operations: Operations, reason: Reason | None, station: str | None, limit: int) -> None:
    found = operations.quarantine.page(limit, reason=reason, station=station)
    for kept in found:
        print(
            f"{kept.digest[:12]}  {_moment(kept.received_at)}  {kept.reason:16}"
            f"  {kept.station or kept.topic}  {kept.detail}"
        )
    fill = operations.quarantine.fill()
    print(
        f"{len(found)} shown of {fill.messages} in quarantine ({fill.bytes / 2**20:.1f} MiB);"
        f" {fill.discarded} were ever discarded"
    )


def _replay(settings: Settings, operations: Operations, kept: Kept, mended: Path | None) -> None:
    store = open_store(settings.store, system_clock)
    pipeline = Pipeline(store, operations, Telemetry(), system_clock)
    try:
        payload = None if mended is None else mended.read_bytes().strip()
        pipeline.replay(kept, payload)
    except OSError as error:
        raise Failure(f"cannot read {mended}: {error.strerror}") from error
    except ContractError as error:
        raise Failure(f"refused again ({error.reason}): {error}; it stays where it is") from error
    print(f"{kept.digest} is stored")


def _found(operations: Operations, start: str) -> Kept:
    """The one message whose digest begins like this."""
    found = operations.quarantine.beginning(start, limit=2)
    if len(found) != 1:
        many = "more than one message" if found else "no message"
        raise Failure(f"{many} in quarantine has a digest that begins with {start!r}")
    return found[0]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"
