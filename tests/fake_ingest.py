"""A hand-written ingest service: its HTTP API over example data that a test may change."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import exp

import uvicorn
from fastapi import FastAPI, HTTPException

from contract.places import DISTRICTS, VENUES, District
from tests.fake_trends import GLUCOSE, Json, example_extremes, example_glucose, example_trend

NOW = "2026-11-22T12:00:00+08:00"


@dataclass
class FakeIngest:
    """What the API answers; `failing` holds the paths that answer 503."""

    overview: Json = field(default_factory=lambda: example_overview())
    stations: Json = field(default_factory=lambda: example_stations())
    profile: Json = field(default_factory=lambda: example_profile())
    trend: Json = field(default_factory=example_trend)
    glucose: dict[str, Json] = field(
        default_factory=lambda: {measure: example_glucose(measure) for measure in GLUCOSE}
    )
    extremes: Json = field(default_factory=example_extremes)
    failing: set[str] = field(default_factory=set)
    areas: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Forget what a test changed."""
        vars(self).update(vars(FakeIngest()))

    def app(self) -> FastAPI:
        """The API as an application."""
        app = FastAPI(openapi_url=None)

        @app.get("/api/v1/overview")
        async def overview() -> Json:
            return self._answer("overview", self.overview)

        @app.get("/api/v1/stations")
        async def stations() -> Json:
            return self._answer("stations", self.stations)

        @app.get("/api/v1/usage/week-profile")
        async def week_profile(area: str) -> Json:
            self.areas.append(area)
            return self._answer("profile", {**self.profile, "area": area})

        @app.get("/api/v1/trends/areas/{area}")
        async def trend(area: str, measure: str, audience: str) -> Json:
            assert audience == "internal"
            if measure == "bp":
                return self._answer("trend", {**self.trend, "place": area})
            return self._answer("glucose", {**self.glucose[measure], "place": area})

        @app.get("/api/v1/trends/extremes")
        async def extremes(measure: str, audience: str) -> Json:
            assert (measure, audience) == ("bp", "internal")
            return self._answer("extremes", self.extremes)

        return app

    def _answer(self, part: str, answer: Json) -> Json:
        if part in self.failing or "all" in self.failing:
            raise HTTPException(503)
        return answer


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


def example_overview() -> Json:
    """A city with some stations offline, two quarantined messages, and reduced privacy."""
    stations = _stations()
    return {
        "now": NOW,
        "stations": {
            "registered": len(stations),
            "online": sum(station["online"] is True for station in stations),
        },
        "messages": {
            "stored": 128_345,
            "quarantined": 2,
            "last_stored_at": "2026-11-22T11:59:58+08:00",
        },
        "open_window": {
            "window": "2026-W47",
            "first": "2026-11-16",
            "last": "2026-11-22",
            "sessions": 1250,
            "released_from": "2026-11-24T00:00:00+08:00",
        },
        "privacy": {
            "minimum_sessions": 20,
            "smallest_count": 8,
            "round_to": 5,
            "min_batch": 5,
            "smallest_min_batch": 2,
        },
        "demo": True,
    }


def example_stations() -> Json:
    """236 stations over all districts: two are offline, and BJ-SH-160 misses a message."""
    return {"stations": _stations()}


def example_profile() -> Json:
    """A working week with peaks at noon and at three, and no data on Sunday night."""
    cells = [
        {"weekday": weekday, "hour": hour, "mean": _mean_present(weekday, hour)}
        for weekday in range(1, 8)
        for hour in range(24)
        if (weekday, hour) < (7, 20)
    ]
    return {"area": "110000", "weeks": 4, "stations": 240, "cells": cells}


def _stations() -> list[Json]:
    places = [d for d in DISTRICTS.values() for _ in range(max(4, d.population // 90_000))]
    return [_station(number, district) for number, district in enumerate(places, start=1)]


def _station(number: int, district: District) -> Json:
    venue, kind = list(VENUES.items())[number % 7]
    online = number % 80 != 0
    stored = 40 + number % 9
    pending = number % 3
    missing = 0 if number != 160 else 1
    return {
        "id": f"BJ-{district.name.en[:2].upper()}-{number:03}",
        "name": {
            "zh": f"{district.name.zh}{kind.zh}{number}号驿站",
            "en": f"{district.name.en} {kind.en.lower()} no. {number}",
        },
        "district": district.adcode,
        "venue": venue,
        "online": online,
        "last_seen": f"2026-11-22T11:59:{number % 60:02}+08:00" if online else None,
        "ledger": {
            "numbered": stored + pending + missing,
            "stored": stored,
            "quarantined": 0,
            "dropped": 0,
            "pending": pending,
            "balanced": not missing,
        },
    }


def _mean_present(weekday: int, hour: int) -> float:
    peaks = ((7, 0.5, 1.2), (12, 1.5, 1.6), (15, 1.1, 1.8), (19, 0.5, 1.5))
    present = sum(height * exp(-(((hour - at) / width) ** 2)) for at, height, width in peaks)
    return round((0.05 + present) * (0.6 if weekday > 5 else 1 + 0.04 * weekday), 2)
