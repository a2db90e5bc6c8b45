"""A hand-written ingest service: its HTTP API over example data that a test may change."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from contract.places import DISTRICTS
from tests.fake_city import example_overview, example_stations
from tests.fake_fleet import example_fleet, example_ledger, is_in
from tests.fake_trends import (
    COMPARED,
    GLUCOSE,
    Json,
    example_blocks,
    example_comparison,
    example_extremes,
    example_glucose,
    example_trend,
)
from tests.fake_usage import (
    example_days,
    example_equity,
    example_reach,
    example_summary,
    example_uptake,
    example_week,
    table,
)

Form = Annotated[str | None, Query(alias="format")]


@dataclass
class FakeIngest:
    """What the API answers; `failing` holds the parts that answer 503.

    `status` is that of every answer if it is not 200; `asked` are the paths that were asked for.
    """

    overview: Json = field(default_factory=example_overview)
    stations: list[Json] = field(default_factory=example_stations)
    trend: Json = field(default_factory=example_trend)
    glucose: dict[str, Json] = field(
        default_factory=lambda: {measure: example_glucose(measure) for measure in GLUCOSE}
    )
    extremes: Json = field(default_factory=example_extremes)
    blocks: Json = field(default_factory=example_blocks)
    week: list[Json] = field(default_factory=example_week)
    days: list[Json] | None = None
    released: bool = True
    status: int = 200
    failing: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Forget what a test changed."""
        vars(self).update(vars(FakeIngest()))

    def app(self) -> FastAPI:
        """The API as an application."""
        app = FastAPI(openapi_url=None)
        app.middleware("http")(self._watched)
        for routes in (self._city_routes, self._station_routes, self._usage_routes):
            app.include_router(routes(), prefix="/api/v1")
        app.include_router(self._trend_routes(), prefix="/api/v1/trends")
        return app

    async def _watched(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        self.asked.append(request.url.path.removeprefix("/api/v1/"))
        if self.status != 200:
            return problem(self.status)
        return await call_next(request)

    def _city_routes(self) -> APIRouter:
        router = APIRouter()

        @router.get("/overview")
        async def overview() -> Json:
            return self._answer("overview", self.overview)

        @router.get("/ledger")
        async def ledger() -> Json:
            return self._answer("ledger", example_ledger(self.stations))

        @router.get("/fleet")
        async def fleet() -> Json:
            return self._answer("fleet", example_fleet(self.stations))

        return router

    def _station_routes(self) -> APIRouter:
        router = APIRouter()

        @router.get("/stations")
        async def page(
            limit: int,
            after: str = "",
            district: str | None = None,
            state: str = "",
            search: str = "",
        ) -> Json:
            there = [
                s
                for s in self.stations
                if district in (None, s["district"])
                and is_in(state, s)
                and search in f"{s['id']} {s['name']}"
            ]
            found = sorted((s for s in there if str(s["id"]) > after), key=lambda s: str(s["id"]))
            more = found[limit - 1]["id"] if len(found) >= limit else None
            answer = {"stations": found[:limit], "next": more, "total": len(there)}
            return self._answer("stations", answer)

        @router.get("/stations/{station}")
        async def one(station: str) -> object:
            found = next((s for s in self.stations if s["id"] == station), None)
            return problem(404) if found is None else self._answer("station", found)

        @router.get("/ledger/{station}")
        async def ledger(station: str) -> object:
            found = next((s for s in self.stations if s["id"] == station), None)
            if found is None or found["ledger"] is None:
                return problem(404)
            epochs = [{**epoch, "epoch": 7, "unaccounted": 0} for epoch in (found["ledger"],)]  # type: ignore[dict-item]
            return self._answer("station-ledger", {"station": station, "epochs": epochs})

        return router

    def _usage_routes(self) -> APIRouter:
        router = APIRouter(prefix="/usage")

        @router.get("/reach")
        async def reach(form: Form = None) -> object:
            return self._table("reach", table("110000", example_reach(), 4, COMPARED), form)

        @router.get("/equity")
        async def equity(form: Form = None) -> object:
            return self._table("equity", table("110000", example_equity(), 4, COMPARED), form)

        @router.get("/venues")
        async def venues(form: Form = None) -> object:
            return self._table("venues", table("110000", example_uptake(), 52), form)

        @router.get("/{kind}/{place}/{name}")
        async def usage(
            kind: str, place: str, name: str, weeks: int = 4, form: Form = None
        ) -> object:
            assert kind in ("areas", "stations")
            days = example_days(weeks) if self.days is None else self.days
            rows = {
                "typical-week": self.week,
                "days": days,
                "summary": [example_summary()],
            }[name]
            return self._table(name, table(place, rows, weeks), form)

        return router

    def _trend_routes(self) -> APIRouter:
        router = APIRouter()

        @router.get("/areas/{area}")
        async def trend(area: str, measure: str, audience: str) -> Json:
            assert audience == "internal"
            if measure == "bp":
                return self._answer("trend", {**self.trend, "place": area})
            return self._answer("glucose", {**self.glucose[measure], "place": area})

        @router.get("/stations/{station}")
        async def station(station: str, measure: str, audience: str) -> Json:
            assert (measure, audience) == ("bp", "internal")
            return self._answer("trend", {**self.blocks, "place": station})

        @router.get("/extremes")
        async def extremes(measure: str, audience: str) -> Json:
            assert (measure, audience) == ("bp", "internal")
            return self._answer("extremes", self.extremes)

        @router.get("/compare/{level}")
        async def compare(level: str, measure: str, audience: str) -> object:
            assert (measure, audience) == ("bp", "internal")
            places = tuple(DISTRICTS) if level == "district" else ("110000",)
            if not self.released:
                return problem(404)
            return self._answer("latest", example_comparison(places))

        return router

    def _table(self, part: str, answer: Json, form: str | None) -> object:
        self._answer(part, answer)
        if form != "csv":
            return answer
        rows = answer["rows"]
        assert isinstance(rows, list)
        lines = ["# 说明", "# wording", ",".join(rows[0])]
        lines += [",".join("" if v is None else str(v) for v in row.values()) for row in rows]
        return PlainTextResponse("\r\n".join(lines), media_type="text/csv")

    def _answer(self, part: str, answer: Json) -> Json:
        if part in self.failing or "all" in self.failing:
            raise HTTPException(503)
        return answer


def problem(status: int) -> Response:
    """A refusal as ingest words it."""
    return JSONResponse({"status": status}, status, media_type="application/problem+json")


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve `app` on a free port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="warning", ws="none", access_log=False)
        server = uvicorn.Server(config)
        serving_it = asyncio.create_task(server.serve(sockets=[listener]), name="uvicorn")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving_it
