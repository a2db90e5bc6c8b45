"""What machines ask: whether the process lives, whether it can work, and its metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from contract.errors import StoreUnavailable
from ingest import answers
from ingest.api.parts import Service


def probe_routes(service: Service) -> APIRouter:
    """/healthz, /readyz and /metrics, which ask for no key."""
    router = APIRouter(tags=["probes"])

    @router.get("/healthz", summary="The process is alive")
    def healthz() -> dict[str, bool]:
        return {"alive": True}

    @router.get(
        "/readyz",
        summary="The broker and the databases answer",
        responses={503: {"model": answers.Readiness}},
    )
    def readyz(response: Response) -> answers.Readiness:
        store = _answers(service)
        broker = service.subscriber.connected
        if not (store and broker):
            response.status_code = 503
        return answers.Readiness(ready=store and broker, broker=broker, store=store)

    @router.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}},
    )
    def metrics() -> Response:
        return Response(generate_latest(service.telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _answers(service: Service) -> bool:
    try:
        service.store.released_weeks()
        service.operations.quarantine.counts()
    except StoreUnavailable:
        return False
    return True
