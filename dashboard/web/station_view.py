"""One station: its state and ledger, how it is used, and its released blocks of weeks."""

import asyncio
from dataclasses import dataclass

from fastapi import HTTPException

from dashboard.web import views
from dashboard.web.answers import Trend
from dashboard.web.api import IngestApi
from dashboard.web.asking import Asked
from dashboard.web.phrasebook import Texts
from dashboard.web.screening_view import pressure_context
from dashboard.web.station_answers import Condition, Station, StationLedger
from dashboard.web.station_rows import SOUND, place_name, word_of
from dashboard.web.usage_answers import Day, Summary, Table, TypicalHour
from dashboard.web.usage_view import usage_context
from dashboard.web.view import Context, Snapshot, View, part


@dataclass(frozen=True, slots=True)
class StationSnapshot(Snapshot):
    """Everything about one station."""

    station: Station
    ledger: StationLedger | None
    summary: Table[Summary] | None
    week: Table[TypicalHour] | None
    days: Table[Day] | None
    trend: Trend | None


async def take(api: IngestApi, asked: Asked) -> StationSnapshot:
    """Read the station first: of one that is not there nothing else is asked."""
    station = await api.station(asked.station)
    if station is None:
        raise HTTPException(404, "station_unknown")
    overview, ledger, summary, week, days, trend = await asyncio.gather(
        api.overview(),
        part(api.station_ledger(asked.station)),
        part(api.summary(asked.place, asked.weeks)),
        part(api.typical_week(asked.place, asked.weeks)),
        part(api.days(asked.place, asked.weeks)),
        part(api.trend(asked.place, "bp")),
    )
    return StationSnapshot(overview, station, ledger, summary, week, days, trend)


def show(seen: StationSnapshot, asked: Asked) -> Context:
    """The station's own facts, and the panels of use and of screening."""
    texts, language, station = asked.texts, asked.language, seen.station
    name = station.name.zh if language == "zh" else station.name.en
    return (
        usage_context(seen.summary, seen.week, seen.days, asked)
        | pressure_context(seen.overview, seen.trend, asked)
        | {
            "title": name,
            "area_name": "",
            "station": station,
            "place": place_name(station, language),
            "last_seen": views.clock(station.last_seen, seen.overview.now, texts),
            "conditions": conditions(station.condition, texts),
            "epochs": None if seen.ledger is None else seen.ledger.epochs,
        }
    )


def conditions(condition: Condition | None, texts: Texts) -> list[tuple[str, str, bool]]:
    """What a station says of its health: a name, a word, and whether it needs attention."""
    if condition is None:
        return []
    told = []
    for name in ("clock", "storage", "radio", "space"):
        word = getattr(condition, name)
        wrong = word not in SOUND.get(name, ("ample",))
        told.append((texts.conditions[name], word_of(word, texts), wrong))
    backlog = condition.backlog
    waiting = texts.backlog_told.format(
        messages=f"{backlog.messages:,}", windows=f"{backlog.windows:,}", hours=backlog.oldest_hours
    )
    told.append((texts.conditions["backlog"], waiting, backlog.oldest_hours >= 1))
    for device in condition.devices:
        words = [texts.heard.get(device.heard, device.heard)]
        if device.battery is not None:
            words.append(texts.battery.format(state=word_of(device.battery, texts)))
        wrong = device.battery in ("low", "empty") or device.heard in ("longer", "never")
        told.append((device.alias, " · ".join(words), wrong))
    return told


STATION = View("station", 15, take, show)
