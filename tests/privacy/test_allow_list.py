"""A screening message holds what is listed and nothing else: not a field more, not an hour."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contract.batch import Measure
from contract.errors import ContractError, Reason
from contract.screening import GlucoseLimit, Meal
from contract.screening_message import ScreeningMessage
from contract.topics import Stream, topic
from edge_agent.anonymise import anonymise
from edge_agent.outbox import Staged
from edge_agent.release import compose
from edge_agent.sessions import BloodPressureSession, GlucoseSession, Session
from ingest.validation import parse
from tests.privacy.traces import FIELDS_OF_A_BATCH, telling_patterns

BEIJING = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=BEIJING)
ROWS: Mapping[str, dict[str, Any]] = {
    "bp": {"c": "grade1", "s": 150, "d": 95, "p": 80, "single": True},
    "glu_casual": {"c": "usual", "g": 6.1, "single": True},
}
FIELDS_OF_A_ROW = {"c", "sub", "s", "d", "p", "g", "single"}

SMUGGLED = [
    "at", "time", "timestamp", "device", "device_id", "address", "serial", "slot", "user_slot",
    "user_id", "sequence", "received_at", "hour", "operator", "note", "id", "boot",
]  # fmt: skip
FINER = ["2026-02-06T14:20", "2026-02-06T14:20:31+08:00", "2026-02-06 14:20", 1_770_358_831]

pressures = st.builds(
    BloodPressureSession,
    device=st.just("A4:C1:38:00:00:01"),
    started_at=st.integers(0, 364 * 86_400).map(lambda s: NEW_YEAR + timedelta(seconds=s)),
    systolic_mmhg=st.floats(60, 280),
    diastolic_mmhg=st.floats(30, 180),
    pulse_bpm=st.none() | st.floats(30, 220),
    single=st.booleans(),
)
sugars = st.builds(
    GlucoseSession,
    device=st.just("A4:C1:38:00:00:02"),
    started_at=st.integers(0, 364 * 86_400).map(lambda s: NEW_YEAR + timedelta(seconds=s)),
    value=st.sampled_from(GlucoseLimit) | st.floats(0.6, 33.3),
    meal=st.just(Meal.CASUAL),
    single=st.booleans(),
)


def batch(measure: str, **changes: object) -> dict[str, Any]:
    return {
        "v": 1, "station": "BJ-CY-012", "epoch": 7, "seq": 1, "measure": measure,
        "from": "2026-02-02", "to": "2026-02-06", "rows": [dict(ROWS[measure])], "rejects": {},
        **changes,
    }  # fmt: skip


def expect_refusal(message: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScreeningMessage.model_validate(message)
    with pytest.raises(ContractError) as refused:
        parse(topic_of(message), json.dumps(message).encode())
    assert refused.value.reason is Reason.SCHEMA


def topic_of(message: Mapping[str, object]) -> str:
    return topic(str(message["station"]), Stream.SCREENING)


@pytest.mark.parametrize("measure", ROWS)
def test_a_message_of_this_test_is_a_good_one(measure: str) -> None:
    parse(topic_of(batch(measure)), json.dumps(batch(measure)).encode())


@pytest.mark.parametrize("field", SMUGGLED)
@pytest.mark.parametrize("measure", ROWS)
def test_an_unknown_field_anywhere_in_it_is_refused(measure: str, field: str) -> None:
    expect_refusal(batch(measure, **{field: 1}))
    expect_refusal(batch(measure, rows=[{**ROWS[measure], field: 1}]))
    expect_refusal(batch(measure, rejects={field: "<8"}))


@pytest.mark.parametrize("finer", FINER)
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_date_finer_than_a_day_is_refused(end: str, finer: object) -> None:
    expect_refusal(batch("bp", **{end: finer}))


@pytest.mark.parametrize("count", ["0", "1", "5", "7", "8", "12", 3, "<9", "8.5"])
def test_a_count_of_rejects_that_is_no_band_is_refused(count: object) -> None:
    expect_refusal(batch("bp", rejects={"body_moved": count}))


@pytest.mark.parametrize("value", [151, 152.0, 96])
def test_an_exact_value_is_refused(value: float) -> None:
    expect_refusal(batch("bp", rows=[{**ROWS["bp"], "s": value}]))


def composed(measure: Measure, sessions: list[Session], rejects: Counter[Reason]) -> bytes:
    rows = []
    for number, session in enumerate(sessions):
        anonymous = anonymise(session, BEIJING)
        text = anonymous.row.model_dump_json(exclude_none=True)
        rows.append(Staged(number, anonymous.day, text))
    return compose("BJ-CY-012", 7, 1, measure, rows, rejects, Random(1))


def expect_nothing_telling(payload: bytes, sessions: list[Session]) -> None:
    assert telling_patterns(payload) == []
    message = json.loads(payload)
    assert set(message) <= FIELDS_OF_A_BATCH
    assert all(set(row) <= FIELDS_OF_A_ROW for row in message["rows"])
    assert len(message["rows"]) == len(sessions)
    days = sorted(session.started_at.astimezone(BEIJING).date() for session in sessions)
    assert date.fromisoformat(message["from"]) == days[0]
    assert date.fromisoformat(message["to"]) == days[-1]


@given(st.lists(pressures, min_size=1, max_size=12), st.sampled_from(Reason), st.integers(0, 99))
def test_no_composed_message_tells_more_than_bins_and_days(
    sessions: list[Session], reason: Reason, count: int
) -> None:
    expect_nothing_telling(composed("bp", sessions, Counter({reason: count})), sessions)


@given(st.lists(sugars, min_size=1, max_size=12))
def test_no_composed_glucose_message_does_either(sessions: list[Session]) -> None:
    expect_nothing_telling(composed("glu_casual", sessions, Counter()), sessions)


@given(
    st.lists(pressures, min_size=2, max_size=12), st.timedeltas(timedelta(0), timedelta(hours=9))
)
def test_a_message_does_not_depend_on_the_hours_of_its_sessions(
    sessions: list[BloodPressureSession], later: timedelta
) -> None:
    morning = [at_hour(one, 6, timedelta(0)) for one in sessions]
    afternoon = [at_hour(one, 6, later) for one in sessions]
    none: Counter[Reason] = Counter()
    assert composed("bp", [*morning], none) == composed("bp", [*afternoon], none)


def at_hour(one: BloodPressureSession, hour: int, later: timedelta) -> BloodPressureSession:
    at = one.started_at.replace(hour=hour, minute=0) + later
    pressures = (one.systolic_mmhg, one.diastolic_mmhg, one.pulse_bpm)
    return BloodPressureSession(one.device, at, *pressures, one.single)


@pytest.mark.parametrize(
    "leak",
    [
        b'"at":"2026-02-06T14:20:31"', b'"hour":"14:20"', b'"a":"A4:C1:38:00:00:01"',
        b'"a":"dev_A4_C1_38_00_00_01"', b'"user_slot":3', b'"sequence":4711', b'"serial":"VM1"',
    ],
)  # fmt: skip
def test_each_of_these_leaks_would_be_noticed(leak: bytes) -> None:
    payload = json.dumps(batch("bp")).encode()
    assert telling_patterns(payload) == []
    assert telling_patterns(payload[:-1] + b"," + leak + b"}") != []
