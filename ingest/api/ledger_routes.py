"""The ledger of a station, epoch by epoch, down to the numbers that are missing."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from contract.envelope import StationId
from ingest import ledger_queries, operator_answers
from ingest.api.parts import Service
from ingest.api.problems import documented


def ledger_routes(service: Service) -> APIRouter:
    """GET /ledger and /ledger/{station}."""
    router = APIRouter(tags=["ledger"])

    @router.get("/ledger", summary="The sum over all stations, and who does not balance")
    def ledger() -> operator_answers.LedgerSummary:
        return service.city.look().ledger

    @router.get(
        "/ledger/{station}",
        summary="Every epoch of one station, and the numbers that are missing",
        responses=documented(404),
    )
    def station_ledger(
        station: Annotated[StationId, Path(examples=["BJ-CY-012"])],
    ) -> operator_answers.StationLedger:
        found = ledger_queries.of_station(service.operations, station)
        if not found.epochs:
            raise HTTPException(404, f"nothing was ever heard of {station!r}")
        return found

    return router
