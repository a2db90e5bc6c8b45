"""What every store promises of the hours that usage windows are rolled up to."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from contract.errors import StoreUnavailable
from contract.places import CITY_ADCODE
from ingest.calendar import ZONE
from ingest.records import UsageRecord
from ingest.store import Store
from ingest.usage import Hour, Kind, Site, StationHour, area_hours, station_hours
from tests.contract.stores import CHAOYANG, DONGCHENG, MONDAY
from tests.contract.stores import Kind as KindOfStore

NINE = int(datetime(MONDAY.year, MONDAY.month, MONDAY.day, 9, tzinfo=ZONE).timestamp())
HOUR, QUARTER = 3600, 900
SITES = {"S1": Site("bank", "09:00-17:00"), "S2": Site("hub")}


def window(start: int, mean: float = 0.5, station: str = "S1", entries: int = 2) -> UsageRecord:
    return UsageRecord(station, start, CHAOYANG, entries, 7.5, mean, 2, "some")


def roll_up(store: Store, windows: Iterable[UsageRecord]) -> None:
    """Store `windows`, then make the hours that they are in."""
    written = list(windows)
    store.write(written)
    hours = {StationHour(one.station, one.start // HOUR * HOUR) for one in written}
    store.rollups.roll_up(hours, SITES)
    store.rollups.roll_up_areas({hour.start for hour in hours})


def hours(store: Store, place: str, kind: Kind = Kind.AREA) -> list[Hour]:
    return store.rollups.hours(kind, place, NINE - 240 * HOUR, NINE + 240 * HOUR)


def test_an_hour_is_read_as_it_was_made_by_whoever_opens_the_store_next(kind: KindOfStore) -> None:
    windows = [window(NINE, 0.25), window(NINE + QUARTER, 1.5), window(NINE + HOUR, 3.0)]
    roll_up(kind.open(), windows)
    expected = station_hours(windows, SITES)
    assert hours(kind.open(), "S1", Kind.STATION) == expected
    assert [one.windows for one in expected] == [2, 1]
    assert hours(kind.open(), "bank") == [
        one for one in area_hours(expected) if one.place == "bank"
    ]


def test_what_no_sensor_told_is_read_as_nothing_and_not_as_zero(store: Store) -> None:
    silent = UsageRecord("S1", NINE, CHAOYANG, None, None, None, None, None)
    roll_up(store, [silent])
    (hour,) = hours(store, "S1", Kind.STATION)
    assert (hour.windows, hour.entries, hour.occupied, hour.peak, hour.mean) == (
        1, None, None, None, None,
    )  # fmt: skip


def test_a_late_and_a_corrected_window_change_the_hour_of_station_and_areas(store: Store) -> None:
    roll_up(store, [window(NINE, 1.0), window(NINE, 3.0, "S2")])
    roll_up(store, [window(NINE + QUARTER, 2.0)])
    roll_up(store, [window(NINE, 2.0, entries=9)])
    (station,) = hours(store, "S1", Kind.STATION)
    assert (station.windows, station.mean, station.entries) == (2, 2.0, 11)
    (city,) = hours(store, CITY_ADCODE)
    assert (city.stations, city.windows, city.entries) == (2, 3, 13)
    assert city.mean == pytest.approx(7 / 3)
    (bank,) = hours(store, "bank")
    assert (bank.stations, bank.entries) == (1, 11)


def test_a_station_that_moved_counts_once_where_it_is_now(store: Store) -> None:
    roll_up(store, [window(NINE)])
    moved = window(NINE + QUARTER)._replace(district=DONGCHENG)
    store.write([moved])
    store.rollups.roll_up({StationHour("S1", NINE)}, {"S1": Site("hub")})
    store.rollups.roll_up_areas({NINE})
    (city,) = hours(store, CITY_ADCODE)
    assert (city.stations, city.windows) == (1, 2)
    (hub,) = hours(store, "hub")
    assert hub.windows == 2
    assert hours(store, CHAOYANG) == hours(store, "bank") == []
    (dongcheng,) = hours(store, DONGCHENG)
    assert dongcheng.windows == 2


def test_hours_are_read_from_a_moment_on_and_before_another_in_order(store: Store) -> None:
    roll_up(store, [window(NINE + hour * HOUR) for hour in (3, 0, 1, 2)])
    found = store.rollups.hours(Kind.STATION, "S1", NINE + HOUR, NINE + 3 * HOUR)
    assert [one.start for one in found] == [NINE + HOUR, NINE + 2 * HOUR]
    assert store.rollups.hours(Kind.AREA, "S1", NINE, NINE + HOUR) == []


def test_many_hours_of_one_station_and_one_hour_of_many_stations_are_made_alike(
    store: Store,
) -> None:
    days = range(0, 48 * HOUR, QUARTER)
    stations = [f"S{number}" for number in range(120)]
    roll_up(store, (window(NINE + offset, 1.5) for offset in days))
    roll_up(store, (window(NINE, 0.5, station) for station in stations))
    assert len(hours(store, "S1", Kind.STATION)) == 48
    assert {one.windows for one in hours(store, "S1", Kind.STATION)} == {4}
    (first, *_) = hours(store, CITY_ADCODE)
    assert (first.stations, first.windows) == (120, 123)


def test_numbers_that_no_station_has_do_not_end_the_roll_up(store: Store) -> None:
    absurd = [
        window(NINE + quarter * QUARTER, 1e308, entries=2**62)._replace(peak=2**62)
        for quarter in range(4)
    ]
    roll_up(store, absurd)
    (hour,) = hours(store, CITY_ADCODE)
    assert (hour.windows, hour.entries, hour.mean, hour.peak) == (4, None, None, None)


def test_an_hour_without_windows_is_not_made(store: Store) -> None:
    store.rollups.roll_up({StationHour("S1", NINE)}, SITES)
    store.rollups.roll_up_areas({NINE})
    assert hours(store, "S1", Kind.STATION) == hours(store, CITY_ADCODE) == []


def test_hours_of_a_store_that_cannot_be_used_are_unavailable(
    kind: KindOfStore, store: Store
) -> None:
    kind.take_away()
    with pytest.raises(StoreUnavailable):
        store.rollups.roll_up({StationHour("S1", NINE)}, SITES)
    with pytest.raises(StoreUnavailable):
        store.rollups.hours(Kind.STATION, "S1", NINE, NINE + int(timedelta(1).total_seconds()))
