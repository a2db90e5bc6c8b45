"""Usage for officers: fixed places, fixed spans of whole weeks, and no free time pickers."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, NamedTuple, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from contract.envelope import StationId
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest import usage_answers as answers
from ingest import usage_queries as queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import CSV_TOO, WantedForm, answer
from ingest.operations import Station
from ingest.usage import Hour, Kind
from ingest.usage_answers import Row, Table
from ingest.usage_queries import Period, last_weeks

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

KEPT_SECONDS = 300
"""How long the inventory and the comparison of districts are kept before they are read again."""

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


class Place(NamedTuple):
    """A station or an area, and how to learn its stations, of which there may be thousands."""

    kind: Kind
    name: str
    stations: Callable[[], Sequence[Station]]


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
    """Everything below /usage/areas and /usage/stations, and the comparison of districts."""
    router = APIRouter(prefix="/usage", tags=["usage"], responses=CSV_TOO)
    _area_routes(router, service)
    _place_routes(router, service)
    _district_routes(router, service)
    return router


def _area_routes(router: APIRouter, service: Service) -> None:
    @router.get(
        "/areas/{area}/hours",
        summary="Hour by hour",
        responses=documented(404),
        response_model=Table[answers.CalendarHour],
    )
    def hours(area: _Area, form: WantedForm, weeks: _FewWeeks = FewWeeks.ONE) -> object:
        period = last_weeks(int(weeks), service.clock())
        found = queries.hours_of(service.store, Kind.AREA, _known(area), period)
        table = period.table(area, answers.ENTRIES, queries.calendar_hours(found))
        return answer(table, answers.CalendarHour, form)

    @router.get(
        "/areas/{area}/uptake",
        summary="Sessions per hundred entries, by released week",
        responses=documented(404),
        response_model=Table[answers.Uptake],
    )
    def uptake(area: _Area, form: WantedForm) -> object:
        period = last_weeks(queries.UPTAKE_WEEKS, service.clock())
        rows = queries.uptake(service.store, _known(area), period)
        return answer(period.table(area, answers.SESSIONS, rows), answers.Uptake, form)


def _place_routes(router: APIRouter, service: Service) -> None:
    """The same three tables of a station and of an area."""

    @lru_cache(maxsize=1)
    def in_service(_: int) -> list[Station]:
        return service.operations.inventory.all()

    def of_area(area: _Area) -> Place:
        tick = int(service.clock().timestamp()) // KEPT_SECONDS
        return Place(Kind.AREA, _known(area), lambda: queries.in_area(in_service(tick), area))

    def of_station(station: _Id) -> Place:
        found = service.operations.inventory.get(station)
        if found is None:
            raise HTTPException(404, f"no station {station!r} is known")
        return Place(Kind.STATION, station, lambda: [found])

    for path, place_of in (("/areas/{area}", of_area), ("/stations/{station}", of_station)):
        _tables_of(router, service, path, place_of)


def _tables_of(
    router: APIRouter, service: Service, path: str, place_of: Callable[..., Place]
) -> None:
    def hours(place: Place, weeks: Weeks) -> tuple[Period, list[Hour]]:
        period = last_weeks(int(weeks), service.clock())
        return period, queries.hours_of(service.store, place.kind, place.name, period)

    def route(name: str, summary: str, row: type[Row]) -> Callable[[Endpoint], Endpoint]:
        return router.get(
            f"{path}/{name}",
            summary=summary,
            responses=documented(404),
            response_model=Table[row],  # type: ignore[valid-type]
        )

    of_place = Depends(place_of)

    @route("typical-week", "Mean occupancy by weekday and hour", answers.TypicalHour)
    def typical_week(
        form: WantedForm, place: Place = of_place, weeks: _Weeks = Weeks.FOUR
    ) -> object:
        period, found = hours(place, weeks)
        table = period.table(place.name, answers.ENTRIES, queries.typical_week(found))
        return answer(table, answers.TypicalHour, form)

    @route("days", "Entries day by day", answers.Day)
    def days(form: WantedForm, place: Place = of_place, weeks: _Weeks = Weeks.FOUR) -> object:
        period, found = hours(place, weeks)
        table = period.table(place.name, answers.ENTRIES, queries.days(found))
        return answer(table, answers.Day, form)

    @route("summary", "Stay, full share, availability and peak hour", answers.Summary)
    def summary(form: WantedForm, place: Place = of_place, weeks: _Weeks = Weeks.FOUR) -> object:
        period, found = hours(place, weeks)
        row = queries.summary(found, place.stations(), period)
        return answer(period.table(place.name, answers.ENTRIES, [row]), answers.Summary, form)


def _district_routes(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=2)
    def compared(_: int) -> tuple[Period, list[answers.Reach]]:
        period = last_weeks(queries.REACH_WEEKS, service.clock())
        return period, queries.reach(service.store, service.operations.inventory.all(), period)

    def reached() -> tuple[Period, list[answers.Reach]]:
        now = int(service.clock().timestamp())
        return compared(now // KEPT_SECONDS)

    @router.get(
        "/reach",
        summary="What each district has for 10,000 residents",
        response_model=Table[answers.Reach],
    )
    def reach(form: WantedForm) -> object:
        period, rows = reached()
        return answer(period.table(CITY_ADCODE, answers.DISTRICTS, rows), answers.Reach, form)

    @router.get(
        "/equity",
        summary="How evenly the districts are reached",
        response_model=Table[answers.EquityRow],
    )
    def equity(form: WantedForm) -> object:
        period, rows = reached()
        table = period.table(CITY_ADCODE, answers.DISTRICTS, queries.equity(rows))
        return answer(table, answers.EquityRow, form)


def _known(area: str) -> str:
    if area not in AREAS:
        raise HTTPException(
            404, f"no area {area!r}: use {CITY_ADCODE}, a district's adcode or a venue type"
        )
    return area
