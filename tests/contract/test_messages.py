"""The contract as a reader of the documents sees it: schemas, strictness, topics."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contract import topics
from contract.desired import DesiredConfiguration
from contract.errors import ContractError, Reason
from contract.glucose_batch import GlucoseBatch, glucose_measure
from contract.receipts import ReceiptBatch
from contract.schemas import MESSAGES, schema
from contract.screening import Meal
from contract.screening_batch import ScreeningBatch
from contract.screening_message import ScreeningMessage
from contract.status import Status
from contract.topics import Stream
from contract.usage import UsageBatch

SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "schemas"

EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {
    ScreeningBatch: {
        "v": 1, "station": "BJ-CY-012", "epoch": 7, "seq": 1, "measure": "bp",
        "from": "2026-02-02", "to": "2026-02-06",
        "rows": [{"c": "high_normal", "sub": None, "s": 130, "d": 80, "p": 70, "single": False}],
        "rejects": {"body_moved": "<8"},
    },
    GlucoseBatch: {
        "v": 1, "station": "BJ-CY-012", "epoch": 7, "seq": 3, "measure": "glu_fasting",
        "from": "2026-02-02", "to": "2026-02-06",
        "rows": [{"c": "raised", "g": 6.1, "single": True}, {"c": "very_low", "g": 0}],
        "rejects": {"undated": "<8"},
    },
    UsageBatch: {
        "v": 1, "station": "BJ-CY-012", "epoch": 7, "seq": 2,
        "windows": [{"start": 1770000300 // 900 * 900, "entries": 3, "mean": 0.5, "level": "some"}],
    },
    Status: {"v": 1, "station": "BJ-CY-012", "kind": "death", "boot": "0123456789abcdef"},
    ReceiptBatch: {
        "v": 1, "station": "BJ-CY-012",
        "receipts": [{"epoch": 7, "seq": 1, "outcome": "quarantined", "reason": "schema"}],
    },
    DesiredConfiguration: {
        "v": 1, "station": "BJ-CY-012", "revision": "2026-02-06.1",
        "settings": {"radio": {"links": 2}, "occupancy": {"seats": 6}},
    },
}  # fmt: skip


@pytest.mark.parametrize("stream", MESSAGES)
def test_the_committed_schema_is_the_one_the_models_give(stream: str) -> None:
    committed = (SCHEMAS / f"{stream}.schema.json").read_text(encoding="utf-8")
    assert committed == schema(stream), "run `make schemas` and commit the result"


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_an_example_survives_the_wire(model: type[BaseModel]) -> None:
    message = model.model_validate(EXAMPLES[model])
    wire = message.model_dump_json(by_alias=True, exclude_none=True)
    assert json.loads(wire)["v"] == 1
    assert model.model_validate_json(wire) == message


@pytest.mark.parametrize("model", [ScreeningBatch, GlucoseBatch], ids=lambda m: m.__name__)
def test_an_unknown_field_is_refused_on_the_screening_stream_at_every_depth(
    model: type[BaseModel],
) -> None:
    example = EXAMPLES[model]
    row = example["rows"][0]
    for poisoned in (
        example | {"device": "C0:FF:EE:00:00:01"},
        example | {"rows": [row | {"time": "15:20"}]},
        example | {"rejects": {"nurse": "<8"}},
    ):
        with pytest.raises(ValidationError):
            model.model_validate(poisoned)


@pytest.mark.parametrize("model", [UsageBatch, Status, ReceiptBatch], ids=lambda m: m.__name__)
def test_an_unknown_field_is_passed_over_elsewhere(model: type[BaseModel]) -> None:
    newer = model.model_validate(EXAMPLES[model] | {"firmware": "9"})
    assert newer == model.model_validate(EXAMPLES[model])


@pytest.mark.parametrize(
    "change",
    [
        {"s": 131},
        {"s": 185},
        {"d": 82},
        {"p": 71},
        {"c": "grade1"},
        {"c": "fine"},
        {"sub": "ISO"},
    ],
    ids=str,
)
def test_a_row_finer_than_its_bins_or_at_odds_with_them_is_refused(change: dict[str, Any]) -> None:
    row = EXAMPLES[ScreeningBatch]["rows"][0] | change
    with pytest.raises(ValidationError):
        ScreeningBatch.model_validate(EXAMPLES[ScreeningBatch] | {"rows": [row]})


@pytest.mark.parametrize(
    "change",
    [{"g": 6.2}, {"g": 6.11}, {"g": 17.0}, {"g": "LO"}, {"c": "usual"}, {"c": "HI"}],
    ids=str,
)
def test_a_glucose_row_finer_than_its_bin_or_at_odds_with_it_is_refused(
    change: dict[str, Any],
) -> None:
    row = EXAMPLES[GlucoseBatch]["rows"][0] | change
    with pytest.raises(ValidationError):
        GlucoseBatch.model_validate(EXAMPLES[GlucoseBatch] | {"rows": [row]})


def test_the_meal_decides_which_category_fits_a_bin() -> None:
    casual = EXAMPLES[GlucoseBatch] | {"measure": "glu_casual"}
    with pytest.raises(ValidationError, match="contradicts"):
        GlucoseBatch.model_validate(casual)
    rows = [{"c": "usual", "g": 6.1}, {"c": "raised_after_food", "g": 7.8}]
    assert GlucoseBatch.model_validate(casual | {"rows": rows}).rows[1].g == 7.8


def test_a_message_of_the_screening_stream_is_the_batch_that_its_measure_says() -> None:
    for model in (ScreeningBatch, GlucoseBatch):
        assert isinstance(ScreeningMessage.model_validate(EXAMPLES[model]).root, model)
    with pytest.raises(ValidationError):
        ScreeningMessage.model_validate(EXAMPLES[GlucoseBatch] | {"measure": "bp"})


def test_a_glucose_measure_is_that_of_its_meal() -> None:
    measures = {meal: glucose_measure(meal) for meal in Meal}
    assert measures == {
        Meal.CASUAL: "glu_casual",
        Meal.FASTING: "glu_fasting",
        Meal.POSTPRANDIAL_2H: "glu_postprandial_2h",
        Meal.PREPRANDIAL: "glu_casual",
        Meal.BEDTIME: "glu_casual",
    }


def test_a_batch_is_dated_by_days_in_order() -> None:
    example = EXAMPLES[ScreeningBatch]
    with pytest.raises(ValidationError, match="later"):
        ScreeningBatch.model_validate(example | {"from": "2026-02-07"})
    with pytest.raises(ValidationError):
        ScreeningBatch.model_validate_json(
            json.dumps(example | {"to": "2026-02-06T14:20:31+08:00"})
        )
    assert ScreeningBatch.model_validate(example).to == date(2026, 2, 6)


def test_a_usage_window_starts_on_the_quarter_and_only_once() -> None:
    example = EXAMPLES[UsageBatch]
    window = example["windows"][0]
    for windows in ([window | {"start": window["start"] + 1}], [window, window], []):
        with pytest.raises(ValidationError):
            UsageBatch.model_validate(example | {"windows": windows})


def test_a_birth_says_everything_and_a_death_only_whose_life_ended() -> None:
    death = EXAMPLES[Status]
    assert Status.model_validate(death).ledger is None
    with pytest.raises(ValidationError, match="birth carries"):
        Status.model_validate(death | {"kind": "birth"})


@pytest.mark.parametrize("stream", Stream)
def test_a_topic_is_parsed_into_what_it_was_built_from(stream: Stream) -> None:
    assert topics.parse(topics.topic("BJ-CY-012", stream)) == ("BJ-CY-012", stream)


@pytest.mark.parametrize(
    "name",
    [
        "kiosk/v1/BJ-CY-012/gossip",
        "kiosk/v2/BJ-CY-012/status",
        "kiosk/v1/BJ-CY-012",
        "kiosk/v1//status",
        "kiosk/v1/+/status",
        "kiosk/v1/a b/status",
        "kiosk/v1/BJ-CY-012\n/status",
        "/kiosk/v1/BJ-CY-012/status",
    ],
)
def test_any_other_topic_is_refused(name: str) -> None:
    with pytest.raises(ContractError) as caught:
        topics.parse(name)
    assert caught.value.reason is Reason.UNKNOWN_TOPIC


def test_workers_share_one_subscription_per_stream() -> None:
    assert topics.shared_subscription(Stream.USAGE) == "$share/ingest/kiosk/v1/+/usage"


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"privacy": {"min_batch": 1}}},
        {"settings": {"station": {"id": "BJ-CY-013"}}},
        {"revision": "with a blank"},
        {"until": "2026-03-01"},
    ],
    ids=str,
)
def test_a_desired_configuration_is_tolerant_of_nothing(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DesiredConfiguration.model_validate(EXAMPLES[DesiredConfiguration] | change)
