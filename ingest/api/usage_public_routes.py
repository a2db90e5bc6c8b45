"""Usage that may be published: coarser than what officers see, so that no visit is found in it."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from contract.places import CITY_ADCODE
from ingest import usage_answers as answers
from ingest import usage_public as public
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import WantedForm, answer
from ingest.api.usage_parameters import WantedStation, WantedWeeks, Weeks
from ingest.trend_queries import level_of
from ingest.usage import Kind
from ingest.usage_answers import Table
from ingest.usage_queries import last_weeks
from ingest.usage_uptake import UPTAKE_WEEKS, uptake
from ingest.windows import Level

MONTHS = 12
"""How far back the months of a station go."""


_Area = Annotated[
    str,
    Path(
        description="110000 for the city, or the adcode of a district.",
        examples=[CITY_ADCODE, "110105"],
    ),
]


def public_routes(router: APIRouter, service: Service) -> None:
    """Add /public/areas and /public/stations."""
    _station_route(router, service)
    _area_routes(router, service)


def _station_route(router: APIRouter, service: Service) -> None:
    @router.get(
        "/public/stations/{station}/months",
        summary="To publish: entries and mean occupancy by month",
        responses=documented(404),
        response_model=Table[answers.PublicMonth],
    )
    def months(station: WantedStation, form: WantedForm) -> object:
        if service.operations.inventory.get(station) is None:
            raise HTTPException(404, f"no station {station!r} is known")
        period = public.last_months(MONTHS, service.clock())
        seen = service.store.rollups.hours(Kind.STATION_DAY, station, period.since, period.until)
        table = period.table(station, answers.ENTRIES, public.months(seen))
        return answer(table, answers.PublicMonth, form)


def _area_routes(router: APIRouter, service: Service) -> None:
    store = service.store

    @router.get(
        "/public/areas/{area}/days",
        summary="To publish: entries day by day",
        responses=documented(404),
        response_model=Table[answers.PublicDay],
    )
    def days(area: _Area, form: WantedForm, weeks: WantedWeeks = Weeks.FOUR) -> object:
        _level(area)
        period = last_weeks(int(weeks), service.clock())
        seen = store.rollups.hours(Kind.AREA_DAY, area, period.since, period.until)
        table = period.table(area, answers.ENTRIES, public.days(seen))
        return answer(table, answers.PublicDay, form)

    @router.get(
        "/public/areas/{area}/uptake",
        summary="To publish: sessions per hundred entries, by released window",
        responses=documented(404),
        response_model=Table[answers.Uptake],
    )
    def uptakes(area: _Area, form: WantedForm) -> object:
        audience = public.uptake_audience(service.settings.release.public_epsilon)
        period = last_weeks(UPTAKE_WEEKS, service.clock())
        rows = uptake(store, audience, _level(area), area, period)
        return answer(period.table(area, answers.SESSIONS, rows), answers.Uptake, form)


def _level(area: str) -> Level:
    level = level_of(area)
    if level not in (Level.CITY, Level.DISTRICT):
        raise HTTPException(404, f"no area {area!r}: use {CITY_ADCODE} or a district's adcode")
    return level
