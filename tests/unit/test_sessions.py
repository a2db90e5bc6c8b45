"""What belongs to one visit, and the value that a visit gives."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Reason
from contract.screening_batch import BloodPressureRow
from edge_agent.anonymise import anonymise
from edge_agent.devices import blood_pressure, models
from edge_agent.devices.blood_pressure import BloodPressureReading, Layout, Status, encode
from edge_agent.devices.date_time import DeviceTime, wall_clock
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.sessions import (
    BloodPressureSession,
    Closed,
    Session,
    SessionCap,
    close,
)

GAP = timedelta(minutes=10)
BEIJING = ZoneInfo("Asia/Shanghai")
HEARD_TODAY = datetime(2026, 2, 6, 1, 0, tzinfo=UTC)
THREE = datetime(2026, 2, 6, 7, 0, tzinfo=UTC)  # 15:00 in Beijing
LATER = THREE + timedelta(hours=1)


def frame(number: int, at: datetime, data: bytes, device: str = "cuff") -> Frame:
    title, uuid = models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID
    return Frame(number, device, title, uuid, at, data)


def frames(*measured: tuple[int, int, int], device: str = "cuff") -> list[Frame]:
    """Frames of (minute, systolic, diastolic)."""
    numbers = count(1)
    return [
        frame(
            next(numbers),
            THREE + timedelta(minutes=minute),
            encode(BloodPressureReading(float(systolic), float(diastolic), pulse_bpm=70.0)),
            device,
        )
        for minute, systolic, diastolic in measured
    ]


def closed_from(visit: list[Frame], memory: Memory | None = None, now: datetime = LATER) -> Closed:
    """What is closed at `now`; every device was heard this morning, unless `memory` differs."""
    known = Memory(last_heard=HEARD_TODAY) if memory is None else memory
    memories = {one.device: known for one in visit}
    return close(visit, now=now, gap=GAP, memories=memories, zone=BEIJING)


def pressure_of(closed: Closed) -> BloodPressureSession:
    (session,) = closed.sessions
    assert isinstance(session, BloodPressureSession)
    return session


def row_of(session: Session) -> tuple[object, ...]:
    row = anonymise(session, BEIJING).row
    assert isinstance(row, BloodPressureRow)
    return (row.c, row.sub, row.s, row.d, row.p)


def test_three_readings_are_one_session_valued_without_the_first() -> None:
    visit = frames((0, 142, 91), (1, 136, 87), (2, 134, 86))
    closed = closed_from(visit)
    session = pressure_of(closed)
    assert (session.systolic_mmhg, session.diastolic_mmhg, session.single) == (135, 86.5, False)
    assert closed.used == (1, 2, 3)
    assert row_of(session) == ("high_normal", None, 135, 85, 70)


def test_a_lone_reading_is_its_own_session() -> None:
    session = pressure_of(closed_from(frames((0, 142, 91))))
    assert (row_of(session)[0], session.single) == ("grade1", True)


def test_a_mean_just_below_a_cut_off_is_not_rounded_over_it() -> None:
    visit = frames((0, 150, 95), (1, 139, 89), (2, 140, 90))
    session = pressure_of(closed_from(visit))
    assert row_of(session) == ("high_normal", None, 135, 85, 70)


def test_eleven_minutes_apart_are_two_sessions() -> None:
    closed = closed_from(frames((0, 120, 80), (11, 130, 84)))
    assert [row_of(session)[2] for session in closed.sessions] == [120, 130]


def test_two_devices_are_two_sessions() -> None:
    visit = frames((0, 120, 80)) + frames((1, 130, 84), device="other")
    assert len(closed_from(visit).sessions) == 2


def test_an_open_session_is_left_alone() -> None:
    visit = frames((0, 120, 80), (5, 121, 81))
    closed = closed_from(visit, now=THREE + timedelta(minutes=15))
    assert (closed.sessions, closed.used, closed.memories) == ((), (), {})


def test_the_same_triple_again_is_a_resend() -> None:
    closed = closed_from(frames((0, 142, 91), (1, 142, 91)))
    assert pressure_of(closed).single
    assert closed.rejects == {Reason.RESENT: 1}


def test_bad_frames_are_counted_and_used_up_without_a_session() -> None:
    moved = BloodPressureReading(120.0, 80.0, status=Status.BODY_MOVED)
    closed = closed_from([frame(1, THREE, b"\x1f\x00"), frame(2, THREE, encode(moved))])
    assert closed.sessions == ()
    assert closed.rejects == {Reason.TRUNCATED: 1, Reason.BODY_MOVED: 1}
    assert closed.used == (1, 2)


def test_the_day_of_a_session_is_the_local_one() -> None:
    late = datetime(2026, 2, 6, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    session = BloodPressureSession("cuff", late, 120, 80, None, single=True)
    assert anonymise(session, BEIJING).day == date(2026, 2, 7)


@pytest.mark.parametrize(("minute", "admitted"), [(59, False), (60, True)])
def test_the_fifth_session_within_an_hour_is_not_admitted(minute: int, admitted: bool) -> None:
    cap = SessionCap(4)

    def at(when: int) -> Session:
        at = THREE + timedelta(minutes=when)
        return BloodPressureSession("cuff", at, 120, 80, None, single=True)

    assert all(cap.admits(at(when)) for when in (0, 12, 24, 36))
    assert cap.admits(at(minute)) is admitted


def test_a_cuff_is_decoded_by_the_layout_of_its_model() -> None:
    reading = BloodPressureReading(131.0, 84.0, pulse_bpm=70.0, user_slot=1)
    data = encode(reading, layout=Layout.BEURER_BM85)
    sent = Frame(1, "cuff", models.BEURER_BM85.title, blood_pressure.MEASUREMENT_UUID, THREE, data)
    assert pressure_of(closed_from([sent])).pulse_bpm == 70
    generic = closed_from([replace(sent, model="a model of a later version")])
    assert generic.rejects == {Reason.OUT_OF_RANGE: 1}


def test_the_pressure_in_a_cuff_being_inflated_is_no_reading_and_no_sign_of_its_memory() -> None:
    data = encode(BloodPressureReading(120.0, 80.0))
    sent = replace(frame(1, THREE, data), characteristic=blood_pressure.INTERMEDIATE_UUID)
    closed = closed_from([sent], Memory(last_heard=HEARD_TODAY))
    assert (closed.sessions, closed.rejects, closed.used) == ((), {}, (1,))
    assert closed.memories == {"cuff": Memory(last_heard=HEARD_TODAY)}


def test_a_visit_is_remembered_for_the_next_one_in_the_same_look() -> None:
    time = DeviceTime(2026, 2, 6, 15, 0, 0)
    data = encode(BloodPressureReading(120.0, 80.0, device_time=time))
    visits = [frame(1, THREE, data), frame(2, THREE + timedelta(minutes=11), data)]
    closed = closed_from(visits)
    assert len(closed.sessions) == 1
    assert closed.rejects == {Reason.RESENT: 1}
    memory = closed.memories["cuff"]
    assert (memory.seen, memory.last_heard) == ((time,), THREE + timedelta(minutes=11))


def test_readings_of_two_people_in_a_push_are_two_sessions_of_their_own_days() -> None:
    yesterday = THREE - timedelta(days=1)
    visits = [
        (yesterday - timedelta(days=1), 120, 0),
        (THREE, 131, 1440),
        (THREE + timedelta(seconds=2), 142, 0),
    ]
    sent = [
        frame(
            number,
            at,
            encode(
                BloodPressureReading(
                    float(systolic),
                    80.0,
                    device_time=wall_clock((at - timedelta(minutes=age)).astimezone(BEIJING)),
                )
            ),
        )
        for number, (at, systolic, age) in enumerate(visits, start=1)
    ]
    closed = closed_from(sent, Memory(last_heard=yesterday - timedelta(days=1, hours=1)))
    days = [anonymise(session, BEIJING).day.day for session in closed.sessions]
    assert [row_of(session)[2] for session in closed.sessions] == [120, 130, 140]
    assert days == [4, 5, 6]
