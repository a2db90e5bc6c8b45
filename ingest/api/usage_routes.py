"""Usage for officers: fixed places, fixed spans of whole weeks, and no free time pickers."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, NamedTuple, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from contract.places import CITY_ADCODE
from ingest import usage_answers as answers
from ingest import usage_districts as districts
from ingest import usage_queries as queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import CSV_TOO, WantedForm, answer
from ingest.api.usage_parameters import WantedStation, WantedWeeks, Weeks
from ingest.api.usage_public_routes import public_routes
from ingest.calendar import Week
from ingest.operations import Station
from ingest.store import Store
from ingest.trend_queries import level_of
from ingest.usage import Hour, Kind, Presence
from ingest.usage_answers import Row, Table
from ingest.usage_queries import Period, last_weeks
from ingest.usage_uptake import UPTAKE_WEEKS, released_sessions, uptake, uptake_of_venues
from ingest.windows import Audience, Block, Level

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

KEPT_SECONDS = 300
"""How long the inventory and the comparison of districts are kept before they are read again."""

_UPTAKES_KEPT = 256
"""Of how many places it is kept what was released of them, until more is."""


class FewWeeks(StrEnum):
    """The spans that single hours are shown of."""

    ONE = "1"
    TWO = "2"
    FOUR = "4"


class Place(NamedTuple):
    """A station or an area, the store, and how to learn of its stations, maybe thousands."""

    store: Store
    level: Level
    name: str
    stations: Callable[[], Sequence[Station]]

    @property
    def kind(self) -> Kind:
        """What its hours are of."""
        return Kind.STATION if self.level is Level.STATION else Kind.AREA

    def days(self, period: Period) -> list[Hour]:
        """Its days in a period."""
        return self.store.rollups.hours(self.kind.day, self.name, period.since, period.until)

    def presence(self, period: Period) -> list[Presence]:
        """What its mean occupancy is made of, hour by hour."""
        return self.store.rollups.presence(self.kind, self.name, period.since, period.until)


_Area = Annotated[
    str,
    Path(
        description="110000 for the city, the adcode of a district, or a venue type.",
        examples=[CITY_ADCODE, "110105", "bank"],
    ),
]
_FewWeeks = Annotated[FewWeeks, Query(description="Whole weeks up to the last midnight.")]


def usage_routes(service: Service) -> APIRouter:
    """Everything below /usage: areas, stations, the comparison of districts, what is public."""
    router = APIRouter(prefix="/usage", tags=["usage"], responses=CSV_TOO)
    _area_routes(router, service)
    _place_routes(router, service)
    _district_routes(router, service)
    _venue_routes(router, service)
    public_routes(router, service)
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
        found = service.store.rollups.hours(Kind.AREA, _known(area), period.since, period.until)
        table = period.table(area, answers.ENTRIES, queries.calendar_hours(found))
        return answer(table, answers.CalendarHour, form)


def _place_routes(router: APIRouter, service: Service) -> None:
    """The same tables of a station and of an area."""
    store = service.store

    @lru_cache(maxsize=1)
    def in_service(_: int) -> list[Station]:
        return service.operations.inventory.all()

    def of_area(area: _Area) -> Place:
        tick = int(service.clock().timestamp()) // KEPT_SECONDS
        level = _level(area)
        return Place(store, level, area, lambda: queries.in_area(in_service(tick), area))

    def of_station(station: WantedStation) -> Place:
        found = service.operations.inventory.get(station)
        if found is None:
            raise HTTPException(404, f"no station {station!r} is known")
        return Place(store, Level.STATION, station, lambda: [found])

    for path, place_of in (("/areas/{area}", of_area), ("/stations/{station}", of_station)):
        _tables_of(router, service, path, place_of)
        _uptake_of(router, service, path, place_of)


def _tables_of(
    router: APIRouter, service: Service, path: str, place_of: Callable[..., Place]
) -> None:
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
        form: WantedForm, place: Place = of_place, weeks: WantedWeeks = Weeks.FOUR
    ) -> object:
        period = last_weeks(int(weeks), service.clock())
        rows = queries.typical_week(place.presence(period))
        table = period.table(place.name, answers.ENTRIES, rows)
        return answer(table, answers.TypicalHour, form)

    @route("days", "Entries day by day", answers.Day)
    def days(form: WantedForm, place: Place = of_place, weeks: WantedWeeks = Weeks.FOUR) -> object:
        period = last_weeks(int(weeks), service.clock())
        rows = queries.days(place.days(period))
        table = period.table(place.name, answers.ENTRIES, rows)
        return answer(table, answers.Day, form)

    @route("summary", "Stay, full share, availability and peak hour", answers.Summary)
    def summary(
        form: WantedForm, place: Place = of_place, weeks: WantedWeeks = Weeks.FOUR
    ) -> object:
        period = last_weeks(int(weeks), service.clock())
        seen, hours = place.days(period), place.presence(period)
        row = queries.summary(seen, hours, place.stations(), period)
        return answer(period.table(place.name, answers.ENTRIES, [row]), answers.Summary, form)


def _uptake_of(
    router: APIRouter, service: Service, path: str, place_of: Callable[..., Place]
) -> None:
    of_place = Depends(place_of)

    @lru_cache(maxsize=_UPTAKES_KEPT)
    def told(level: Level, name: str, _: Week | None) -> Mapping[Block, int | None]:
        return released_sessions(service.store, Audience.INTERNAL, level, name)

    @router.get(
        f"{path}/uptake",
        summary="Sessions per hundred entries, by released window",
        responses=documented(404),
        response_model=Table[answers.Uptake],
    )
    def uptakes(form: WantedForm, place: Place = of_place) -> object:
        period = last_weeks(UPTAKE_WEEKS, service.clock())
        last = max(service.store.trends.released_weeks(), default=None)
        known = told(place.level, place.name, last)
        rows = uptake(place.store, Audience.INTERNAL, place.level, place.name, period, known)
        return answer(period.table(place.name, answers.SESSIONS, rows), answers.Uptake, form)


def _district_routes(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=2)
    def compared(_: int) -> tuple[Period, list[answers.Reach]]:
        period = last_weeks(districts.REACH_WEEKS, service.clock())
        return period, districts.reach(service.store, service.operations.inventory.all(), period)

    @router.get(
        "/reach",
        summary="What each district has for 10,000 residents",
        response_model=Table[answers.Reach],
    )
    def reach(form: WantedForm) -> object:
        period, rows = compared(_kept(service))
        return answer(period.table(CITY_ADCODE, answers.DISTRICTS, rows), answers.Reach, form)

    @router.get(
        "/equity",
        summary="How evenly the districts are reached",
        response_model=Table[answers.EquityRow],
    )
    def equity(form: WantedForm) -> object:
        period, rows = compared(_kept(service))
        table = period.table(CITY_ADCODE, answers.DISTRICTS, districts.equity(rows))
        return answer(table, answers.EquityRow, form)


def _venue_routes(router: APIRouter, service: Service) -> None:
    @lru_cache(maxsize=2)
    def venues(_: int) -> tuple[Period, list[answers.VenueUptake]]:
        period = last_weeks(UPTAKE_WEEKS, service.clock())
        return period, uptake_of_venues(service.store, Audience.INTERNAL, period)

    @router.get(
        "/venues",
        summary="Sessions per hundred entries in each kind of venue, in its latest window",
        response_model=Table[answers.VenueUptake],
    )
    def of_venues(form: WantedForm) -> object:
        period, rows = venues(_kept(service))
        return answer(period.table(CITY_ADCODE, answers.SESSIONS, rows), answers.VenueUptake, form)


def _kept(service: Service) -> int:
    """A number that changes when what is kept is to be read again."""
    return int(service.clock().timestamp()) // KEPT_SECONDS


def _known(area: str) -> str:
    _level(area)
    return area


def _level(area: str) -> Level:
    level = level_of(area)
    if level is None:
        raise HTTPException(
            404, f"no area {area!r}: use {CITY_ADCODE}, a district's adcode or a venue type"
        )
    return level
