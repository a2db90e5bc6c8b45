"""Why a message is refused, told by a closed reason and never by its content."""

import json
from typing import Any

import pytest

from contract.errors import ContractError, Reason
from contract.glucose_batch import GlucoseBatch
from contract.screening_batch import ScreeningBatch
from ingest.validation import Number, parse, salvage_number
from tests.contract.test_messages import EXAMPLES

TOPIC = "kiosk/v1/BJ-CY-012/screening"


def message(**changes: Any) -> bytes:
    return json.dumps(EXAMPLES[ScreeningBatch] | changes).encode()


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (TOPIC, b"\xff\x00 not json", Reason.NOT_JSON),
        (TOPIC, message()[:-20], Reason.NOT_JSON),
        (TOPIC, b"[]", Reason.SCHEMA),
        (TOPIC, message(v=2), Reason.UNKNOWN_VERSION),
        (TOPIC, message(serial="X1"), Reason.SCHEMA),
        (TOPIC, message(rows=[]), Reason.SCHEMA),
        (TOPIC, message(measure="Wang"), Reason.SCHEMA),
        (TOPIC, message(measure="glu_casual"), Reason.SCHEMA),
        ("kiosk/v1/BJ-DC-001/screening", message(), Reason.STATION_MISMATCH),
        ("kiosk/v1/BJ-CY-012/receipts", message(), Reason.UNKNOWN_TOPIC),
        ("elsewhere", message(), Reason.UNKNOWN_TOPIC),
    ],
)
def test_a_bad_message_is_refused_with_its_reason(
    topic: str, payload: bytes, reason: Reason
) -> None:
    with pytest.raises(ContractError) as caught:
        parse(topic, payload)
    assert caught.value.reason is reason


def test_the_explanation_names_the_place_and_not_the_value() -> None:
    with pytest.raises(ContractError) as caught:
        parse(TOPIC, message(patient="Wang"))
    assert str(caught.value).startswith("patient: ")
    assert "Wang" not in str(caught.value)
    with pytest.raises(ContractError) as caught:
        parse(TOPIC, message(measure="Wang"))
    assert str(caught.value).startswith("measure: ")
    assert "Wang" not in str(caught.value)


def test_a_good_message_is_parsed() -> None:
    parsed = parse(TOPIC, message())
    assert isinstance(parsed, ScreeningBatch)
    assert parsed.rows[0].s == 130


def test_a_glucose_batch_comes_on_the_same_stream() -> None:
    parsed = parse(TOPIC, json.dumps(EXAMPLES[GlucoseBatch]).encode())
    assert isinstance(parsed, GlucoseBatch)
    assert [(row.c, row.g) for row in parsed.rows] == [("raised", 6.1), ("very_low", 0)]


def test_a_refused_message_keeps_its_number_if_its_envelope_can_be_read() -> None:
    assert salvage_number(message(v=2, serial="X1", rows=None)) == Number(7, 1)
    assert salvage_number(b"nonsense") is None
    assert salvage_number(message(seq=0)) is None
