"""Receipts written by hand are what the contract's model would write."""

import pytest

from contract.errors import Reason
from contract.receipts import MAX_RECEIPTS, Outcome, Receipt, ReceiptBatch
from ingest.receipts import answers


@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_receipt_is_the_models_to_the_byte(reason: Reason | None) -> None:
    outcome = Outcome.STORED if reason is None else Outcome.QUARANTINED
    one = Receipt(epoch=2**53 - 1, seq=1, outcome=outcome, reason=reason)
    batch = ReceiptBatch(station="BJ-CY-012", receipts=(one,))
    (answer,) = answers({("BJ-CY-012", 2**53 - 1, 1): reason})
    assert answer.topic == "kiosk/v1/BJ-CY-012/receipts"
    assert answer.payload == batch.model_dump_json(exclude_none=True)


def test_each_station_gets_one_message_until_it_would_be_too_large() -> None:
    ends = {("A", 1, seq): None for seq in range(1, MAX_RECEIPTS + 2)} | {("B", 1, 1): None}
    found = [
        (answer.topic.split("/")[2], ReceiptBatch.model_validate_json(answer.payload))
        for answer in answers(ends)
    ]
    assert [(station, len(batch.receipts)) for station, batch in found] == [
        ("A", MAX_RECEIPTS), ("A", 1), ("B", 1),
    ]  # fmt: skip
    assert found[1][1].receipts[0].seq == MAX_RECEIPTS + 1
