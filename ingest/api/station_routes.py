"""Stations: their state, for officers, and the inventory, for operators."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from contract.envelope import StationId
from ingest import answers, queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.stations import StationEntry, station_of

PAGE = 1000
"""How many stations an answer holds unless it is asked for fewer."""

_Id = Annotated[StationId, Path(description="The station's id.", examples=["BJ-CY-012"])]
_Limit = Annotated[int, Query(ge=1, le=PAGE, description="How many at the most.")]
_After = Annotated[
    str, Query(max_length=32, description="The `next` of the page before; empty for the first.")
]


def station_routes(service: Service) -> APIRouter:
    """GET /stations and /stations/{id}."""
    router = APIRouter(tags=["stations"])

    @router.get("/stations", summary="Stations in service, their state and ledgers, in pages")
    def stations(
        limit: _Limit = PAGE,
        after: _After = "",
        district: Annotated[str | None, Query(pattern=r"^\d{6}$", examples=["110105"])] = None,
    ) -> answers.StationList:
        found = service.operations.inventory.page(limit, after=after, district=district)
        return queries.station_page(service.operations, found, limit, service.clock())

    @router.get("/stations/{station}", summary="One station", responses=documented(404))
    def station(station: _Id) -> answers.StationState:
        found = service.operations.inventory.get(station)
        if found is None:
            raise _absent(station)
        return queries.station_page(service.operations, [found], 1, service.clock()).stations[0]

    return router


def inventory_routes(service: Service) -> APIRouter:
    """PUT and DELETE /stations/{id}."""
    router = APIRouter(tags=["stations"])

    @router.put("/stations/{station}", summary="Add, change or take back a station")
    def put(station: _Id, entry: StationEntry) -> answers.StationState:
        service.operations.inventory.register([station_of(station, entry)])
        found = service.operations.inventory.get(station)
        assert found is not None  # noqa: S101  # stations are retired, never deleted
        return queries.station_page(service.operations, [found], 1, service.clock()).stations[0]

    @router.delete(
        "/stations/{station}",
        summary="Retire a station; what it has sent stays",
        status_code=204,
        responses=documented(404),
    )
    def retire(station: _Id) -> Response:
        if not service.operations.inventory.retire(station, service.clock()):
            raise _absent(station)
        return Response(status_code=204)

    return router


def _absent(station: str) -> HTTPException:
    return HTTPException(404, f"no station {station!r} is in service")
