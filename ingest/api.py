"""The HTTP API: the state of stations and messages, usage, and released trends only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from contract.errors import StoreUnavailable
from contract.places import CITY_ADCODE, DISTRICTS
from ingest import answers, queries
from ingest.operations import Operations
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.store import Store
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry

PROFILE_SECONDS = 30
"""How long a typical week is kept before it is computed again."""

Area = Annotated[
    str,
    Query(
        description="110000 for the city, or the adcode of a district.",
        examples=[CITY_ADCODE, "110105"],
    ),
]


@dataclass(frozen=True)
class Service:
    """The parts of a running ingest process that its API looks at."""

    settings: Settings
    store: Store
    operations: Operations
    pipeline: Pipeline
    subscriber: Subscriber
    telemetry: Telemetry
    clock: Callable[[], datetime]


def create_app(service: Service) -> FastAPI:
    """The web application of one ingest process."""
    app = FastAPI(
        title="Health-kiosk ingest",
        version=version("health-kiosk"),
        description="Station state, usage and released screening trends. "
        "Sessions, not persons; voluntary self-measurement, not diagnosis.",
    )
    app.include_router(_probes(service))
    app.include_router(_data(service), prefix="/api/v1")
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    return app


def _probes(service: Service) -> APIRouter:
    router = APIRouter(tags=["probes"])

    @router.get("/healthz", summary="The process is alive")
    def healthz() -> dict[str, bool]:
        return {"alive": True}

    @router.get(
        "/readyz",
        summary="The broker and the store answer",
        responses={503: {"model": answers.Readiness}},
    )
    def readyz(response: Response) -> answers.Readiness:
        store = _answers(service)
        broker = service.subscriber.connected
        if not (store and broker):
            response.status_code = 503
        return answers.Readiness(ready=store and broker, broker=broker, store=store)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(service.telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _data(service: Service) -> APIRouter:
    router = APIRouter(
        tags=["data"], responses={503: {"description": "A database does not answer; try again."}}
    )

    @router.get("/overview", summary="The state of the whole programme")
    def overview() -> answers.Overview:
        return queries.overview(
            service.store,
            service.operations,
            service.settings,
            now=service.clock(),
            last_stored_at=service.pipeline.last_stored_at,
        )

    @router.get("/stations", summary="Every station, its state and its ledger")
    def stations() -> answers.StationList:
        return queries.station_list(service.operations, service.clock())

    @lru_cache(maxsize=2 * (len(DISTRICTS) + 1))
    def profile(area: str, _: int) -> answers.WeekProfile:
        return queries.week_profile(service.store, area, service.clock())

    @router.get("/usage/week-profile", summary="The typical week of an area", responses=_NO_AREA)
    def week_profile(area: Area = CITY_ADCODE) -> answers.WeekProfile:
        tick = int(service.clock().timestamp()) // PROFILE_SECONDS
        return profile(_known(area), tick)

    @router.get("/trends/bp", summary="Released blood-pressure trends", responses=_NO_AREA)
    def blood_pressure(area: Area = CITY_ADCODE) -> answers.Trends:
        return queries.trends(service.store, _known(area))

    return router


_NO_AREA: dict[int | str, dict[str, object]] = {404: {"description": "There is no such area."}}


def _known(area: str) -> str:
    if area != CITY_ADCODE and area not in DISTRICTS:
        raise HTTPException(
            404, f"no area {area!r}: use {CITY_ADCODE} for the city or a district's adcode"
        )
    return area


def _answers(service: Service) -> bool:
    try:
        service.store.released_weeks()
        service.operations.quarantine.counts()
    except StoreUnavailable:
        return False
    return True


def _store_unavailable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": "5"})
