"""The quarantine: list, show, replay with or without a fix, discard."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from contract.errors import ContractError, Reason
from ingest import operator_answers as answers
from ingest.api.parts import Service
from ingest.api.problems import documented
from ingest.calendar import ZONE
from ingest.operations.quarantine import Kept

PAGE = 100
"""How many messages an answer holds at the most."""

_Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The message's name here.")]


def quarantine_routes(service: Service) -> APIRouter:
    """GET, POST and DELETE below /quarantine."""
    router = APIRouter(tags=["quarantine"])
    _add_reading(router, service)
    _add_deciding(router, service)
    return router


def _add_reading(router: APIRouter, service: Service) -> None:
    @router.get("/quarantine", summary="Refused messages, oldest first, in pages")
    def listed(
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
        after: Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")] = "",
        reason: Reason | None = None,
        station: Annotated[str | None, Query(max_length=32)] = None,
    ) -> answers.QuarantineList:
        kept = service.operations.quarantine
        start = kept.get(after) if after else None
        mark = (start.received_at, start.digest) if start else None
        found = kept.page(limit, after=mark, reason=reason, station=station)
        fill = kept.fill()
        return answers.QuarantineList(
            messages=fill.messages,
            bytes=fill.bytes,
            discarded=fill.discarded,
            items=[_described(one) for one in found],
            next=found[-1].digest if len(found) == limit else None,
        )

    @router.get("/quarantine/{digest}", summary="One message, whole", responses=documented(404))
    def shown(digest: _Digest) -> answers.QuarantinedMessage:
        kept = _found(service, digest)
        text = kept.payload.decode("utf-8", "backslashreplace")
        return answers.QuarantinedMessage(**_described(kept).model_dump(), payload=text)


def _add_deciding(router: APIRouter, service: Service) -> None:
    @router.post(
        "/quarantine/{digest}/replay",
        summary="Offer a message to the pipeline again, as it is or mended",
        responses=documented(404, 409),
    )
    def replay(digest: _Digest, fix: answers.Fix) -> answers.Replayed:
        payload = None if fix.payload is None else fix.payload.encode()
        try:
            service.pipeline.replay(_found(service, digest), payload)
        except ContractError as error:
            raise HTTPException(409, f"refused again ({error.reason}): {error}") from error
        return answers.Replayed(digest=digest)

    @router.delete(
        "/quarantine/{digest}",
        summary="Give a message up for good; it is counted",
        status_code=204,
        responses=documented(404),
    )
    def discard(digest: _Digest) -> Response:
        if not service.operations.quarantine.discard(digest):
            raise _absent()
        return Response(status_code=204)


def _found(service: Service, digest: str) -> Kept:
    kept = service.operations.quarantine.get(digest)
    if kept is None:
        raise _absent()
    return kept


def _absent() -> HTTPException:
    return HTTPException(404, "no such message is in quarantine")


def _described(kept: Kept) -> answers.Quarantined:
    return answers.Quarantined(
        digest=kept.digest,
        received_at=_local(kept.received_at),
        topic=kept.topic,
        station=kept.station or None,
        reason=kept.reason,
        detail=kept.detail,
        bytes=kept.size,
    )


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)
