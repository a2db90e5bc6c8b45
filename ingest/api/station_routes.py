"""Stations: their state, for officers, and the inventory, for operators."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from contract.envelope import StationId
from contract.places import CITY_ADCODE
from ingest import answers, queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.api.tables import CSV_TOO, CSV_TYPE, Form, WantedForm, csv_text
from ingest.calendar import ZONE
from ingest.fleet_queries import Which, fleet_state, ids_of
from ingest.stations import StationEntry, station_of

PAGE = 1000
"""How many stations an answer holds unless it is asked for fewer."""

_FLEET = answers.Name(
    zh="在用站点按区的状态；除积压消息与设备外均为站点数",
    en="Stations in service by district; counts are of stations, but for messages and devices",
)

_Id = Annotated[StationId, Path(description="The station's id.", examples=["BJ-CY-012"])]
_Limit = Annotated[int, Query(ge=1, le=PAGE, description="How many at the most.")]
_After = Annotated[
    str, Query(max_length=32, description="The `next` of the page before; empty for the first.")
]


_District = Annotated[str | None, Query(pattern=r"^\d{6}$", examples=["110105"])]
_Search = Annotated[
    str,
    Query(
        max_length=64,
        pattern=r"^[^\x00]*$",
        description="Only stations in whose id, name or place it occurs.",
    ),
]
_Which = Annotated[
    Which | None,
    Query(alias="state", description="Only stations in this state; by default all."),
]


def station_routes(service: Service) -> APIRouter:
    """GET /stations, /stations/{id} and /fleet."""
    router = APIRouter(tags=["stations"])

    @router.get("/fleet", summary="How many stations are how, district by district",
                responses=CSV_TOO, response_model=answers.FleetState)  # fmt: skip
    def fleet(form: WantedForm) -> object:
        found = fleet_state(service.city.look())
        return found if form is Form.JSON else _fleet_csv(found)

    @router.get("/stations", summary="Stations in service, their state and ledgers, in pages")
    def stations(
        limit: _Limit = PAGE,
        after: _After = "",
        district: _District = None,
        search: _Search = "",
        which: _Which = None,
    ) -> answers.StationList:
        inventory = service.operations.inventory
        if which is None:
            found = inventory.page(limit, after=after, district=district, search=search)
            total = inventory.count(district=district, search=search)
        else:
            there = ids_of(service.city.look().states, which)
            named = inventory.ids(district=district, search=search)
            ids = [one for one in named if one in there]
            found, total = inventory.some([one for one in ids if one > after][:limit]), len(ids)
        return queries.station_page(service.operations, found, limit, service.clock(), total)

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


def _fleet_csv(found: answers.FleetState) -> Response:
    heads = answers.FleetDistrict.model_fields
    whole = answers.FleetDistrict(district=CITY_ADCODE, **found.city.model_dump())
    rows = [[getattr(one, head) for head in heads] for one in (whole, *found.districts)]
    about = f"{CITY_ADCODE}, {found.at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    text = csv_text(_FLEET, about, heads, rows)
    return Response(text, media_type=f"{CSV_TYPE}; charset=utf-8")
