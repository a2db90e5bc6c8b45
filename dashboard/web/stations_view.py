"""The fleet in numbers, and the stations in service, in pages."""

import asyncio
from dataclasses import dataclass

from contract.places import CITY_ADCODE
from dashboard.web import fleet_panel, views
from dashboard.web.api import IngestApi
from dashboard.web.asking import STATES, Asked
from dashboard.web.station_answers import Fleet, StationList
from dashboard.web.station_rows import station_rows
from dashboard.web.view import Choice, Context, Option, Snapshot, View, district_choice, part

PAGE = 100
"""Stations on a page: enough for a district, few enough for a phone."""


@dataclass(frozen=True, slots=True)
class StationsSnapshot(Snapshot):
    """The fleet, and a page of the list."""

    stations: StationList | None
    fleet: Fleet | None


async def take(api: IngestApi, asked: Asked) -> StationsSnapshot:
    """Read the fleet and one page."""
    page = api.stations(PAGE, asked.after, asked.district, asked.state, asked.find)
    return StationsSnapshot(*await asyncio.gather(api.overview(), part(page), part(api.fleet())))


def show(seen: StationsSnapshot, asked: Asked) -> Context:
    """The rows of the page, and the ways to the first and to the next."""
    texts, language = asked.texts, asked.language
    chosen = {"district": asked.district, "state": asked.state, "find": asked.find}
    of = {name: value for name, value in chosen.items() if value}
    page = seen.stations
    which = asked.state and texts.fleet[asked.state]
    return {
        "area_name": views.area_name(asked.district or CITY_ADCODE, language),
        "asked": asked,
        "fleet": fleet_panel.fleet(seen.fleet, asked.district, texts, language),
        "columns": tuple(texts.fleet[name] for name in fleet_panel.COLUMNS),
        "which": which,
        "total": None if page is None else page.total,
        "stations": None
        if page is None
        else station_rows(page.stations, seen.overview, texts, language),
        "first_page": asked.link("stations", **of) if asked.after else None,
        "next_page": asked.link("stations", **of, after=page.next) if page and page.next else None,
    }


def choices(asked: Asked) -> tuple[Choice, ...]:
    """A district, and a state."""
    texts = asked.texts
    states = tuple(Option(name, texts.fleet[name]) for name in STATES)
    groups = (("", (Option("", texts.any_state),)), ("", states))
    return district_choice(asked), Choice("state", texts.state, asked.state, groups)


STATIONS = View("stations", 15, take, show, choices, has_charts=False)
