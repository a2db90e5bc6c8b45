"""schemathesis asks the running API whatever its document allows, and then some."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contract.errors import Reason
from ingest.api import create_app
from ingest.operations import Refused
from ingest.operations.keys import Key, Scope
from ingest.settings import HttpSection
from tests.integration.broker import running_broker
from tests.integration.ingest import CHAOYANG, running_ingest

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=UTC)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    """The document of an API over real databases that knows two stations and a bad message."""
    directory = tmp_path_factory.mktemp("api")
    with running_broker(directory) as broker, running_ingest(broker, directory) as service:
        bad = Refused(f"kiosk/v1/{CHAOYANG}/usage", b"bad", Reason.NOT_JSON, "why", CHAOYANG)
        service.operations.record(refused=[bad], now=NOW)
        service.operations.keys.add(Key("operator", "a test", Scope.OPERATOR, NOW), "secret")
        http = HttpSection(requests_per_minute=10**9)
        patient = replace(service, settings=service.settings.model_copy(update={"http": http}))
        yield schemathesis.openapi.from_asgi("/openapi.json", create_app(patient))


def ask_everything(api: BaseSchema, times: int, headers: dict[str, str]) -> set[int]:
    """Ask every operation so many different things; returns the statuses that came back."""
    seen: set[int] = set()
    for result in api.get_all_operations():
        if isinstance(result, Err):
            raise result.err()

        @settings(max_examples=times, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=result.ok().as_strategy())
        def ask(case: Case[Any]) -> None:
            answer = case.call_and_validate(headers=headers, checks=CHECKS)
            seen.add(answer.status_code)

        ask()
    return seen


def test_every_answer_is_a_documented_one_and_none_is_an_error_of_ours(api: BaseSchema) -> None:
    seen = ask_everything(api, 25, {"Authorization": "Bearer operator.secret"})
    assert {200, 404} <= seen


def test_without_a_key_every_answer_is_documented_too(api: BaseSchema) -> None:
    assert {200, 401} <= ask_everything(api, 3, {})
