"""The first view: what is wrong, how much came in, and the latest of screening and of use."""

import asyncio
from dataclasses import dataclass

from contract.places import CITY_ADCODE
from dashboard.web import views
from dashboard.web.answers import Comparison
from dashboard.web.api import IngestApi, Place
from dashboard.web.asking import Asked
from dashboard.web.headline import headline
from dashboard.web.station_answers import LedgerSummary
from dashboard.web.tiles import city_now
from dashboard.web.usage_answers import Day, Table
from dashboard.web.usage_panels import entries_by_day
from dashboard.web.view import Context, Snapshot, View, part

DAYS_WEEKS = 4
"""How far back the entries by day go."""


@dataclass(frozen=True, slots=True)
class CitySnapshot(Snapshot):
    """The whole city now."""

    ledger: LedgerSummary | None
    days: Table[Day] | None
    latest: tuple[Comparison, ...] | None


async def take(api: IngestApi, _: Asked) -> CitySnapshot:
    """Read the state, the ledger, four weeks of entries and the last released week."""
    city = Place("areas", CITY_ADCODE)
    return CitySnapshot(
        *await asyncio.gather(
            api.overview(),
            part(api.ledger()),
            part(api.days(city, DAYS_WEEKS)),
            part(api.latest("city", "bp")),
        )
    )


def show(seen: CitySnapshot, asked: Asked) -> Context:
    """Tiles of now, and the headlines of screening and of use."""
    texts, language = asked.texts, asked.language
    return {
        "problems": views.problems(seen.overview, texts),
        "now_tiles": city_now(seen.overview, seen.ledger, texts),
        "screening": headline(seen.overview, seen.latest, texts, language),
        "days": entries_by_day(seen.days, texts, language),
        "city_name": views.area_name(CITY_ADCODE, language),
    }


OVERVIEW = View("overview", 5, take, show)
