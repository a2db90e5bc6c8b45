"""What every store promises of its usage windows: they are counted as they came."""

from datetime import timedelta

from ingest.store import Store
from ingest.store.windows import WindowSum
from tests.contract.stores import MONDAY, WEEK, usage


def test_windows_and_entries_are_counted_by_station_and_week(store: Store) -> None:
    assert list(store.windows.sums([WEEK], ["S1"])) == []
    before, after = MONDAY - timedelta(1), WEEK.following.first
    store.write([usage(0, 1.0), usage(23, None, day=WEEK.last), usage(9, 1.0, "S2")])
    store.write([usage(23, 1.0, day=before), usage(0, 1.0, day=after), usage(1, 1.0, day=after)])
    found = store.windows.sums([WEEK, WEEK.following], ["S1", "S2", "S3"])
    assert sorted(found) == [
        WindowSum("S1", WEEK, 2, 6),
        WindowSum("S1", WEEK.following, 2, 6),
        WindowSum("S2", WEEK, 1, 3),
    ]


def test_a_window_that_is_told_again_counts_once_with_its_latest_entries(store: Store) -> None:
    store.write([usage(9, 1.0)])
    store.write([usage(9, 1.0)._replace(entries=5), usage(10, 1.0)._replace(entries=None)])
    assert list(store.windows.sums([WEEK], ["S1"])) == [WindowSum("S1", WEEK, 2, 5)]


def test_a_week_without_any_count_of_people_has_no_entries(store: Store) -> None:
    store.write([usage(9, 1.0)._replace(entries=None)])
    assert list(store.windows.sums([WEEK], ["S1"])) == [WindowSum("S1", WEEK, 1, 0)]


def test_the_windows_of_hundreds_of_stations_are_counted_once_each(store: Store) -> None:
    names = [f"a-station-with-a-long-name-{number:04}" for number in range(330)]
    store.write([usage(9, 1.0, name) for name in names])
    found = list(store.windows.sums([WEEK], names))
    assert sorted(one.station for one in found) == names
    assert {one.windows for one in found} == {1}
