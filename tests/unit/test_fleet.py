"""The points of the fleet, by value: who is silent, what is added up, what is written again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contract.condition import Condition
from contract.disclosure import band, least
from ingest.calendar import ZONE
from ingest.fleet import (
    COUNTED,
    FLEET,
    OTHER,
    STATION,
    VERSIONS,
    Changes,
    State,
    fleet_points,
    is_silent,
    states,
    station_point,
)
from ingest.ledger import Claim
from ingest.operations import Sighting, Station
from ingest.operator_answers import Unbalanced
from ingest.store.fleet import Point
from ingest.store.influx_fleet import line

NOW = datetime(2026, 2, 6, 10, 0, tzinfo=ZONE)
DAY = int(datetime(2026, 2, 6, tzinfo=ZONE).timestamp())
DONGCHENG, CHAOYANG, CITY = "110101", "110105", "110000"
SOUND: dict[str, Any] = {
    "backlog": {"messages": 0, "windows": 0, "oldest_hours": 0},
    "clock": "synchronised",
    "storage": "sound",
    "radio": "hearing",
    "space": "ample",
}


def station(name: str, district: str = CHAOYANG, hours: str = "08:00-20:00") -> Station:
    return Station(name, "站", "station", district, "hub", 4, opening_hours=hours)


def sighting(minutes: float = 1, version: str = "1.2.0", pending: int = 0, **said: Any) -> Sighting:
    return Sighting(
        alive=True,
        seen_at=NOW - timedelta(minutes=minutes),
        heartbeat_seconds=300,
        min_batch=5,
        claim=Claim(epoch=7, numbered=10, pending=pending, dropped=0),
        version=version,
        condition=Condition.model_validate(SOUND | said),
    )


def found(*sightings: Sighting | None, unbalanced: tuple[Unbalanced, ...] = ()) -> list[State]:
    """Stations S0, S1 … of Chaoyang, with their last words."""
    names = [f"S{number}" for number in range(len(sightings))]
    said = {name: one for name, one in zip(names, sightings, strict=True) if one}
    return states(map(station, names), said, unbalanced, NOW)


def fields(states_: list[State], district: str = CITY) -> dict[str, Any]:
    (point,) = (one for one in fleet_points(states_, NOW) if one.tags.get("district") == district)
    assert (point.measurement, point.time) == (FLEET, int(NOW.timestamp()))
    return dict(point.fields)


@pytest.mark.parametrize(
    ("hours", "clock", "minutes", "silent"),
    [
        ("08:00-20:00", "10:00", 15.0, False),
        ("08:00-20:00", "10:00", 15.1, True),
        ("08:00-20:00", "07:59", 900, False),
        ("08:00-20:00", "08:14", 900, False),  # it was switched on with the lights
        ("08:00-20:00", "08:15", 900, True),
        ("08:00-20:00", "19:59", 900, True),
        ("08:00-20:00", "20:00", 900, False),
        ("22:00-06:00", "00:05", 900, True),
        ("22:00-06:00", "22:10", 900, False),
        ("22:00-06:00", "06:00", 900, False),
        ("00:00-24:00", "00:05", 16, True),
    ],
)
def test_a_station_is_silent_if_nothing_was_heard_while_it_was_open(
    hours: str, clock: str, minutes: float, silent: bool
) -> None:
    now = datetime.fromisoformat(f"2026-02-06 {clock}").replace(tzinfo=ZONE)
    seen_at = now - timedelta(minutes=minutes)
    assert is_silent(station("S", hours=hours), seen_at, 300, now) is silent


def test_a_station_that_speaks_seldom_is_given_two_and_a_half_of_its_heartbeats() -> None:
    for minutes, silent in ((75, False), (76, True)):
        seen_at = NOW - timedelta(minutes=minutes)
        assert is_silent(station("S"), seen_at, 1800, NOW) is silent
    # Open since 08:45 only: not for the whole of 75 minutes, to the quarter.
    seen_at = NOW - timedelta(hours=9)
    assert not is_silent(station("S", hours="09:00-20:00"), seen_at, 1800, NOW)
    assert is_silent(station("S", hours="08:45-20:00"), seen_at, 1800, NOW)
    assert not is_silent(station("S", hours="08:00-10:00"), seen_at, 1800, NOW)


def test_every_field_of_a_fleet_without_trouble_is_there() -> None:
    told = fields(found(sighting(), sighting()))
    assert told == dict.fromkeys(COUNTED, 0) | {"registered": 2, "online": 2}


def test_what_ails_stations_is_counted_by_station_and_added_up() -> None:
    told = fields(
        found(
            sighting(backlog={"messages": 7, "windows": 1, "oldest_hours": 30}, clock="waiting"),
            sighting(backlog={"messages": 5, "windows": 1, "oldest_hours": 2}, storage="full"),
            sighting(storage="read_only", radio="deaf", space="critical"),
            sighting(radio="absent", losses={"damaged_files": 3}, space="scarce"),
            sighting(radio="unused", clock="kept", losses={"windows": 9}),
        )
    )
    assert told == dict.fromkeys(COUNTED, 0) | {
        "registered": 5, "online": 5, "backlog_messages": 12, "backlog_oldest_hours": 30,
        "clock_waiting": 1, "storage_full": 2, "radio_deaf": 2, "files_damaged": 1,
        "space_critical": 1,
    }  # fmt: skip


def test_devices_are_counted_that_are_nearly_empty_or_not_heard() -> None:
    devices = [
        {"alias": "bp1", "heard": "week", "battery": "low"},
        {"alias": "bp2", "heard": "month", "battery": "empty"},
        {"alias": "bp3", "heard": "longer", "battery": "good"},
        {"alias": "glu1", "heard": "never"},
        {"alias": "glu2", "heard": "week"},
    ]
    told = fields(found(sighting(devices=devices), sighting(devices=devices[:1])))
    assert (told["devices_low_battery"], told["devices_silent"]) == (3, 2)


def test_a_station_that_never_spoke_is_neither_silent_nor_blamed_for_its_ledger() -> None:
    gap = Unbalanced(station="S0", epoch=7, unaccounted=4)
    told = fields(found(None, sighting(minutes=60), unbalanced=(gap,)))
    assert (told["registered"], told["online"], told["never_heard"], told["silent"]) == (2, 0, 1, 1)
    assert (told["unbalanced"], told["ledger_gap"]) == (0, 0)


def test_gaps_of_a_stations_epochs_add_up_and_it_counts_once() -> None:
    gaps = tuple(Unbalanced(station="S1", epoch=one, unaccounted=one) for one in (7, 8))
    told = fields(found(sighting(), sighting(), unbalanced=gaps))
    assert (told["unbalanced"], told["ledger_gap"]) == (1, 15)


def test_districts_have_what_is_theirs_and_the_city_has_it_all() -> None:
    here, there = station("A", DONGCHENG), station("B")
    long, short = ({"messages": n, "windows": 0, "oldest_hours": n} for n in (9, 4))
    said = {"A": sighting(backlog=long), "B": sighting(backlog=short)}
    points = states([here, there], said, (), NOW)
    for district, messages, hours in ((DONGCHENG, 9, 9), (CHAOYANG, 4, 4), (CITY, 13, 9)):
        told = fields(points, district)
        assert (told["backlog_messages"], told["backlog_oldest_hours"]) == (messages, hours)
    assert len([one for one in fleet_points(points, NOW) if one.measurement == FLEET]) == 3


def test_a_number_that_no_station_can_mean_still_fits_the_database() -> None:
    absurd = {"messages": 10**40, "windows": 0, "oldest_hours": 10**40}
    told = fields(found(sighting(backlog=absurd), sighting(backlog=absurd)))
    assert (told["backlog_messages"], told["backlog_oldest_hours"]) == (2 * 10**9, 10**9)


def test_versions_are_counted_and_what_is_no_version_is_other() -> None:
    hostile = "1.0 x=1i 1\nfleet,district=110000 online=9i"[:32]
    heard = [sighting(version=one) for one in ("1.2.0", "1.2.0", "1.3.0~rc1", "", hostile)]
    points = [one for one in fleet_points(found(*heard, None), NOW) if one.measurement == VERSIONS]
    assert {one.tags["version"]: one.fields["stations"] for one in points} == {
        "1.2.0": 2, "1.3.0~rc1": 1, OTHER: 2,
    }  # fmt: skip


def test_a_station_that_invents_versions_does_not_invent_series() -> None:
    heard = [sighting(version=f"9.{number}") for number in range(30)] + [sighting()] * 2
    points = [one for one in fleet_points(found(*heard), NOW) if one.measurement == VERSIONS]
    assert len(points) == 21
    told = {one.tags["version"]: one.fields["stations"] for one in points}
    assert (told["1.2.0"], told[OTHER]) == (2, 11)


def test_a_stations_point_is_the_days_and_says_how_it_is() -> None:
    backlog = {"messages": 3, "windows": 0, "oldest_hours": 1}
    (one,) = found(sighting(minutes=20, backlog=backlog, clock="kept"))
    point = station_point(one, DAY)
    assert (point.measurement, point.tags, point.time) == (
        STATION, {"district": CHAOYANG, "station": "S0"}, DAY,
    )  # fmt: skip
    assert point.fields == {
        "online": 0, "silent": 1, "backlog_messages": 3, "backlog_oldest_hours": 1,
        "ledger_gap": 0, "devices_low_battery": 0, "devices_silent": 0,
        "last_seen": int(NOW.timestamp()) - 1200, "version": "1.2.0", "clock": "kept",
        "storage": "sound", "radio": "hearing",
    }  # fmt: skip


def test_only_what_changed_is_written_again_and_a_new_day_changes_all() -> None:
    changes = Changes()
    before = found(sighting(), sighting())
    first = changes.of(before, NOW)
    assert len(first) == 2
    assert changes.of(before, NOW) == first, "nobody said that it was written"
    changes.written(first)
    assert changes.of(found(sighting(minutes=2), sighting()), NOW) == []
    (moved,) = changes.of(found(sighting(), sighting(clock="waiting")), NOW)
    assert moved.tags["station"] == "S1"
    tomorrow = changes.of(before, NOW + timedelta(hours=14))
    assert [one.time for one in tomorrow] == [DAY + 86_400] * 2
    changes.forget()
    assert changes.of(before, NOW) == first


def test_nothing_that_moves_when_a_batch_comes_is_in_a_point() -> None:
    quiet = sighting()
    busy = Sighting(
        **{name: getattr(quiet, name) for name in Sighting.__slots__ if name != "claim"},
        claim=Claim(epoch=7, numbered=99, pending=0, dropped=0),
    )
    day = DAY
    assert fleet_points(found(quiet), NOW) == fleet_points(found(busy), NOW)
    assert station_point(found(quiet)[0], day) == station_point(found(busy)[0], day)


def test_a_point_is_a_line_and_its_texts_stay_texts() -> None:
    point = Point("station", {"station": "S 1", "district": "1"}, {"n": 3, "clock": 'a"b'}, 60)
    assert line(point) == 'station,district=1,station=S\\ 1 n=3i,clock="a\\"b" 60'


def test_a_band_stands_for_at_least_the_least_count_that_is_written_so() -> None:
    for count in range(300):
        told = band(count)
        assert least(told) <= count
        assert least(told) == 0 or band(least(told)) == told
        assert least(told) == 0 or band(least(told) - 1) != told
