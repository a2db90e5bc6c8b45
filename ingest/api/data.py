"""What officers ask first: the programme as a whole, and an area's typical week."""

from functools import lru_cache, partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from contract.places import CITY_ADCODE, DISTRICTS
from ingest import answers, usage_queries
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.overview import OpenCount
from ingest.overview import overview as state_of_all
from ingest.release import open_sessions

PROFILE_SECONDS = 30
"""How long a typical week is kept before it is computed again."""

Area = Annotated[
    str,
    Query(
        description="110000 for the city, or the adcode of a district.",
        examples=[CITY_ADCODE, "110105"],
    ),
]


def data_routes(service: Service) -> APIRouter:
    """/overview and /usage/week-profile."""
    router = APIRouter(tags=["data"])
    open_count = OpenCount(partial(open_sessions, service.store, service.operations))

    @router.get("/overview", summary="The state of the whole programme")
    def overview() -> answers.Overview:
        return state_of_all(
            service.store,
            service.operations,
            service.settings,
            service.watch.look(),
            city=service.city,
            now=service.clock(),
            last_stored_at=service.pipeline.last_stored_at,
            open_count=open_count,
        )

    @lru_cache(maxsize=2 * (len(DISTRICTS) + 1))
    def profile(area: str, _: int) -> answers.WeekProfile:
        return usage_queries.week_profile(service.store, area, service.clock())

    @router.get(
        "/usage/week-profile", summary="The typical week of an area", responses=documented(404)
    )
    def week_profile(area: Area = CITY_ADCODE) -> answers.WeekProfile:
        tick = int(service.clock().timestamp()) // PROFILE_SECONDS
        return profile(_known(area), tick)

    return router


def _known(area: str) -> str:
    if area != CITY_ADCODE and area not in DISTRICTS:
        raise HTTPException(
            404, f"no area {area!r}: use {CITY_ADCODE} for the city or a district's adcode"
        )
    return area
