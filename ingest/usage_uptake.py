"""Uptake: blood-pressure sessions over entries in released windows, from released counts alone."""

from collections.abc import Mapping
from datetime import timedelta

from contract.places import VENUES
from ingest import usage_answers as answers
from ingest import usage_measures as measures
from ingest.disclosure.scales import HIGH
from ingest.store import Store
from ingest.trend_queries import visible
from ingest.usage import Kind
from ingest.usage_queries import Period, banded
from ingest.windows import Audience, Block, Level, weeks_of

UPTAKE_WEEKS = 52
"""How far back uptake goes."""


def uptake(
    store: Store,
    audience: Audience,
    level: Level,
    place: str,
    period: Period,
    told: Mapping[Block, int | None] | None = None,
) -> list[answers.Uptake]:
    """The uptake of every window of this level that is released and lies wholly in a period.

    `told` are its `released_sessions`, if they are known.
    """
    known = released_sessions(store, audience, level, place) if told is None else told
    kind = Kind.STATION_DAY if level is Level.STATION else Kind.AREA_DAY
    seen = store.rollups.hours(kind, place, period.since, period.until)
    by_day = {measures.local_day(one.start): one for one in seen}
    begins = measures.local_day(period.since)
    rows = []
    for block, sessions in known.items():
        days = (block.first + timedelta(days=number) for number in range(7 * block.weeks))
        found = [by_day[day] for day in days if day in by_day]
        if block.first < begins or not found:
            continue
        came = measures.entries(found)
        rows.append(
            answers.Uptake(
                window=str(block),
                entries=banded(came),
                sessions=sessions,
                percent=None if sessions is None else measures.uptake(sessions, came),
            )
        )
    return rows


def uptake_of_venues(store: Store, audience: Audience, period: Period) -> list[answers.VenueUptake]:
    """The latest uptake of every kind of venue that has any."""
    rows = []
    for venue in VENUES:
        told = uptake(store, audience, Level.VENUE, venue, period)
        rows += [answers.VenueUptake(venue=venue, **one.model_dump()) for one in told[-1:]]
    return rows


def released_sessions(
    store: Store, audience: Audience, level: Level, place: str
) -> dict[Block, int | None]:
    """How many blood-pressure sessions each released window shows, oldest first; None is hidden."""
    weeks = weeks_of(level, audience)
    shown = {
        cell.window: cell.n
        for cell in store.trends.cells(audience, level, place, "bp")
        if cell.part == HIGH and cell.window.weeks == weeks
    }
    return {block: shown.get(block) for block in visible(store.trends.released_weeks(), weeks)}
