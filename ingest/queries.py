"""The API's answers, put together from the store and the operational database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contract.screening import CHINESE_CATEGORIES
from ingest import answers
from ingest.calendar import ZONE, Week
from ingest.ledger import Tally, balance
from ingest.operations import Operations, Sighting, Station
from ingest.store import Store
from ingest.trends import HIGH, Cell, State

PROFILE_WEEKS = 4

_HEARTBEATS_MISSED = 2.5


def station_page(
    operations: Operations, stations: Sequence[Station], limit: int, now: datetime
) -> answers.StationList:
    """These stations with their state; if there are `limit` of them, there may be more."""
    sightings = operations.sightings.all()
    tallies = operations.book.tallies()
    return answers.StationList(
        stations=[
            _station_state(station, sightings.get(station.id), tallies, now) for station in stations
        ],
        next=stations[-1].id if stations and len(stations) == limit else None,
    )


def week_profile(store: Store, area: str, now: datetime) -> answers.WeekProfile:
    """The typical week of `area` over the last four weeks, so far as there are any.

    From the windows themselves and not from hours: a history just loaded shows at once.
    """
    since = int((now - timedelta(weeks=PROFILE_WEEKS)).timestamp())
    return answers.WeekProfile(
        area=area,
        weeks=PROFILE_WEEKS,
        stations=store.usage_stations(since, area),
        cells=[
            answers.HourCell(weekday=cell.weekday, hour=cell.hour, mean=round(cell.mean, 3))
            for cell in store.usage_profile(since, area)
        ],
    )


def trends(store: Store, area: str) -> answers.Trends:
    """The released weeks of `area`, oldest first; a week without cells is a hidden one."""
    found: dict[Week, dict[str, Cell]] = {}
    for cell in store.cells(area):
        found.setdefault(cell.window, {})[cell.category] = cell
    windows = [_trend_window(week, found.get(week, {})) for week in store.released_weeks()]
    return answers.Trends(area=area, windows=windows)


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


def _trend_window(week: Week, cells: dict[str, Cell]) -> answers.TrendWindow:
    withheld = Cell(week, "", HIGH, State.HIDDEN)
    high = cells.get(HIGH, withheld)
    return answers.TrendWindow(
        window=str(week),
        first=week.first,
        last=week.last,
        state="hidden" if high.n is None else "released",
        n=high.n,
        low_precision=high.low_precision,
        high=answers.Part(state=high.state.value, count=high.count, share=high.share),
        cells=[
            answers.CategoryPart(
                category=category, state=cell.state.value, count=cell.count, share=cell.share
            )
            for category in CHINESE_CATEGORIES
            for cell in (cells.get(category, withheld),)
        ],
    )
