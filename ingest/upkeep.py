"""Upkeep: replay what may be stored, keep books small and hours true, rank, delete what is old."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from contract.errors import ContractError, StoreUnavailable
from ingest.expiry_upkeep import expire
from ingest.operations import Operations
from ingest.pieces import pieces
from ingest.pipeline import Pipeline
from ingest.ranking_upkeep import rank_due
from ingest.settings import QuarantineSection, Settings
from ingest.store import Store
from ingest.telemetry import Telemetry
from ingest.usage_upkeep import rest_seconds, work_off

_AT_A_TIME = 50  # each may be as large as the broker lets through
_STATIONS_AT_A_TIME = 500
_COMPACT_EVERY = timedelta(minutes=1)
_EXPIRE_EVERY = timedelta(hours=1)


def replay_known(operations: Operations, pipeline: Pipeline) -> int:
    """Store what was refused because its station was unknown and is in the inventory now.

    Safe beside any other worker that does the same. Returns how many were stored; those that
    are refused for another reason stay, and are not tried again by this.
    """
    unknown = operations.quarantine.unknown_stations()
    known = [
        one.id
        for some in pieces(unknown, _STATIONS_AT_A_TIME)
        for one in operations.inventory.some(some)
    ]
    stored = 0
    for kept in operations.quarantine.waiting_for(known, _AT_A_TIME) if known else ():
        try:
            pipeline.replay(kept)
            stored += 1
        except ContractError as error:
            operations.quarantine.refuse_anew(kept.digest, error.reason, str(error))
    return stored


def run(
    settings: Settings,
    operations: Operations,
    store: Store,
    pipeline: Pipeline,
    telemetry: Telemetry,
    clock: Callable[[], datetime],
    stop: Event,
) -> None:
    """Do it all, now and again, until `stop` is set; an absent database is waited out."""
    quarantine = settings.quarantine
    compact_at = expire_at = clock()
    while not stop.is_set():
        try:
            while replay_known(operations, pipeline) == _AT_A_TIME:
                continue
            _bound(operations, quarantine, telemetry)
            if clock() >= compact_at:
                operations.book.compact()
                fill = operations.quarantine.fill()
                telemetry.waiting(fill.messages, fill.bytes, operations.dirty.count())
                compact_at = clock() + _COMPACT_EVERY
            if clock() >= expire_at:
                telemetry.expired(expire(store, operations, settings.store.retention, clock()))
                expire_at = clock() + _EXPIRE_EVERY
            while not stop.is_set() and _made_hours(operations, store, pipeline, stop):
                if clock() >= compact_at:
                    break
            else:
                rank_due(operations, store, clock(), stop)
        except StoreUnavailable as error:
            telemetry.upkeep_failed(str(error), quarantine.replay_every_seconds)
        stop.wait(quarantine.replay_every_seconds)


def _made_hours(operations: Operations, store: Store, pipeline: Pipeline, stop: Event) -> bool:
    """Make some hours, then leave the machine to messages; whether there may be more to do."""
    busy = pipeline.busy_seconds
    more = work_off(operations, store)
    stop.wait(rest_seconds(pipeline.busy_seconds - busy))
    return more


def _bound(operations: Operations, settings: QuarantineSection, telemetry: Telemetry) -> None:
    gone = operations.quarantine.bound(
        messages=settings.max_messages, megabytes=settings.max_megabytes
    )
    if gone:
        telemetry.messages_discarded(gone)
