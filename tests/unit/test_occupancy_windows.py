"""Windows made of what sensors tell, with all that can go wrong between them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from contract.usage import Level, UsageWindow
from edge_agent.occupancy.made import Made
from edge_agent.occupancy.sensing import Count, Entered, Event, Presence, Silent
from edge_agent.occupancy.windows import LEAP_SECONDS, Aggregator, Expected

NINE = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)
ALWAYS = Expected(silent_after=None)
DOOR = Expected(silent_after=None, is_door=True)
ROOM: Mapping[str, Expected] = {"pir": ALWAYS, "radar": ALWAYS, "counter": ALWAYS}


def _at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def _start(minutes: float) -> int:
    return int(_at(minutes).timestamp())


def somebody(minutes: float, sensor: str = "pir") -> Event:
    return Presence(sensor, _at(minutes), occupied=True)


def nobody(minutes: float, sensor: str = "pir") -> Event:
    return Presence(sensor, _at(minutes), occupied=False)


def people(minutes: float, count: int) -> Event:
    return Count("counter", _at(minutes), count)


def came_in(minutes: float, count: int, sensor: str = "door") -> Event:
    return Entered(sensor, _at(minutes), count)


class Station:
    """An aggregator whose clock is told every minute between the events."""

    def __init__(
        self, sensors: Mapping[str, Expected] = ROOM, *, made: tuple[int, ...] = ()
    ) -> None:
        self.aggregator = Aggregator(seats=8, sensors=sensors, made=Made(made))
        self.windows: list[UsageWindow] = []
        self._now: float | None = None

    def live(self, until: float, *events: Event) -> list[UsageWindow]:
        """What closes until so many minutes past nine."""
        self.windows = []
        for event in events:
            self._pass_time((event.at - NINE).total_seconds() / 60)
            self._keep(self.aggregator.take(event))
        self._pass_time(until)
        return self.windows

    def set_clock(self, minutes: float) -> UsageWindow | None:
        """The clock shows this from one moment to the next."""
        self._now = minutes
        return self.aggregator.advance(_at(minutes))

    def _pass_time(self, until: float) -> None:
        now = until if self._now is None else self._now
        while now < until:
            now = min(now + 1, until)
            self._keep(self.aggregator.advance(_at(now)))
        self._now = now

    def _keep(self, window: UsageWindow | None) -> None:
        if window is not None:
            self.windows.append(window)


def nothing_known(start: float) -> UsageWindow:
    return UsageWindow(start=_start(start))


def empty(start: float) -> UsageWindow:
    return UsageWindow(start=_start(start), occupied=0, mean=0, peak=0, level=Level.FREE)


def test_an_empty_room_is_told_apart_from_a_silent_sensor() -> None:
    assert Station().live(15, nobody(0)) == [empty(0)]
    assert Station().live(15, nobody(0), Silent("pir", _at(0.5))) == [nothing_known(0)]


def test_a_motion_sensor_tells_for_how_long_somebody_was_there_and_no_more() -> None:
    (window,) = Station().live(15, nobody(0), somebody(3), nobody(10.5))
    assert window == UsageWindow(start=_start(0), occupied=7.5)


def test_a_counting_sensor_tells_mean_peak_and_level() -> None:
    (window,) = Station().live(15, people(0, 0), people(5, 3), people(8, 6), people(10, 0))
    assert window == UsageWindow(start=_start(0), occupied=5, mean=1.4, peak=6, level=Level.BUSY)


def test_what_was_true_when_a_window_closes_is_true_in_the_next() -> None:
    first, second = Station().live(30, people(0, 2))
    assert (first.start, second.start) == (_start(0), _start(15))
    assert (first.occupied, second.occupied, second.mean, second.peak) == (15, 15, 2, 2)


def test_an_event_on_the_quarter_hour_belongs_to_the_window_it_begins() -> None:
    first, second = Station({"door": DOOR}).live(30, came_in(0, 0), came_in(15, 4))
    assert (first.entries, second.entries) == (0, 4)


def test_entries_of_all_doors_add_up() -> None:
    station = Station({"door": DOOR, "back": DOOR})
    (window,) = station.live(15, came_in(0, 1), came_in(0, 0, "back"), came_in(7, 2, "back"))
    assert window == UsageWindow(start=_start(0), entries=3)


def test_entries_are_absent_while_one_of_the_doors_is_silent() -> None:
    station = Station({"door": DOOR, "back": DOOR, "pir": ALWAYS})
    (window,) = station.live(15, came_in(0, 5), nobody(0))
    assert window == empty(0)


def test_entries_without_any_door_are_absent() -> None:
    (window,) = Station().live(15, nobody(0))
    assert window.entries is None


def test_a_sensor_without_a_word_for_minutes_is_silent() -> None:
    station = Station({"pir": Expected(silent_after=timedelta(minutes=10))})
    assert station.live(15, somebody(0)) == [nothing_known(0)]
    assert station.live(30, *[nobody(minute) for minute in range(15, 30, 5)]) == [empty(15)]


def test_a_sensor_that_speaks_again_is_believed_from_then_on() -> None:
    station = Station({"pir": Expected(silent_after=timedelta(minutes=10))})
    words = [nobody(minute) for minute in (0, 4.5)]
    (window,) = station.live(15, *words, nobody(14.9))
    assert window == empty(0), "half a minute of silence is a reconnection"
    station = Station({"pir": Expected(silent_after=timedelta(minutes=10))})
    assert station.live(15, nobody(0), nobody(12)) == [nothing_known(0)]


def test_a_mean_is_taken_over_the_time_that_was_seen() -> None:
    (window,) = Station().live(15, people(0, 4), Silent("counter", _at(3)), people(3.5, 4))
    assert (window.occupied, window.mean) == (14.5, 4)


def test_a_sensor_falls_silent_between_two_tellings_of_the_time() -> None:
    station = Station({"pir": Expected(silent_after=timedelta(minutes=13.5))})
    assert station.live(15, nobody(0)) == [nothing_known(0)]


def test_a_window_in_which_the_agent_started_late_tells_nothing() -> None:
    assert Station().live(30, nobody(7)) == [nothing_known(0), empty(15)]


def test_sensors_of_one_room_complete_each_other() -> None:
    station = Station()
    (window,) = station.live(
        15,
        nobody(0),
        nobody(0, "radar"),
        somebody(3, "radar"),
        Silent("pir", _at(6)),
        nobody(9, "radar"),
    )
    assert window == UsageWindow(start=_start(0), occupied=6)


def test_somebody_whom_the_counter_does_not_see_is_at_least_one() -> None:
    (window,) = Station().live(15, people(0, 0), nobody(0), somebody(0), nobody(7.5))
    assert (window.occupied, window.mean, window.peak) == (7.5, 0.5, 1)


def test_a_room_that_a_motion_sensor_alone_watches_has_a_level_only_when_it_is_empty() -> None:
    brief, long = Station().live(30, nobody(0), somebody(3), nobody(3.5), somebody(16))
    assert (brief.occupied, brief.peak, brief.level) == (0.5, 1, Level.FREE)
    assert (long.occupied, long.mean, long.peak, long.level) == (14, None, None, None)


def test_nobody_stays_for_twelve_hours() -> None:
    station = Station()
    windows = station.live(14 * 60, somebody(0))
    assert [one.occupied for one in windows] == [15] * 48 + [None] * 8
    assert station.live(14 * 60 + 30, nobody(14 * 60)) == [empty(14 * 60), empty(14 * 60 + 15)]


def test_a_stuck_sensor_does_not_hide_what_the_others_see() -> None:
    words = [somebody(0), nobody(0, "radar")]
    windows = Station().live(13 * 60, *words)
    assert [one.occupied for one in windows] == [15] * 48 + [0] * 4


def test_a_sensor_that_repeats_itself_is_stuck_all_the_same() -> None:
    words = [somebody(minute) for minute in range(0, 13 * 60, 5)]
    windows = Station().live(13 * 60, *words)
    assert [one.occupied for one in windows[-5:]] == [15] + [None] * 4


def test_a_sensor_that_was_silent_in_between_is_not_stuck() -> None:
    station = Station({"pir": Expected(silent_after=timedelta(minutes=20))})
    windows = station.live(13 * 60, somebody(0), somebody(12 * 60 + 30), somebody(12 * 60 + 45))
    assert [one.occupied for one in windows[-2:]] == [15, 15]


def test_a_sensor_that_sees_somebody_go_is_not_stuck() -> None:
    words = [somebody(0), nobody(6 * 60), somebody(6 * 60)]
    assert [one.occupied for one in Station().live(13 * 60, *words)] == [15] * 52


def test_a_clock_that_falls_back_a_little_stands_still() -> None:
    station = Station()
    station.live(14, nobody(0), somebody(10))
    assert station.set_clock(12) is None
    (window,) = station.live(15)
    assert window.occupied == 5


def test_a_clock_that_falls_back_into_a_window_that_was_made_makes_it_once() -> None:
    station = Station()
    assert [one.start for one in station.live(17, nobody(0))] == [_start(0)]
    assert station.set_clock(2) is None
    assert [one.start for one in station.live(31)] == [_start(15)]


def test_a_window_that_comes_again_is_made_anew() -> None:
    station = Station()
    station.live(14, people(0, 0), people(1, 5), people(2, 0))
    assert station.set_clock(2) is None
    (window,) = station.live(15)
    assert window == nothing_known(0), "its first minutes were before the clock was set"
    (window,) = station.live(30)
    assert window == empty(15)


def test_a_clock_that_leaps_ahead_closes_the_window_and_skips_the_rest() -> None:
    station = Station()
    station.live(14.5, nobody(0))
    assert station.set_clock(14.5 + 24 * 60) == empty(0)
    assert station.live(24 * 60 + 30) == [nothing_known(24 * 60), empty(24 * 60 + 15)]


def test_a_leap_inside_a_window_is_a_time_that_nobody_saw() -> None:
    station = Station()
    station.live(2, nobody(0))
    assert station.set_clock(2 + LEAP_SECONDS / 60 + 1) is None
    assert station.live(30) == [nothing_known(0), empty(15)]


def test_a_leap_of_the_clock_makes_no_sensor_silent_or_stuck() -> None:
    station = Station({"pir": Expected(silent_after=timedelta(minutes=10))})
    station.live(1, somebody(0))
    station.set_clock(24 * 60)
    windows = station.live(24 * 60 + 15, somebody(24 * 60 + 8))
    assert [one.occupied for one in windows] == [15]
    assert station.live(24 * 60 + 30) == [nothing_known(24 * 60 + 15)]


def test_a_window_that_an_earlier_run_has_made_is_not_made_again() -> None:
    station = Station(made=(_start(0),))
    assert station.live(30, nobody(0)) == [empty(15)]


def test_a_clock_before_1970_makes_no_window() -> None:
    aggregator = Aggregator(seats=8, sensors=ROOM)
    ancient = datetime(1969, 12, 31, 23, 45, tzinfo=UTC)
    assert aggregator.take(Presence("pir", ancient, occupied=False)) is None
    closings = [aggregator.advance(ancient + timedelta(minutes=one)) for one in range(31)]
    assert [one.start for one in closings if one] == [0]


def test_a_sensor_that_nobody_expects_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Station().live(1, nobody(0, "attic"))
