"""The site's web application: each view asks ingest for what it shows, and answers with HTML."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from dashboard.web.api import IngestApi, IngestUnavailable
from dashboard.web.asking import asked, may_be_station
from dashboard.web.assets import load_assets
from dashboard.web.downloads import download_routes
from dashboard.web.negotiation import chosen
from dashboard.web.phrasebook import Language
from dashboard.web.rendering import Renderer
from dashboard.web.site import VIEWS
from dashboard.web.view import View
from dashboard.web.warming import warm

_HEADERS = {
    # Plotly writes inline styles; no script but ours runs, and no other host is asked.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_LIVE = "live"
"""The value of `part` that asks for the parts of a view that change."""


def create_app(api: IngestApi, *, warmed: bool = False) -> FastAPI:
    """The application that shows what `api` says; it closes `api` when it ends.

    `warmed` looks at every view before the first visitor may come.
    """

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        if warmed:
            await warm(api, renderer)
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

    @app.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        asset = assets.get(name)
        return Response(status_code=404) if asset is None else asset.answer(request)

    app.include_router(download_routes(api))
    for path, view in VIEWS.items():
        app.get(f"/{path}")(_endpoint(path, view, api, renderer))

    _refuse_in_words(app, renderer)
    return app


def run(host: str, port: int, ingest_url: str, key: str | None = None) -> None:
    """Serve the page until the process is told to stop; `key` is for an ingest that wants one."""
    app = create_app(IngestApi(ingest_url, key=key), warmed=True)
    # Or the page would stand still for a tenth of a second now and again, while the collector of
    # garbage looks through all modules, models and templates, which stay for good.
    gc.collect()
    gc.freeze()
    uvicorn.run(app, host=host, port=port, access_log=False)


def _refuse_in_words(app: FastAPI, renderer: Renderer) -> None:
    """Let whatever cannot be shown be said in the reader's language."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # handlers are known by type only
        path = request.url.path
        return renderer.refusal(path, _language_of(request), error.status_code, error.detail)

    @app.exception_handler(IngestUnavailable)
    async def unavailable(request: Request, error: Exception) -> Response:
        assert isinstance(error, IngestUnavailable)  # noqa: S101
        return renderer.unavailable(request.url.path, _language_of(request), error.notice)


def _endpoint(
    path: str, view: View[Any], api: IngestApi, renderer: Renderer
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        query, language = request.query_params, _language_of(request)
        station = request.path_params.get("station", "")
        wanted = asked(path.replace("{station}", station), language, query, station)
        if may_be_station(wanted.find) and await api.station(wanted.find) is not None:
            there = asked(f"stations/{wanted.find}", language, {}, wanted.find)
            return RedirectResponse(f"{wanted.root}{there.path}?{there.query(language)}", 303)
        shown = await view.take(api, wanted)
        whole = query.get("part") != _LIVE
        return HTMLResponse(renderer.page(view, shown, wanted, whole=whole))

    return endpoint


def _language_of(request: Request) -> Language:
    return chosen(request.query_params.get("lang"), request.headers.get("accept-language", ""))


async def _with_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    if "cache-control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
