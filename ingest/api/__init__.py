"""The HTTP API: stations, messages, usage, and released trends only."""

from importlib.metadata import version

from fastapi import Depends, FastAPI

from ingest.api.access import Access
from ingest.api.data import data_routes
from ingest.api.ledger_routes import ledger_routes
from ingest.api.parts import Service
from ingest.api.probes import probe_routes
from ingest.api.problems import documented, install
from ingest.api.quarantine_routes import quarantine_routes
from ingest.api.station_routes import inventory_routes, station_routes
from ingest.api.trend_routes import trend_routes
from ingest.api.usage_routes import usage_routes

__all__ = ["Service", "create_app"]

_PREFIX = "/api/v1"


def create_app(service: Service) -> FastAPI:
    """The web application of one ingest process."""
    app = FastAPI(
        title="Health-kiosk ingest",
        version=version("health-kiosk"),
        description="Station state, usage and released screening trends. "
        "Sessions, not persons; voluntary self-measurement, not diagnosis.",
    )
    install(app)
    access = Access(service.settings.http, service.operations.keys)
    officer, operator = [Depends(access.officer)], [Depends(access.operator)]
    common = documented(401, 422, 429, 503)
    app.include_router(probe_routes(service))
    for routes in (data_routes, station_routes, ledger_routes, trend_routes, usage_routes):
        app.include_router(routes(service), prefix=_PREFIX, dependencies=officer, responses=common)
    for routes in (inventory_routes, quarantine_routes):
        app.include_router(
            routes(service),
            prefix=_PREFIX,
            dependencies=operator,
            responses=common | documented(403),
        )
    return app
