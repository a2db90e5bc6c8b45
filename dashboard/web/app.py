"""The page's web application: fetches a snapshot from ingest and answers with HTML."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.middleware.gzip import GZipMiddleware

from contract.places import CITY_ADCODE, DISTRICTS
from dashboard.web.api import DatabaseUnavailable, IngestApi, IngestUnavailable
from dashboard.web.assets import load_assets
from dashboard.web.glucose_panel import CUT_OFFS as GLUCOSE
from dashboard.web.negotiation import chosen
from dashboard.web.rendering import REFRESH_SECONDS, Renderer, Snapshot

_HEADERS = {
    # Plotly writes inline styles; no script but ours runs, and no other host is asked.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_T = TypeVar("_T")


def create_app(api: IngestApi) -> FastAPI:
    """The application that shows what `api` says; it closes `api` when it ends."""

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        await api.close()

    app = FastAPI(title="Rest stations", openapi_url=None, lifespan=closing)
    app.add_middleware(GZipMiddleware, compresslevel=5)
    app.middleware("http")(_with_headers)
    assets = load_assets()
    renderer = Renderer(assets)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    async def page(request: Request) -> Response:
        return await _answer(request, api, renderer, whole=True)

    @app.get("/fragment")
    async def fragment(request: Request) -> Response:
        return await _answer(request, api, renderer, whole=False)

    @app.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        asset = assets.get(name)
        return Response(status_code=404) if asset is None else asset.answer(request)

    return app


def run(host: str, port: int, ingest_url: str, key: str | None = None) -> None:
    """Serve the page until the process is told to stop; `key` is for an ingest that wants one."""
    uvicorn.run(create_app(IngestApi(ingest_url, key=key)), host=host, port=port, access_log=False)


async def take_snapshot(api: IngestApi, area: str) -> Snapshot:
    """Everything the page shows; raises IngestUnavailable if not even the overview can be read."""
    overview = await api.overview()
    async with asyncio.TaskGroup() as group:
        stations = group.create_task(_if_available(api.stations()))
        profile = group.create_task(_if_available(api.week_profile(area)))
        pressure = group.create_task(_if_available(api.trend(area, "bp")))
        glucose = {
            measure: group.create_task(_if_available(api.trend(area, measure)))
            for measure in GLUCOSE
        }
        extremes = group.create_task(_if_available(api.extremes("bp")))
    return Snapshot(
        overview,
        stations.result(),
        profile.result(),
        pressure.result(),
        {measure: task.result() for measure, task in glucose.items()},
        extremes.result(),
    )


async def _if_available(answer: Coroutine[None, None, _T]) -> _T | None:
    try:
        return await answer
    except IngestUnavailable:
        return None


async def _answer(request: Request, api: IngestApi, renderer: Renderer, *, whole: bool) -> Response:
    language = chosen(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    area = request.query_params.get("area", CITY_ADCODE)
    if area != CITY_ADCODE and area not in DISTRICTS:
        return HTMLResponse(renderer.notice("area_unknown", language, retry=False), 404)
    try:
        snapshot = await take_snapshot(api, area)
    except IngestUnavailable as error:
        is_there = isinstance(error, DatabaseUnavailable)
        problem = "database_unavailable" if is_there else "ingest_unavailable"
        return HTMLResponse(
            renderer.notice(problem, language, retry=True),
            503,
            {"Retry-After": str(REFRESH_SECONDS)},
        )
    return HTMLResponse(renderer.page(snapshot, area, language, whole=whole))


async def _with_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    if "cache-control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
