"""Faults take from a station's day what they would take from a real one's, and nothing else."""

from datetime import date, datetime, time, timedelta

import pytest

from contract.errors import Reason
from contract.glucose_batch import glucose_row
from contract.screening import Meal
from contract.screening_batch import blood_pressure_row
from contract.usage import Level, UsageWindow
from simulators.city import BEIJING_TIME
from simulators.fault_effects import Suffered, suffered
from simulators.faults import Fault, FaultKind
from simulators.station_days import Session, StationDay

DAY = date(2026, 11, 3)
MIDNIGHT = datetime.combine(DAY, time(), BEIJING_TIME)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUARTER = 15 * MINUTE


def at(hour: float) -> datetime:
    return MIDNIGHT + hour * HOUR


def fault(kind: FaultKind, start: float, end: float, amount: float = 1.0) -> Fault:
    return Fault(kind, at(start), at(end), amount)


def session(hour: float, measure: str = "bp") -> Session:
    if measure == "bp":
        return Session(hour * 60, blood_pressure_row(120, 80, 70, single=True), "normal")
    row = glucose_row(5.0, Meal.CASUAL, single=True)
    return Session(hour * 60, row, "no_diabetes", "glu_casual")


def window(start: datetime) -> UsageWindow:
    return UsageWindow(
        start=int(start.timestamp()), entries=2, occupied=9.0, mean=0.6, peak=1, level=Level.FREE
    )


WINDOWS = tuple(window(at(8) + number * QUARTER) for number in range(48))  # from 08 to 20
SESSIONS = tuple(session(hour) for hour in (9.5, 11.5, 13.5, 15.5, 17.5, 19.5))


def day_with(*faults: Fault, sessions: tuple[Session, ...] = SESSIONS) -> Suffered:
    found = suffered(StationDay(DAY, (), sessions), WINDOWS, faults)
    assert len(found.windows) + len(found.given_up) + found.unmade == len(WINDOWS)
    assert len(found.sessions) + found.unmeasured + sum(found.refused.values()) == len(sessions)
    assert len(found.sessions) == len(found.days)
    assert len(found.windows) == len(found.made_at)
    return found


def hours(windows: tuple[UsageWindow, ...]) -> list[float]:
    return [(one.start - MIDNIGHT.timestamp()) / 3600 for one in windows]


def quarters(start: float, end: float) -> list[float]:
    return [start + number / 4 for number in range(int((end - start) * 4))]


def taken(found: Suffered) -> list[float]:
    return [one.minute / 60 for one in found.sessions]


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (fault(FaultKind.OFFLINE, 0, 48), fault(FaultKind.POISON, 0, 24)),
        (fault(FaultKind.POWER_CUT, -24, 0), fault(FaultKind.POWER_CUT, 24, 48)),
        (fault(FaultKind.SENSOR_SILENT, 0, 8), fault(FaultKind.CUFF_ERROR, 0, 9)),
        (fault(FaultKind.FULL_DISK, 0, 24, 0.0),),
        (fault(FaultKind.CLOCK_JUMP, -24, 7, 0.25),),
    ],
)
def test_a_day_that_no_fault_touches_is_as_it_was(faults: tuple[Fault, ...]) -> None:
    found = day_with(*faults)
    assert found.windows == WINDOWS
    assert found.made_at == tuple(one.start + 900 for one in WINDOWS)
    assert found.sessions == SESSIONS
    assert set(found.days) == {DAY}


def test_without_power_nobody_measures_and_no_window_is_made() -> None:
    found = day_with(fault(FaultKind.POWER_CUT, 11, 16))
    assert taken(found) == [9.5, 17.5, 19.5]
    assert (found.unmeasured, found.refused) == (3, {})
    # The window that was open when the power went is gone with it.
    assert hours(found.windows) == [*quarters(8, 10.75), *quarters(16, 20)]
    assert found.windows == WINDOWS[:11] + WINDOWS[32:]


def test_the_window_in_which_the_power_comes_back_is_made_without_numbers() -> None:
    found = day_with(fault(FaultKind.POWER_CUT, 11.1, 12.6))
    assert hours(found.windows) == [*quarters(8, 11), *quarters(12.5, 20)]
    assert found.windows[12] == UsageWindow(start=int(at(12.5).timestamp()))
    assert found.windows[13] == WINDOWS[19]
    short = day_with(Fault(FaultKind.POWER_CUT, at(11) + 5 * MINUTE, at(11) + 6 * MINUTE))
    assert short.windows[12] == UsageWindow(start=int(at(11).timestamp()))
    shorter = day_with(Fault(FaultKind.POWER_CUT, at(11) - MINUTE, at(11) + MINUTE))
    assert hours(shorter.windows) == [*quarters(8, 10.75), *quarters(11, 20)]
    assert shorter.windows[11] == WINDOWS[12], "a minute of it is not missed"


def test_a_silent_sensor_leaves_windows_that_tell_nothing() -> None:
    found = day_with(Fault(FaultKind.SENSOR_SILENT, at(11) - MINUTE, at(12) + 2 * MINUTE))
    assert hours(found.windows) == quarters(8, 20)
    empty = [number for number, one in enumerate(found.windows) if one != WINDOWS[number]]
    assert empty == [12, 13, 14, 15, 16], "a minute is not missed, two are"
    for number in empty:
        assert found.windows[number] == UsageWindow(start=WINDOWS[number].start)
    assert found.sessions == SESSIONS


def test_a_cuff_that_fails_loses_blood_pressure_and_no_glucose() -> None:
    both = (*SESSIONS, session(19.7, "glu_casual"))
    found = day_with(fault(FaultKind.CUFF_ERROR, 13, 24), sessions=both)
    assert taken(found) == [9.5, 11.5, 19.7]
    assert found.refused == {Reason.FAILED_MEASUREMENT: 4}
    assert found.windows == WINDOWS


def test_a_cuff_fails_as_often_as_it_should_and_always_alike() -> None:
    many = tuple(session(8 + number / 1000) for number in range(4000))
    found = day_with(fault(FaultKind.CUFF_ERROR, 0, 24, 0.3), sessions=many)
    assert len(found.sessions) / 4000 == pytest.approx(0.7, abs=0.022)
    assert found == day_with(fault(FaultKind.CUFF_ERROR, 0, 24, 0.3), sessions=many)
    fewer = day_with(fault(FaultKind.CUFF_ERROR, 0, 24, 0.1), sessions=many)
    assert set(taken(fewer)) > set(taken(found))
    larger_counts = day_with(
        fault(FaultKind.CUFF_ERROR, 0, 24, 0.1),
        fault(FaultKind.CUFF_ERROR, 0, 24, 0.3),
        sessions=many,
    )
    assert larger_counts == found


def test_a_full_disk_gives_up_the_oldest_windows_that_cannot_leave() -> None:
    away = fault(FaultKind.OFFLINE, 9, 30)
    disk = fault(FaultKind.FULL_DISK, 13, 18, 2.0)
    found = day_with(away, disk)
    # At 18 those are there that were over at 16 or later; before 9 they had left.
    assert hours(found.given_up) == quarters(8.75, 15.75)
    assert hours(found.windows) == [*quarters(8, 8.75), *quarters(15.75, 20)]
    assert found.given_up == WINDOWS[3:31]
    assert found.sessions == SESSIONS, "a session is never given up"
    assert day_with(disk).given_up == (), "what can leave at once needs no room"
    assert day_with(away, fault(FaultKind.FULL_DISK, 13, 18, 50.0)).given_up == ()
    assert day_with(away, fault(FaultKind.FULL_DISK, 31, 40, 0.0)).given_up == ()


def test_a_full_disk_gives_nothing_up_without_power() -> None:
    away = fault(FaultKind.OFFLINE, 9, 30)
    disk = fault(FaultKind.FULL_DISK, 10, 18, 2.0)
    cut = fault(FaultKind.POWER_CUT, 14, 19)
    found = day_with(away, disk, cut)
    assert hours(found.given_up) == quarters(8.75, 11.75), "what was over 2 hours old at 14"
    assert found.unmade == 21


def test_a_clock_ahead_makes_windows_of_the_future_and_each_once() -> None:
    found = day_with(fault(FaultKind.CLOCK_JUMP, 10, 12, 4.0))
    # From 10 to 12 the clock shows 14 to 16; when it is really 14 those are made already.
    assert hours(found.windows) == [
        *quarters(8, 10), *quarters(14, 16), *quarters(12, 14), *quarters(16, 20),
    ]  # fmt: skip
    assert found.unmade == 8
    assert found.windows[8] == WINDOWS[8].model_copy(update={"start": WINDOWS[24].start})
    assert found.made_at == tuple(one.start + 900 for one in WINDOWS[:24] + WINDOWS[32:])


def test_a_clock_behind_comes_to_windows_that_were_made_already() -> None:
    found = day_with(fault(FaultKind.CLOCK_JUMP, 12, 15, -1.0))
    # From 12 to 13 it shows 11 to 12, made before; from 13 to 15 it shows 12 to 14, which are new.
    assert hours(found.windows) == [*quarters(8, 12), *quarters(12, 14), *quarters(15, 20)]
    assert found.unmade == 4
    assert [one.entries for one in found.windows] == [2] * 44


def test_a_clock_that_is_far_ahead_reaches_into_another_day() -> None:
    jump = fault(FaultKind.CLOCK_JUMP, -8, -6, 24.0)  # of the day before, from 16 to 18
    found = day_with(jump)
    assert hours(found.windows) == [*quarters(8, 16), *quarters(18, 20)]
    cut = fault(FaultKind.POWER_CUT, -8, -6)
    assert day_with(jump, cut).windows == WINDOWS, "without power none was made"


def test_the_first_session_after_a_jump_has_no_certain_day() -> None:
    ahead = day_with(fault(FaultKind.CLOCK_JUMP, 7, 18, 1.0))
    assert taken(ahead) == [11.5, 13.5, 15.5, 17.5, 19.5]
    assert ahead.refused == {Reason.UNDATED: 1}
    heard_before = day_with(fault(FaultKind.CLOCK_JUMP, 10, 18, 1.0))
    assert heard_before.sessions == SESSIONS, "it lies between two moments of one day"
    behind = day_with(fault(FaultKind.CLOCK_JUMP, 10, 18, -3.0))
    assert taken(behind) == [9.5, 13.5, 15.5, 17.5, 19.5], "it was last heard in the future"
    a_little = day_with(fault(FaultKind.CLOCK_JUMP, 10, 18, -1.0))
    assert a_little.sessions == SESSIONS, "11:30 is shown as 10:30, after 9:30"
    since_yesterday = day_with(fault(FaultKind.CLOCK_JUMP, -4, 18, -1.0))
    assert since_yesterday.sessions == SESSIONS, "the difference was learned yesterday"


def test_sessions_get_the_day_that_a_wrong_clock_shows() -> None:
    found = day_with(fault(FaultKind.CLOCK_JUMP, 10, 16, 12.0))
    # 11:30 is shown as 23:30 of the same day, 13:30 as 01:30 of the next.
    assert taken(found) == [9.5, 11.5, 13.5, 15.5, 17.5, 19.5]
    tomorrow = DAY + timedelta(1)
    assert list(found.days) == [DAY, DAY, tomorrow, tomorrow, DAY, DAY]
    across = day_with(fault(FaultKind.CLOCK_JUMP, 12, 16, 12.0))
    assert taken(across) == [9.5, 11.5, 15.5, 17.5, 19.5], "midnight lies between"


def test_of_two_jumps_the_later_one_counts() -> None:
    found = day_with(
        fault(FaultKind.CLOCK_JUMP, -24, 24, 100.0), fault(FaultKind.CLOCK_JUMP, 0, 24, -0.25)
    )
    assert hours(found.windows) == quarters(7.75, 19.75)


def test_without_power_no_other_fault_matters() -> None:
    cut = fault(FaultKind.POWER_CUT, 0, 24)
    others = [fault(kind, 0, 24, 0.5) for kind in FaultKind if kind is not FaultKind.POWER_CUT]
    found = day_with(cut, *others)
    assert (found.windows, found.given_up, found.unmade) == ((), (), 48)
    assert (found.sessions, found.unmeasured, found.refused) == ((), 6, {})


def test_an_emptied_window_is_dated_and_then_given_up() -> None:
    found = day_with(
        fault(FaultKind.SENSOR_SILENT, 10, 11),
        fault(FaultKind.CLOCK_JUMP, 10, 11, 12.0),
        fault(FaultKind.OFFLINE, 9.75, 20),
        fault(FaultKind.FULL_DISK, 9.75, 12, 1.0),
    )
    assert found.given_up[2:4] == tuple(
        UsageWindow(start=one.start + 12 * 3600) for one in WINDOWS[8:10]
    )
