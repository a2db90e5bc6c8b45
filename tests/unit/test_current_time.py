"""Clocks: Date Time 0x2A08, Current Time 0x2A2B, Local Time Information 0x2A0F."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.devices import current_time, date_time
from edge_agent.devices.current_time import AdjustReason, LocalTime
from edge_agent.devices.date_time import DeviceTime

GOLDEN = Path(__file__).parent.parent / "golden" / "clocks.json"
VALUES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["values"]


def _of(characteristic: str, *, refused: bool) -> list[dict[str, Any]]:
    return [
        value
        for value in VALUES
        if value["characteristic"] == characteristic
        if bool(value.get("expected_rejection")) is refused
    ]


TIMES, NO_TIMES = _of("2A08", refused=False), _of("2A08", refused=True)
CLOCKS, NO_CLOCKS = _of("2A2B", refused=False), _of("2A2B", refused=True)


def _ids(values: list[dict[str, Any]]) -> list[str]:
    return [value["id"] for value in values]


def test_the_golden_file_is_not_empty() -> None:
    assert [len(values) for values in (TIMES, NO_TIMES, CLOCKS, NO_CLOCKS)] == [4, 2, 5, 3]


@pytest.mark.parametrize("value", TIMES, ids=_ids(TIMES))
def test_a_time_is_what_its_source_states(value: dict[str, Any]) -> None:
    data = bytes.fromhex(value["hex"])
    time = date_time.decode(data)
    assert list(time) == value["expected"]["datetime"]
    assert date_time.is_legal(time)
    assert date_time.encode(time) == data


@pytest.mark.parametrize("value", NO_TIMES, ids=_ids(NO_TIMES))
def test_a_time_cut_off_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        date_time.decode(bytes.fromhex(value["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": 1581},
        {"year": 10_000},
        {"month": 13},
        {"day": 32},
        {"hour": 24},
        {"minute": 60},
        {"second": 60},
    ],
)
def test_a_field_beyond_the_standard_makes_a_time_illegal(wrong: dict[str, int]) -> None:
    assert not date_time.is_legal(DeviceTime(2026, 2, 31, 23, 59, 59)._replace(**wrong))
    assert date_time.is_legal(DeviceTime(2026, 2, 31, 23, 59, 59))


@pytest.mark.parametrize("value", CLOCKS, ids=_ids(CLOCKS))
def test_a_clock_is_what_its_source_states(value: dict[str, Any]) -> None:
    data, said = bytes.fromhex(value["hex"]), value["expected"]
    clock = current_time.decode(data)
    shown = {
        "datetime": list(clock.time),
        "day_of_week": clock.day_of_week,
        "fractions256": clock.fractions256,
        "adjust_reason": clock.adjust_reason,
    }
    assert {name: shown[name] for name in said} == said
    assert current_time.encode(clock) == data


@pytest.mark.parametrize("value", NO_CLOCKS, ids=_ids(NO_CLOCKS))
def test_a_clock_that_shows_no_time_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        current_time.decode(bytes.fromhex(value["hex"]))
    assert caught.value.reason is Reason.OUT_OF_RANGE


def test_reasons_stand_in_the_order_of_the_standard() -> None:
    assert [reason.value for reason in AdjustReason] == [1, 2, 4, 8]


def test_a_clock_cut_off_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        current_time.decode(bytes.fromhex("E9070C1F173B3B07FF"))
    assert caught.value.reason is Reason.TRUNCATED


def test_a_clock_is_set_to_the_wall_time_of_its_place() -> None:
    beijing = timezone(timedelta(hours=8))
    sunday_evening = datetime(2026, 3, 1, 16, 30, 15, 999_999, tzinfo=UTC).astimezone(beijing)
    clock = current_time.at(sunday_evening)
    assert clock.time == DeviceTime(2026, 3, 2, 0, 30, 15)
    assert (clock.day_of_week, clock.fractions256) == (1, 0)
    assert clock.adjust_reason is AdjustReason.EXTERNAL_REFERENCE
    assert current_time.encode(clock).hex() == "ea070302001e0f010002"


@pytest.mark.parametrize(
    ("value", "local"),
    [
        ("2000", LocalTime(480, 0)),
        ("D004", LocalTime(-720, 60)),
        ("3802", LocalTime(840, 30)),
        ("8008", LocalTime(None, 120)),
        ("17FF", LocalTime(345, None)),
    ],
)
def test_a_zone_counts_in_quarters_of_an_hour(value: str, local: LocalTime) -> None:
    data = bytes.fromhex(value)
    assert current_time.decode_local_time(data) == local
    assert current_time.encode_local_time(local) == data


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("20", Reason.TRUNCATED),
        ("3900", Reason.OUT_OF_RANGE),
        ("CF00", Reason.OUT_OF_RANGE),
        ("2001", Reason.OUT_OF_RANGE),
    ],
)
def test_a_zone_that_no_place_keeps_is_refused(value: str, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        current_time.decode_local_time(bytes.fromhex(value))
    assert caught.value.reason is reason
