"""What BTHome sensors say, each word once, in whatever order it is heard."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.occupancy.beacons import Beacon, Beacons, Counting
from edge_agent.occupancy.sensing import Count, Entered, Event, Presence, Silent
from simulators.occupancy.bthome import COUNT, MOTION, OPENING, encrypted_service_data, service_data

ADDRESS = "A4:C1:38:00:00:11"
KEY = bytes(range(16))
START = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Ear:
    """Hears one BTHome sensor, every ten seconds unless told otherwise."""

    def __init__(self, beacon: Beacon) -> None:
        self.beacons = Beacons({ADDRESS.lower(): beacon})
        self._seconds = 0.0

    def hear(self, data: bytes, *, after: float = 10) -> list[Event]:
        self._seconds += after
        return list(self.beacons.hear(ADDRESS, data, _at(self._seconds)))

    def counts(self, *shown: int) -> list[int]:
        """The entries that these counter values amount to, one by one."""
        events = [self.hear(service_data({COUNT: one}))[0] for one in shown]
        return [event.count for event in events if isinstance(event, Entered)]

    def secret(self, counter: int) -> list[Event]:
        """An encrypted advertisement of motion."""
        return self.hear(
            encrypted_service_data({MOTION: 1}, address=ADDRESS, key=KEY, counter=counter)
        )


def test_motion_is_told_at_the_moment_it_is_heard() -> None:
    beacons = Beacons({ADDRESS: Beacon("hall")})
    assert beacons.hear(ADDRESS, service_data({MOTION: 1}), START) == (
        Presence("hall", START, occupied=True),
    )


def test_a_sensor_of_somebody_else_is_not_even_decoded() -> None:
    assert Beacons({ADDRESS: Beacon("hall")}).hear("A4:C1:38:00:00:12", b"", START) == ()


def test_a_broadcast_that_is_heard_again_is_told_once() -> None:
    ear = Ear(Beacon("hall"))
    first, second = service_data({0: 255, MOTION: 1}), service_data({0: 0, MOTION: 0})
    assert len(ear.hear(first)) == 1
    assert ear.hear(first, after=0.1) == []
    assert len(ear.hear(second, after=0.1)) == 1
    assert ear.hear(first, after=0.1) == [], "late through a repeater"
    assert len(ear.hear(second, after=4.1)) == 1, "a sign of life"
    assert len(ear.hear(second, after=-3600)) == 1, "the clock was set back"


def test_a_broadcast_without_a_packet_id_is_told_each_time() -> None:
    ear = Ear(Beacon("hall"))
    assert [len(ear.hear(service_data({MOTION: 1}), after=0.1)) for _ in range(2)] == [1, 1]


def test_an_advertisement_of_other_things_tells_nothing() -> None:
    assert Ear(Beacon("hall")).hear(service_data({0x01: 93})) == []


def test_a_count_of_people_is_never_negative() -> None:
    ear = Ear(Beacon("hall"))
    assert ear.hear(service_data({COUNT: 7})) == [Count("hall", _at(10), 7)]
    assert ear.hear(service_data({0x59: 0xFE})) == [Count("hall", _at(20), 0)]


def test_a_count_of_passes_is_told_by_its_increase() -> None:
    ear = Ear(Beacon("door", counting=Counting.PASSES, passes_per_entry=1))
    assert ear.counts(200, 203, 203, 2, 4) == [0, 3, 0, 2, 2]


def test_a_count_of_passes_that_starts_below_zero_adds_nobody() -> None:
    ear = Ear(Beacon("door", counting=Counting.PASSES, passes_per_entry=1))
    shown = [ear.hear(service_data({0x59: one})) for one in (5, 0xFE, 1)]
    assert [event.count for (event,) in shown if isinstance(event, Entered)] == [0, 0, 3]


def test_a_door_is_passed_when_it_opens_and_every_second_time_somebody_came_in() -> None:
    ear = Ear(Beacon("door"))
    moves = [0, 1, 1, 0, 1, 0, 1]
    events = [ear.hear(service_data({OPENING: one}))[0] for one in moves]
    assert [event.count for event in events if isinstance(event, Entered)] == [0, 1, 0, 0, 0, 0, 1]


def test_a_door_that_moved_while_the_radio_was_away_is_not_guessed_at() -> None:
    ear = Ear(Beacon("door"))
    ear.hear(service_data({OPENING: 0}))
    assert ear.beacons.silence(START) == (Silent("door", START),)
    assert ear.hear(service_data({OPENING: 1})) == [Entered("door", _at(20), 0)]


def test_an_encrypted_broadcast_is_told_once_and_not_again_from_a_recording() -> None:
    ear = Ear(Beacon("hall", KEY))
    assert [len(ear.secret(counter)) for counter in (500, 500, 501)] == [1, 0, 1]
    with pytest.raises(DecodeError) as caught:
        ear.secret(500)
    assert caught.value.reason is Reason.RESENT


def test_a_sensor_with_a_new_battery_counts_from_zero() -> None:
    ear = Ear(Beacon("hall", KEY))
    assert [len(ear.secret(counter)) for counter in (500, 0, 1)] == [1, 1, 1]


def test_a_key_does_not_show_in_a_log() -> None:
    assert KEY.hex() not in repr(Beacon("hall", KEY))
    assert repr(KEY) not in repr(Beacon("hall", KEY))
