"""What belongs to one visit, and the value that a visit gives."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Reason
from edge_agent.anonymise import anonymise
from edge_agent.devices.blood_pressure import BloodPressureReading, Status, encode
from edge_agent.frame import Frame
from edge_agent.sessions import Session, SessionCap, close

GAP = timedelta(minutes=10)
THREE = datetime(2026, 2, 6, 7, 0, tzinfo=UTC)  # 15:00 in Beijing
LATER = THREE + timedelta(hours=1)


def frames(*measured: tuple[int, int, int], device: str = "cuff") -> list[Frame]:
    """Frames of (minute, systolic, diastolic)."""
    numbers = count(1)
    return [
        Frame(
            next(numbers),
            device,
            THREE + timedelta(minutes=minute),
            encode(BloodPressureReading(float(systolic), float(diastolic), pulse_bpm=70.0)),
        )
        for minute, systolic, diastolic in measured
    ]


def test_three_readings_are_one_session_valued_without_the_first() -> None:
    visit = frames((0, 142, 91), (1, 136, 87), (2, 134, 86))
    closed = close(visit, now=LATER, gap=GAP)
    (session,) = closed.sessions
    assert (session.systolic_mmhg, session.diastolic_mmhg, session.single) == (135, 86.5, False)
    assert closed.used == (1, 2, 3)
    row = anonymise(session, ZoneInfo("Asia/Shanghai")).row
    assert (row.c, row.sub, row.s, row.d, row.p) == ("high_normal", None, 135, 85, 70)


def test_a_lone_reading_is_its_own_session() -> None:
    (session,) = close(frames((0, 142, 91)), now=LATER, gap=GAP).sessions
    row = anonymise(session, ZoneInfo("Asia/Shanghai")).row
    assert (row.c, row.single) == ("grade1", True)


def test_a_mean_just_below_a_cut_off_is_not_rounded_over_it() -> None:
    visit = frames((0, 150, 95), (1, 139, 89), (2, 140, 90))
    (session,) = close(visit, now=LATER, gap=GAP).sessions
    row = anonymise(session, ZoneInfo("Asia/Shanghai")).row
    assert (row.c, row.s, row.d) == ("high_normal", 135, 85)


def test_eleven_minutes_apart_are_two_sessions() -> None:
    closed = close(frames((0, 120, 80), (11, 130, 84)), now=LATER, gap=GAP)
    assert [session.systolic_mmhg for session in closed.sessions] == [120, 130]


def test_two_devices_are_two_sessions() -> None:
    visit = frames((0, 120, 80)) + frames((1, 130, 84), device="other")
    assert len(close(visit, now=LATER, gap=GAP).sessions) == 2


def test_an_open_session_is_left_alone() -> None:
    closed = close(frames((0, 120, 80), (5, 121, 81)), now=THREE + timedelta(minutes=15), gap=GAP)
    assert (closed.sessions, closed.used) == ((), ())


def test_the_same_triple_again_is_a_resend() -> None:
    closed = close(frames((0, 142, 91), (1, 142, 91)), now=LATER, gap=GAP)
    (session,) = closed.sessions
    assert session.single
    assert closed.rejects == {Reason.RESENT: 1}


def test_bad_frames_are_counted_and_used_up_without_a_session() -> None:
    moved = BloodPressureReading(120.0, 80.0, status=Status.BODY_MOVED)
    bad = [Frame(1, "cuff", THREE, b"\x1f\x00"), Frame(2, "cuff", THREE, encode(moved))]
    closed = close(bad, now=LATER, gap=GAP)
    assert closed.sessions == ()
    assert closed.rejects == {Reason.TRUNCATED: 1, Reason.BODY_MOVED: 1}
    assert closed.used == (1, 2)


def test_the_day_of_a_session_is_the_local_one() -> None:
    late = datetime(2026, 2, 6, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    session = Session("cuff", late, 120, 80, None, single=True)
    assert anonymise(session, ZoneInfo("Asia/Shanghai")).day == date(2026, 2, 7)


@pytest.mark.parametrize(("minute", "admitted"), [(59, False), (60, True)])
def test_the_fifth_session_within_an_hour_is_not_admitted(minute: int, admitted: bool) -> None:
    cap = SessionCap(4)

    def at(when: int) -> Session:
        return Session("cuff", THREE + timedelta(minutes=when), 120, 80, None, single=True)

    assert all(cap.admits(at(when)) for when in (0, 12, 24, 36))
    assert cap.admits(at(minute)) is admitted
