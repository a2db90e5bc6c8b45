"""What the records of a glucose meter come down to: sessions, each of one meal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Reason
from contract.glucose_batch import GlucoseRow
from contract.screening import GlucoseLimit, Meal
from edge_agent.anonymise import anonymise
from edge_agent.devices import glucose, models, racp
from edge_agent.devices.date_time import DeviceTime, wall_clock
from edge_agent.devices.glucose import (
    GlucoseContext,
    GlucoseReading,
    SampleLocation,
    SensorStatus,
    encode_context,
    encode_measurement,
)
from edge_agent.devices.glucose_context import CONTEXT_UUID, MealMarker
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.sessions import Closed, GlucoseSession, close

BEIJING = ZoneInfo("Asia/Shanghai")
THREE = datetime(2026, 2, 6, 7, 0, tzinfo=UTC)  # 15:00 in Beijing
HEARD_TODAY = Memory(last_heard=datetime(2026, 2, 6, 1, 0, tzinfo=UTC))


def closed_from(visit: list[Frame], memory: Memory = HEARD_TODAY) -> Closed:
    """What is closed an hour later."""
    return close(
        visit,
        now=THREE + timedelta(hours=1),
        gap=timedelta(minutes=10),
        memories={"meter": memory},
        zone=BEIJING,
    )


def records(*readings: GlucoseReading, model: str = models.ACCU_CHEK.title) -> list[Frame]:
    """Frames of a meter's download, contexts for none."""
    return [
        Frame(
            number,
            "meter",
            model,
            glucose.MEASUREMENT_UUID,
            THREE + timedelta(seconds=number),
            encode_measurement(reading),
        )
        for number, reading in enumerate(readings, start=1)
    ]


def context(number: int, sequence: int, meal: MealMarker) -> Frame:
    data = encode_context(GlucoseContext(sequence, meal=meal))
    at = THREE + timedelta(seconds=number)
    return Frame(number, "meter", models.ACCU_CHEK.title, CONTEXT_UUID.upper(), at, data)


def record(
    sequence: int, mmol_l: float | None, minutes_ago: float = 0, **more: Any
) -> GlucoseReading:
    """A record of a meter whose clock is right."""
    taken = (THREE - timedelta(minutes=minutes_ago)).astimezone(BEIJING)
    return GlucoseReading(sequence, wall_clock(taken), glucose_mmol_l=mmol_l, **more)


def test_a_meters_records_are_read_with_the_contexts_of_their_numbers() -> None:
    sent = [
        *records(record(7, 5.2, 3), record(8, 8.4)),
        context(3, 8, MealMarker.AFTER_MEAL),
        context(4, 7, MealMarker.FASTING),
    ]
    closed = closed_from(sent)
    assert closed.sessions == (
        GlucoseSession("meter", THREE - timedelta(minutes=3), 5.2, Meal.FASTING, single=True),
        GlucoseSession("meter", THREE, 8.4, Meal.POSTPRANDIAL_2H, single=True),
    )
    anonymous = [anonymise(session, BEIJING) for session in closed.sessions]
    assert [(one.measure, one.row) for one in anonymous] == [
        ("glu_fasting", GlucoseRow(c="usual", g=4.7, single=True)),
        ("glu_postprandial_2h", GlucoseRow(c="raised_after_food", g=7.8, single=True)),
    ]
    memory = closed.memories["meter"]
    assert (memory.last_sequence, memory.last_base_time) == (8, record(8, 8.4).base_time)


def test_a_glucose_session_is_the_mean_of_its_records() -> None:
    (session,) = closed_from(records(record(1, 6.9, 2), record(2, 7.0))).sessions
    assert isinstance(session, GlucoseSession)
    assert (session.value, session.meal, session.single) == (6.95, Meal.CASUAL, False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((GlucoseLimit.LO, 4.4), GlucoseLimit.LO),
        ((5.0, GlucoseLimit.HI), GlucoseLimit.HI),
        ((GlucoseLimit.LO, GlucoseLimit.HI), GlucoseLimit.HI),
    ],
)
def test_a_limit_is_never_averaged(
    values: tuple[float | GlucoseLimit, ...], expected: GlucoseLimit
) -> None:
    taken = [
        record(n, None, 2 - n, range_flag=value)
        if isinstance(value, GlucoseLimit)
        else record(n, value, 2 - n)
        for n, value in enumerate(values, start=1)
    ]
    (session,) = closed_from(records(*taken)).sessions
    assert isinstance(session, GlucoseSession)
    assert (session.value, session.single) == (expected, False)


def test_a_record_that_the_station_has_is_a_resend_and_one_that_is_no_persons_counts_as_had() -> (
    None
):
    control = record(9, 6.0, sample_location=SampleLocation.CONTROL_SOLUTION)
    had = record(7, 5.2, 60)
    sent = records(had, record(8, 5.3, 2), record(8, 5.3, 2), control)
    known = replace(HEARD_TODAY, last_sequence=7, last_base_time=had.base_time)
    closed = closed_from(sent, known)
    assert len(closed.sessions) == 1
    assert closed.rejects == {Reason.RESENT: 2, Reason.CONTROL_SOLUTION: 1}
    assert closed.memories["meter"].last_sequence == 9


def test_a_meter_that_was_emptied_begins_its_numbers_again() -> None:
    last = DeviceTime(2026, 2, 5, 9, 0, 0)
    known = replace(HEARD_TODAY, last_sequence=412, last_base_time=last)
    closed = closed_from(records(record(1, 5.2)), known)
    assert len(closed.sessions) == 1
    assert closed.memories["meter"].last_sequence == 1


def test_a_meter_that_numbers_backwards_is_told_by_its_times() -> None:
    old, new = record(0, 5.2, 90), record(0, 6.4)
    first = closed_from(records(old, model=models.TAIDOC_METER.title))
    again = records(new, replace(old, sequence=1), model=models.TAIDOC_METER.title)
    closed = closed_from(again, first.memories["meter"])
    assert [one.value for one in closed.sessions if isinstance(one, GlucoseSession)] == [6.4]
    assert closed.rejects == {Reason.RESENT: 1}


def test_a_meter_that_doubts_its_clock_is_not_believed() -> None:
    faulty = record(5, 5.2, 60 * 24 * 3, status=SensorStatus.TIME_FAULT)
    (session,) = closed_from(records(faulty)).sessions
    assert session.started_at == THREE + timedelta(seconds=1)


def test_a_control_point_frame_is_no_record() -> None:
    (answer,) = records(record(1, 5.0))
    answer = replace(answer, characteristic=racp.CHARACTERISTIC_UUID)
    closed = closed_from([answer])
    assert (closed.sessions, closed.rejects, closed.used) == ((), {}, (1,))
