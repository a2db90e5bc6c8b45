"""What machines ask: whether the process lives, whether it can work, and its metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

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
        summary="The broker and the databases answer, and nothing waits to be stored",
        responses={503: {"model": answers.Readiness}},
    )
    def readyz(response: Response) -> answers.Readiness:
        health = service.watch.look()
        broker = health.broker_away is None
        store = not (health.store_away or health.operations_away or health.not_storing)
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
        service.watch.look()  # which sets ingest_problem
        return Response(generate_latest(service.telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    return router
