"""What every store promises the counting of a release: sessions as they came, by their own week."""

from datetime import timedelta

from ingest.calendar import Week
from ingest.disclosure import Weekly
from ingest.store import Store
from tests.contract.stores import (
    CHAOYANG,
    MONDAY,
    STATION,
    WEEK,
    glucose,
    sessions,
)


def test_a_session_keeps_district_venue_week_and_values(store: Store) -> None:
    store.write([*sessions(1, 1), *glucose(1)])
    expected = Weekly(WEEK, STATION, CHAOYANG, "hub", "bp", "grade1", 145, 80, None, single=True)
    sugar = Weekly(WEEK, STATION, CHAOYANG, "", "glu_casual", "high", None, None, 11.1, single=True)
    found = sorted(store.trends.sessions(WEEK, [STATION]), key=lambda one: one.measure)
    assert found == [expected, sugar]


def test_a_session_of_more_readings_than_one_says_so(store: Store) -> None:
    (one,) = sessions(1, 0)
    store.write([one._replace(single=False)])
    (found,) = store.trends.sessions(WEEK, [STATION])
    assert found.single is False


def test_the_district_and_venue_of_a_session_are_those_of_its_time(store: Store) -> None:
    store.write(sessions(2, 0))
    store.write([one._replace(venue="bank") for one in sessions(1, 0, seq=2)])
    found = store.trends.sessions(WEEK, [STATION])
    assert sorted((one.district, one.venue) for one in found) == [
        (CHAOYANG, "bank"), (CHAOYANG, "hub"), (CHAOYANG, "hub"),
    ]  # fmt: skip


def test_sessions_are_found_by_the_week_of_their_own_day_and_station(store: Store) -> None:
    sunday, monday = WEEK.last, WEEK.following.first
    neighbour = sessions(5, 1, station=f"{STATION[:-1]}9")
    store.write([*sessions(3, 1, sunday), *sessions(2, 1, monday), *sessions(4, 1, station="B")])
    store.write(neighbour)
    trends = store.trends
    assert trends.session_counts(WEEK) == {STATION: 3, "B": 4, neighbour[0].station: 5}
    assert trends.session_counts(WEEK.following) == {STATION: 2}
    assert trends.session_counts(Week(2026, 1)) == {}
    assert len(list(trends.sessions(WEEK, [STATION]))) == 3
    assert len(list(trends.sessions(WEEK, ["B", "C", STATION]))) == 7
    assert list(trends.sessions(WEEK.following, ["B"])) == []
    assert list(trends.sessions(WEEK, [])) == []


def test_the_sessions_of_hundreds_of_stations_are_found_once_each(store: Store) -> None:
    names = [f"BJ-CY-{number:03}" for number in range(450)]
    written = [one for name in names for one in sessions(2, 1, station=name)]
    store.write(written)
    found = list(store.trends.sessions(WEEK, names))
    assert sorted(one.station for one in found) == sorted(one.station for one in written)
    assert store.trends.session_counts(WEEK) == dict.fromkeys(names, 2)


def test_weeks_are_those_that_have_a_session(store: Store) -> None:
    assert store.trends.weeks() == []
    for weeks_ago in (5, 0, 2):
        store.write(sessions(2, 1, MONDAY - timedelta(weeks=weeks_ago)))
    assert [str(week) for week in store.trends.weeks()] == ["2026-W01", "2026-W04", "2026-W06"]
