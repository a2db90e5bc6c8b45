"""Trends for officers: fixed places, measures and windows; only what was released."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Response

from contract.batch import Measure
from contract.envelope import StationId
from contract.places import CITY_ADCODE, DISTRICTS
from ingest import trend_answers as answers
from ingest import trend_queries as queries
from ingest.api import trend_forms as forms
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import CSV_TOO, Form, WantedForm
from ingest.api.trend_forms import Written
from ingest.api.trend_requests import (
    areas_of,
    cell_must_exist,
    level_of,
    parts_of,
    released_block,
    station_must_exist,
    within_of,
)
from ingest.calendar import ZONE, Week
from ingest.trend_queries import Asked
from ingest.windows import Audience, Block, Level

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

SERIES_KEPT, COMPARISONS_KEPT = 256, 64
"""How many answers are kept: those of a place are of 100 KB, those of a district of stations more.
"""
KEPT_SECONDS = 300
"""How long a comparison is kept, and the list of a district's stations."""

_Area = Annotated[
    str,
    Path(
        description="110000 for the city, the adcode of a district, or a venue type.",
        examples=[CITY_ADCODE, "110105", "bank"],
    ),
]
_Id = Annotated[StationId, Path(description="The station's id.", examples=["BJ-CY-012"])]
_Measure = Annotated[Measure, Query(description="What was measured.")]
_Audience = Annotated[
    Audience, Query(description="Numbers for officers, or those that may be published.")
]
_Window = Annotated[
    str | None,
    Query(
        description="One of /trends/windows; by default the last.",
        examples=["2026-W47", "2026-B03x4"],
    ),
]
_District = Annotated[
    str | None, Query(description="Of stations: the district they are in.", examples=["110105"])
]
_Part = Annotated[
    str | None,
    Query(
        description="One part or percentile. By default all parts; of stations the first alone.",
        examples=["high", "systolic_p50"],
    ),
]
_Name = Annotated[
    str,
    Path(
        max_length=120,
        description="audience:level:area:window:measure:part",
        examples=["internal:district:110105:2026-W47:bp:high"],
    ),
]


def trend_routes(service: Service) -> APIRouter:
    """Everything below /trends."""
    router = APIRouter(prefix="/trends", tags=["trends"])
    _window_routes(router, service)
    _place_routes(router, service)
    _extremes_route(router, service)
    _comparing_route(router, service)
    return router


def _window_routes(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=1)
    def known(_: date, __: Week | None) -> answers.Windows:
        delay_hours = service.settings.release.delay_hours
        return queries.windows(service.store, service.clock(), delay_hours)

    @router.get("/windows", summary="Every window of which trends are released")
    def windows() -> answers.Windows:
        return known(service.clock().astimezone(ZONE).date(), _last(service))

    @router.get(
        "/cells/{name}",
        summary="Why a released number is shown, or which rule withholds it",
        responses=documented(404),
    )
    def cell(name: _Name) -> answers.Explanation:
        cell_must_exist(service.operations, name, service.store.trends.released_weeks())
        return queries.explanation(service.store, name)


def _place_routes(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=SERIES_KEPT)
    def written(asked: Asked, place: str, form: Form, _: Week | None) -> Written:
        return forms.series(queries.trends(service.store, asked, place), form)

    @_series_route(router, "/areas/{area}", "The city, a district, or a venue type of the city")
    def area(
        area: _Area,
        form: WantedForm,
        measure: _Measure = "bp",
        audience: _Audience = Audience.INTERNAL,
    ) -> Response:
        asked = Asked(audience, level_of(area), measure)
        return written(asked, area, form, _last(service)).response()

    @_series_route(router, "/stations/{station}", "A station, in long blocks of weeks")
    def station(
        station: _Id,
        form: WantedForm,
        measure: _Measure = "bp",
        audience: _Audience = Audience.INTERNAL,
    ) -> Response:
        station_must_exist(service.operations, station)
        asked = Asked(audience, Level.STATION, measure)
        return written(asked, station, form, _last(service)).response()


def _extremes_route(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=SERIES_KEPT)
    def written(audience: Audience, measure: str, form: Form, _: Week | None) -> Written:
        return forms.series(queries.extremes(service.store, audience, measure), form)

    @_series_route(router, "/extremes", "The city's extremes, in the longest blocks")
    def extremes(
        form: WantedForm, measure: _Measure = "bp", audience: _Audience = Audience.INTERNAL
    ) -> Response:
        return written(audience, measure, form, _last(service)).response()


def _series_route(router: APIRouter, path: str, summary: str) -> Callable[[Endpoint], Endpoint]:
    return router.get(
        path, summary=summary, responses=documented(404) | CSV_TOO, response_model=answers.Trends
    )


def _comparing_route(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=len(DISTRICTS))
    def stations_of(district: str, _: int) -> list[str]:
        return service.operations.inventory.names(district)

    @lru_cache(maxsize=COMPARISONS_KEPT)
    def written(
        asked: Asked, block: Block, within: str, parts: tuple[str, ...], form: Form, tick: int
    ) -> Written:
        of_stations = asked.level is Level.STATION
        areas = stations_of(within, tick) if of_stations else areas_of(asked.level)
        found = queries.compared(service.store, asked, block, areas, parts, within)
        return forms.comparison(found, form)

    @router.get(
        "/compare/{level}",
        summary="All places of a level in one window; stations by district",
        responses=documented(404) | CSV_TOO,
        response_model=answers.Comparison,
    )
    def compare(
        level: Level,
        form: WantedForm,
        window: _Window = None,
        measure: _Measure = "bp",
        audience: _Audience = Audience.INTERNAL,
        district: _District = None,
        part: _Part = None,
    ) -> Response:
        asked = Asked(audience, level, measure)
        within = within_of(level, district)
        parts = parts_of(asked, part)
        block = released_block(window, asked, service.store.trends.released_weeks())
        tick = int(service.clock().timestamp()) // KEPT_SECONDS  # a station may be new
        return written(asked, block, within, parts, form, tick).response()


def _last(service: Service) -> Week | None:
    """The last released week: until there is another no answer changes."""
    return max(service.store.trends.released_weeks(), default=None)
