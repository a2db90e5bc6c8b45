"""Which day a reading was taken on, as a device with a doubtful clock lets the station know."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from edge_agent.dating import Arrival, Dated, Judgement, judge, shown_at
from edge_agent.devices.date_time import DeviceTime, wall_clock
from edge_agent.memory import Clock, Memory

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 2, 6, 15, 0, tzinfo=BEIJING)
MORNING = NOW.replace(hour=8)
YESTERDAY = NOW - timedelta(days=1)
SENDING = timedelta(seconds=20)
EIGHT_HOURS = timedelta(hours=8)
UNKNOWN = Clock()
UNSET = NOW - datetime(2017, 1, 1, 0, 3, tzinfo=BEIJING)


def arrival(taken: datetime, behind: timedelta | None, received: datetime | None = None) -> Arrival:
    """A reading that a clock so far behind put its time on; None is no usable time."""
    at = received or taken + SENDING
    return Arrival(at, None if behind is None else taken - behind)


def judged(
    *arrivals: Arrival, clock: Clock = UNKNOWN, last_heard: datetime | None = MORNING
) -> Judgement:
    return judge(arrivals, clock, last_heard=last_heard, zone=BEIJING)


def days(judgement: Judgement) -> list[int | None]:
    return [None if one is None else one.moment.day for one in judgement.dates]


def present(judgement: Judgement) -> list[bool | None]:
    return [None if one is None else one.present for one in judgement.dates]


def learned(behind: timedelta) -> Clock:
    return Clock(offset=(behind + SENDING).total_seconds())


@pytest.mark.parametrize("minutes", [-9, 0, 9])
def test_a_right_clock_is_believed_at_first_sight(minutes: int) -> None:
    found = judged(arrival(NOW, timedelta(minutes=minutes)), last_heard=None)
    assert (days(found), present(found)) == ([6], [True])
    assert found.clock == Clock(candidate=60 * minutes + 20)


@pytest.mark.parametrize("behind", [UNSET, EIGHT_HOURS, -EIGHT_HOURS], ids=str)
def test_a_wrong_clock_is_learned_in_two_visits(behind: timedelta) -> None:
    first = judged(arrival(YESTERDAY, behind), last_heard=None)
    assert days(first) == [None]
    second = judged(arrival(NOW, behind), clock=first.clock, last_heard=YESTERDAY)
    assert (days(second), present(second)) == ([6], [True])
    assert second.clock == learned(behind)


def test_two_visits_agree_within_two_minutes() -> None:
    first = Clock(candidate=EIGHT_HOURS.total_seconds() - 100)
    assert judged(arrival(NOW, EIGHT_HOURS), clock=first).clock.offset is not None
    first = Clock(candidate=EIGHT_HOURS.total_seconds() - 101)
    assert judged(arrival(NOW, EIGHT_HOURS), clock=first).clock.offset is None


@pytest.mark.parametrize("behind", [UNSET, EIGHT_HOURS, -EIGHT_HOURS, None], ids=str)
def test_a_device_heard_today_can_only_have_measured_today(behind: timedelta | None) -> None:
    found = judged(arrival(NOW, behind))
    assert (days(found), present(found)) == ([6], [True])


@pytest.mark.parametrize("behind", [UNSET, EIGHT_HOURS, -EIGHT_HOURS], ids=str)
def test_a_clock_that_jumped_is_not_believed_until_it_is_learned_again(behind: timedelta) -> None:
    jumped = judged(arrival(NOW, behind), clock=learned(timedelta(0)), last_heard=YESTERDAY)
    assert days(jumped) == [None]
    assert jumped.clock == Clock(offset=20, candidate=behind.total_seconds() + 20)
    tomorrow = arrival(NOW + timedelta(days=1), behind)
    again = judged(tomorrow, clock=jumped.clock, last_heard=NOW)
    assert (days(again), present(again)) == ([7], [True])
    assert again.clock == learned(behind)


def test_one_visit_that_disagrees_does_not_unlearn_a_clock() -> None:
    disagreed = Clock(offset=20, candidate=86_400)
    found = judged(arrival(NOW, timedelta(0)), clock=disagreed, last_heard=YESTERDAY)
    assert (days(found), present(found)) == ([6], [True])
    assert found.clock == Clock(offset=20)


@pytest.mark.parametrize("behind", [timedelta(0), UNSET, -EIGHT_HOURS], ids=str)
def test_three_visitors_of_two_days_without_an_agent_keep_their_days(behind: timedelta) -> None:
    taken = [NOW - timedelta(hours=hours) for hours in (47, 28, 5, 0)]
    push = [arrival(moment, behind, NOW + SENDING) for moment in taken]
    before = NOW - timedelta(days=2)
    found = judged(*push, clock=learned(behind), last_heard=before)
    assert days(found) == [4, 5, 6, 6]
    assert present(found) == [False, False, False, True]
    moments = [one.moment for one in found.dates if one is not None]
    assert [abs(a - b) < timedelta(minutes=1) for a, b in zip(moments, taken, strict=True)] == (
        [True] * 4
    )


@pytest.mark.parametrize(
    ("clock", "behind"),
    [
        (Clock(), timedelta(0)),
        (Clock(offset=20), EIGHT_HOURS),
        (Clock(offset=20, candidate=28_820), timedelta(0)),
    ],
    ids=["never seen", "jumped since", "jumped before"],
)
def test_stored_readings_have_no_day_unless_the_clock_ran_steadily(
    clock: Clock, behind: timedelta
) -> None:
    push = [arrival(NOW - timedelta(hours=28), behind, NOW), arrival(NOW, behind)]
    found = judged(*push, clock=clock, last_heard=NOW - timedelta(days=2))
    assert days(found)[0] is None


def test_a_clock_set_back_between_two_readings_of_a_push_is_not_taken_for_steady() -> None:
    push = [arrival(NOW - timedelta(minutes=2), timedelta(0), NOW), arrival(NOW, EIGHT_HOURS * 2)]
    found = judged(*push, clock=Clock(offset=0), last_heard=YESTERDAY)
    assert days(found) == [6, None]
    assert found.clock.latest == 16 * 3600 + 20


def test_stored_readings_alone_do_not_tell_whether_the_clock_has_jumped() -> None:
    stored = arrival(NOW - timedelta(hours=28), timedelta(0), NOW)
    assert days(judged(stored, clock=Clock(offset=0), last_heard=YESTERDAY - EIGHT_HOURS)) == [None]
    today = arrival(NOW - timedelta(hours=2), timedelta(0), NOW)
    found = judged(today, clock=Clock(offset=0), last_heard=MORNING)
    assert (days(found), present(found)) == ([6], [True])


def test_of_a_history_never_heard_before_only_the_new_reading_counts() -> None:
    old = [arrival(NOW - timedelta(days=30 - n), timedelta(0), NOW) for n in range(29)]
    found = judged(*old, arrival(NOW, timedelta(0)), last_heard=None)
    assert days(found) == [None] * 29 + [6]
    assert present(found)[-1] is True


def test_a_reading_that_should_have_come_before_is_not_taken_for_new() -> None:
    late = arrival(MORNING - timedelta(hours=20), timedelta(0), NOW)
    found = judged(late, arrival(NOW, timedelta(0)), clock=Clock(offset=20))
    assert days(found) == [None, 6]


def test_a_time_in_the_future_is_never_trusted() -> None:
    future = arrival(NOW + timedelta(hours=2), timedelta(0), NOW)
    assert days(judged(future, clock=Clock(offset=0), last_heard=YESTERDAY)) == [None]
    both = judged(future, arrival(NOW, timedelta(0)), clock=Clock(offset=20))
    assert (days(both), present(both)) == ([6, 6], [False, False])


def test_without_device_times_the_last_of_a_visit_is_present() -> None:
    three = [arrival(NOW + timedelta(minutes=n), None) for n in range(3)]
    found = judged(*three, last_heard=None)
    assert (days(found), present(found)) == ([None, None, 6], [None, None, True])
    assert present(judged(*three)) == [True, True, True]
    assert found.clock == Clock()


def test_the_newest_of_a_push_is_present_only_if_it_is_the_last_too() -> None:
    behind = UNSET
    newest_first = [arrival(NOW - timedelta(hours=hours), behind, NOW) for hours in (0, 1)]
    assert present(judged(*newest_first)) == [False, False]
    assert present(judged(*reversed(newest_first))) == [False, True]


def test_a_push_with_an_unknown_clock_keeps_the_time_between_its_readings() -> None:
    push = [arrival(NOW - timedelta(minutes=n), UNSET, NOW) for n in (50, 49, 0)]
    moments = [one.moment for one in judged(*push).dates if one is not None]
    assert [later - first for first, later in pairwise(moments)] == [
        timedelta(minutes=1),
        timedelta(minutes=49),
    ]


MIDNIGHT = datetime(2026, 2, 7, 0, 0, tzinfo=BEIJING)


@pytest.mark.parametrize("behind", [timedelta(0), None], ids=str)
@pytest.mark.parametrize(
    ("seconds", "last_heard", "day"),
    [
        (-60, MORNING, 6),
        (60, MORNING, None),
        (60, MIDNIGHT + timedelta(seconds=1), 7),
        (180, MORNING, 7),
    ],
)
def test_a_reading_that_may_be_of_either_side_of_midnight_is_undated(
    seconds: int, last_heard: datetime, day: int | None, behind: timedelta | None
) -> None:
    taken = MIDNIGHT + timedelta(seconds=seconds)
    assert days(judged(arrival(taken, behind), last_heard=last_heard)) == [day]


def test_the_day_is_the_local_one_whatever_zone_the_receipt_is_told_in() -> None:
    received = datetime(2026, 2, 6, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    (dated,) = judged(Arrival(received, None)).dates
    assert dated == Dated(received, True)
    assert dated.moment.astimezone(BEIJING).date() == date(2026, 2, 7)
    assert days(judged(Arrival(received, received - UNSET), last_heard=NOW)) == [None]


def test_a_station_whose_own_clock_was_set_back_does_not_wait_for_the_future() -> None:
    found = judged(arrival(NOW, timedelta(0)), last_heard=NOW + timedelta(days=400))
    assert days(found) == [6]
    stored = arrival(YESTERDAY, timedelta(0), NOW)
    push = (stored, arrival(NOW, timedelta(0)))
    found = judged(*push, clock=Clock(offset=0), last_heard=NOW + timedelta(days=400))
    assert days(found) == [None, 6]


@pytest.mark.parametrize(
    "time",
    [
        DeviceTime(0, 2, 6, 15, 0, 0),
        DeviceTime(2026, 0, 6, 15, 0, 0),
        DeviceTime(2026, 2, 0, 15, 0, 0),
        DeviceTime(2026, 2, 31, 15, 0, 0),
        DeviceTime(2026, 13, 6, 15, 0, 0),
        DeviceTime(2026, 2, 6, 24, 0, 0),
        DeviceTime(2026, 2, 6, 15, 60, 0),
    ],
)
def test_a_time_that_is_none_counts_as_no_time(time: DeviceTime) -> None:
    assert shown_at(time, BEIJING) is None


def test_a_clock_shows_the_stations_zone_and_the_offset_of_the_person() -> None:
    assert shown_at(wall_clock(NOW), BEIJING) == NOW
    assert shown_at(DeviceTime(2026, 2, 6, 9, 26, 0), BEIJING, 334) == NOW
    assert shown_at(DeviceTime(9999, 12, 31, 23, 59, 0), BEIJING, 1) is None
    extreme = shown_at(DeviceTime(9999, 12, 31, 23, 59, 0), BEIJING)
    assert days(judged(Arrival(NOW, extreme), clock=Clock(offset=0))) == [6]
    oldest = shown_at(DeviceTime(1582, 1, 1, 0, 0, 0), BEIJING)
    assert days(judged(Arrival(NOW, oldest), arrival(NOW, timedelta(0)))) == [6, 6]


def test_a_memory_survives_as_text() -> None:
    memory = Memory(7, wall_clock(NOW), (wall_clock(YESTERDAY),), Clock(1.5, 2.5), NOW)
    assert Memory.from_json(memory.to_json()) == memory
    assert Memory.from_json(Memory().to_json()) == Memory()
