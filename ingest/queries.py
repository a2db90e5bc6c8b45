"""The API's answers, put together from the store and the operational database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest import answers
from ingest.calendar import ZONE
from ingest.ledger import Tally, balance
from ingest.operations import Operations, Sighting, Station

_HEARTBEATS_MISSED = 2.5


def station_page(
    operations: Operations,
    stations: Sequence[Station],
    limit: int,
    now: datetime,
    total: int | None = None,
) -> answers.StationList:
    """These stations with their state; if there are `limit` of them, there may be more."""
    ids = [station.id for station in stations]
    sightings = operations.sightings.of(ids)
    tallies = operations.book.tallies_of(ids)
    return answers.StationList(
        stations=[
            _station_state(station, sightings.get(station.id), tallies, now) for station in stations
        ],
        next=stations[-1].id if stations and len(stations) == limit else None,
        total=total,
    )


def is_online(sighting: Sighting | None, now: datetime) -> bool:
    """Whether a station is alive and has not missed two heartbeats."""
    if sighting is None or not sighting.alive:
        return False
    patience = timedelta(seconds=_HEARTBEATS_MISSED * sighting.heartbeat_seconds)
    return now - sighting.seen_at <= patience


def _station_state(
    station: Station,
    sighting: Sighting | None,
    tallies: dict[tuple[str, int], Tally],
    now: datetime,
) -> answers.StationState:
    return answers.StationState(
        id=station.id,
        name=answers.Name(zh=station.name_zh, en=station.name_en),
        district=station.district,
        venue=station.venue,
        online=is_online(sighting, now),
        last_seen=sighting.seen_at.astimezone(ZONE) if sighting else None,
        ledger=_ledger(station.id, sighting, tallies) if sighting else None,
        seats=station.seats,
        place=station.place,
        opening_hours=station.opening_hours,
        devices=list(station.devices),
        retired_at=station.retired_at and station.retired_at.astimezone(ZONE),
        version=sighting.version or None if sighting else None,
        condition=sighting.condition if sighting else None,
    )


def _ledger(
    station: str, sighting: Sighting, tallies: dict[tuple[str, int], Tally]
) -> answers.Ledger:
    found = balance(sighting.claim, tallies.get((station, sighting.claim.epoch), Tally()))
    return answers.Ledger(
        numbered=found.numbered,
        stored=found.stored,
        quarantined=found.quarantined,
        dropped=found.dropped,
        pending=found.pending,
        balanced=found.balanced,
    )
