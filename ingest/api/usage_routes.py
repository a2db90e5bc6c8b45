"""Usage for officers: fixed places, fixed spans of whole weeks, and no free time pickers."""

from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from contract.envelope import StationId
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest import usage_answers as answers
from ingest import usage_queries as queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import CSV_TOO, Accept, Wanted, answer
from ingest.operations import Station
from ingest.usage import Hour, Kind
from ingest.usage_queries import Period, last_weeks

KEPT_SECONDS = 300
"""How long the comparison of districts is kept before it is computed again."""

AREAS = (CITY_ADCODE, *DISTRICTS, *VENUES)


class Weeks(StrEnum):
    """The spans that usage is shown of."""

    FOUR = "4"
    EIGHT = "8"
    TWELVE = "12"


class FewWeeks(StrEnum):
    """The spans that single hours are shown of."""

    ONE = "1"
    TWO = "2"
    FOUR = "4"


_Area = Annotated[
    str,
    Path(
        description="110000 for the city, the adcode of a district, or a venue type.",
        examples=[CITY_ADCODE, "110105", "bank"],
    ),
]
_Id = Annotated[StationId, Path(description="The station's id.", examples=["BJ-CY-012"])]
_Weeks = Annotated[Weeks, Query(description="Whole weeks up to the last midnight.")]
_FewWeeks = Annotated[FewWeeks, Query(description="Whole weeks up to the last midnight.")]


def usage_routes(service: Service) -> APIRouter:
    """Everything below /usage/areas, /usage/stations, and the comparison of districts."""
    router = APIRouter(prefix="/usage", tags=["usage"], responses=CSV_TOO)
    _area_routes(router, service)
    _station_routes(router, service)
    _district_routes(router, service)
    return router


def _area_routes(router: APIRouter, service: Service) -> None:
    absent = documented(404)

    def hours(area: str, weeks: str) -> tuple[Period, list[Hour]]:
        period = last_weeks(int(weeks), service.clock())
        return period, queries.hours_of(service.store, Kind.AREA, _known(area), period)

    @router.get("/areas/{area}/hours", summary="Hour by hour", responses=absent)
    def calendar(
        area: _Area, weeks: _FewWeeks = FewWeeks.ONE, form: Wanted = None, accept: Accept = ""
    ) -> answers.Table[answers.CalendarHour]:
        period, found = hours(area, weeks)
        rows = queries.calendar_hours(found)
        return answer(period.table(area, answers.ENTRIES, rows), form, accept)
