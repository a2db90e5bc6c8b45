"""The stations in service, in pages."""

import asyncio
from dataclasses import dataclass

from contract.places import CITY_ADCODE
from dashboard.web import views
from dashboard.web.api import IngestApi
from dashboard.web.asking import Asked
from dashboard.web.station_answers import StationList
from dashboard.web.station_rows import station_rows
from dashboard.web.view import Choice, Context, Snapshot, View, district_choice, part

PAGE = 100
"""Stations on a page: enough for a district, few enough for a phone."""


@dataclass(frozen=True, slots=True)
class StationsSnapshot(Snapshot):
    """A page of the list."""

    stations: StationList | None


async def take(api: IngestApi, asked: Asked) -> StationsSnapshot:
    """Read one page."""
    return StationsSnapshot(
        *await asyncio.gather(api.overview(), part(api.stations(PAGE, asked.after, asked.district)))
    )


def show(seen: StationsSnapshot, asked: Asked) -> Context:
    """The rows of the page, and the ways to the first and to the next."""
    texts, language = asked.texts, asked.language
    of = {"district": asked.district} if asked.district else {}
    page = seen.stations
    return {
        "area_name": views.area_name(asked.district or CITY_ADCODE, language),
        "stations": None
        if page is None
        else station_rows(page.stations, seen.overview, texts, language),
        "first_page": asked.link("stations", **of) if asked.after else None,
        "next_page": asked.link("stations", **of, after=page.next) if page and page.next else None,
    }


def choices(asked: Asked) -> tuple[Choice, ...]:
    """A district."""
    return (district_choice(asked),)


STATIONS = View("stations", 15, take, show, choices, has_charts=False)
