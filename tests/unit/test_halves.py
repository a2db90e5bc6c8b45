"""A message too large for the broker becomes two that say the same, or stays what it is."""

import json
from collections import Counter
from datetime import date
from random import Random

import pytest

from contract.errors import Reason
from contract.screening_batch import blood_pressure_row
from contract.screening_message import ScreeningMessage
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from edge_agent.outbox import Staged
from edge_agent.release import compose, compose_usage, halves


def usage(windows: int) -> bytes:
    texts = [UsageWindow(start=900 * place).model_dump_json() for place in range(windows)]
    return compose_usage("S-1", 7, 3, texts)


def batch(rows: int) -> bytes:
    staged = [
        Staged(
            place,
            date(2026, 9, 1 + place % 3),
            blood_pressure_row(90 + 5 * (place % 8), 65, 70, single=True).model_dump_json(
                exclude_none=True
            ),
        )
        for place in range(rows)
    ]
    return compose("S-1", 7, 3, "bp", staged, Counter({Reason.RESENT: 9}), Random(1))


def rows_of(payload: bytes) -> Counter[str]:
    return Counter(json.dumps(row) for row in json.loads(payload)["rows"])


@pytest.mark.parametrize(("windows", "sizes"), [(2, (1, 1)), (5, (2, 3)), (192, (96, 96))])
def test_usage_windows_are_halved_and_none_is_lost_or_doubled(
    windows: int, sizes: tuple[int, int]
) -> None:
    whole = UsageBatch.model_validate_json(usage(windows))
    first, second = (
        UsageBatch.model_validate_json(part(seq))
        for part, seq in zip(halves(usage(windows), Stream.USAGE, 5), (3, 8), strict=True)
    )
    assert (len(first.windows), len(second.windows)) == sizes
    assert first.windows + second.windows == whole.windows
    assert (first.seq, second.seq, first.epoch, second.epoch) == (3, 8, 7, 7)


def test_a_single_window_stays_whole() -> None:
    assert halves(usage(1), Stream.USAGE, 5) == ()


@pytest.mark.parametrize(("rows", "sizes"), [(10, (5, 5)), (11, (5, 6)), (256, (128, 128))])
def test_rows_are_halved_and_the_rejects_are_told_once(rows: int, sizes: tuple[int, int]) -> None:
    whole = batch(rows)
    parts = [
        part(seq) for part, seq in zip(halves(whole, Stream.SCREENING, 5), (3, 8), strict=True)
    ]
    first, second = (ScreeningMessage.model_validate_json(part).root for part in parts)
    assert (len(first.rows), len(second.rows)) == sizes
    assert rows_of(parts[0]) + rows_of(parts[1]) == rows_of(whole)
    assert (first.seq, second.seq) == (3, 8)
    assert (first.rejects, second.rejects) == ({Reason.RESENT: "10"}, {})
    assert all(
        (one.from_, one.to) == (date(2026, 9, 1), date(2026, 9, 3)) for one in (first, second)
    )


@pytest.mark.parametrize(("rows", "min_batch"), [(9, 5), (5, 5), (1, 1), (19, 10)])
def test_no_half_of_a_batch_is_smaller_than_the_policy_allows(rows: int, min_batch: int) -> None:
    assert halves(batch(rows), Stream.SCREENING, min_batch) == ()
