"""Errors as RFC 9457 has them: one form for all of them, and each says what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from contract.errors import StoreUnavailable

MEDIA_TYPE = "application/problem+json"

_RETRY_SECONDS = 5


class Problem(BaseModel):
    """What went wrong; `errors` names each place in the request, if it was the request."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    errors: list[str] = []


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI documents answers with these statuses."""
    schema = Problem.model_json_schema()
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem; a bug stays a bug and is answered with 500."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreUnavailable, _unavailable)


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette knows handlers by type only
    return _answer(error.status_code, error.detail, headers=error.headers)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return _answer(422, "the request does not fit the API; see /docs", errors=errors)


def _unavailable(_: Request, error: Exception) -> JSONResponse:
    return _answer(503, str(error), headers={"Retry-After": str(_RETRY_SECONDS)})


def _answer(
    status: int,
    detail: str,
    *,
    errors: list[str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or []
    )
    return JSONResponse(
        problem.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )
