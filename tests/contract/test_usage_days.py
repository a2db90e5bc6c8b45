"""What every store promises of the days that hours of usage make."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest

from contract.places import CITY_ADCODE
from ingest.calendar import ZONE
from ingest.records import UsageRecord
from ingest.store import Store
from ingest.usage import Hour, Presence, Site, StationHour
from ingest.usage import Kind as What
from tests.contract.stores import CHAOYANG, DONGCHENG, MONDAY, InInflux, Kind, Sqlite

MIDNIGHT = int(datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=ZONE).timestamp())
HOUR, DAY = 3600, 86_400
SITES = {"S1": Site("bank", seats=2), "S2": Site("hub", seats=4)}


@pytest.fixture(params=["sqlite", "influx"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    return InInflux(request.getfixturevalue("influx"), tmp_path)


@pytest.fixture
def store(kind: Kind) -> Store:
    return kind.open()


def window(at: int, entries: int = 2, station: str = "S1") -> UsageRecord:
    return UsageRecord(station, MIDNIGHT + at, CHAOYANG, entries, 7.5, 0.5, 2, "some")


def roll_up(
    store: Store, windows: Iterable[UsageRecord], sites: dict[str, Site] | None = None
) -> None:
    written = list(windows)
    store.write(written)
    hours = {StationHour(one.station, one.start // HOUR * HOUR) for one in written}
    store.rollups.roll_up(hours, sites or SITES)
    store.rollups.roll_up_areas({hour.start for hour in hours})


def days(store: Store, place: str, kind: What = What.AREA_DAY) -> list[Hour]:
    return store.rollups.hours(kind, place, MIDNIGHT - 9 * DAY, MIDNIGHT + 9 * DAY)


def entries(store: Store, place: str, kind: What = What.AREA_DAY) -> list[tuple[int, int | None]]:
    return [((one.start - MIDNIGHT) // DAY, one.entries) for one in days(store, place, kind)]


def test_a_day_is_all_its_hours_whichever_of_them_came_last(store: Store) -> None:
    roll_up(store, [window(-HOUR, 9), window(0), window(23 * HOUR, 3), window(DAY, 7)])
    roll_up(store, [window(9 * HOUR, 4)])
    expected = [(-1, 9), (0, 9), (1, 7)]
    assert entries(store, "S1", What.STATION_DAY) == expected
    for area in (CITY_ADCODE, CHAOYANG, "bank"):
        assert entries(store, area) == expected
    (_, monday, _) = days(store, "S1", What.STATION_DAY)
    assert (monday.windows, monday.seated, monday.seat_minutes) == (3, 22.5, 90)
    assert (monday.district, monday.venue) == (CHAOYANG, "bank")


def test_a_corrected_window_corrects_the_day(store: Store) -> None:
    roll_up(store, [window(0), window(HOUR), window(HOUR, 5, "S2")])
    roll_up(store, [window(HOUR, 12)])
    assert entries(store, "S1", What.STATION_DAY) == [(0, 14)]
    assert entries(store, CITY_ADCODE) == [(0, 19)]
    assert [one.stations for one in days(store, CITY_ADCODE)] == [2]


def test_an_area_that_its_last_station_left_has_no_day_any_more(store: Store) -> None:
    roll_up(store, [window(0)])
    store.write([window(900)._replace(district=DONGCHENG)])
    store.rollups.roll_up({StationHour("S1", MIDNIGHT)}, {"S1": Site("hub")})
    store.rollups.roll_up_areas({MIDNIGHT})
    assert days(store, "bank") == days(store, CHAOYANG) == []
    assert entries(store, DONGCHENG) == entries(store, "hub") == [(0, 4)]


def test_days_of_one_station_and_a_day_of_many_are_made_alike(store: Store) -> None:
    stations = [f"S{number}" for number in range(1, 121)]
    roll_up(store, (window(number * 7 * HOUR) for number in range(24)))
    assert len(entries(store, "S1", What.STATION_DAY)) == 7
    roll_up(store, (window(0, 1, one) for one in stations))
    assert [entries(store, one, What.STATION_DAY) for one in ("S2", "S120")] == [[(0, 1)]] * 2
    # Four windows of S1 on that day, of which one was corrected.
    assert entries(store, CITY_ADCODE)[0] == (0, 119 + 1 + 3 * 2)


def test_days_of_many_stations_are_those_of_each(store: Store) -> None:
    names = [f"S{number}" for number in range(1, 121)]
    roll_up(store, [window(at, 3, one) for one in names for at in (-DAY, 0, DAY)])
    span = (MIDNIGHT - DAY, MIDNIGHT + DAY)
    read = list(store.rollups.station_days([*names[:110], "S999"], *span))
    assert [(one.place, (one.start - MIDNIGHT) // DAY) for one in sorted(read)] == sorted(
        (one, day) for one in names[:110] for day in (-1, 0)
    )
    assert [one for one in read if one.place == "S7"] == store.rollups.hours(
        What.STATION_DAY, "S7", *span
    )
    assert list(store.rollups.station_days([], *span)) == []


def test_presence_is_the_means_of_the_same_hours(store: Store) -> None:
    roll_up(store, [window(0), window(900), window(HOUR), window(0, station="S2"), window(DAY)])
    read = store.rollups.presence
    assert read(What.AREA, CITY_ADCODE, MIDNIGHT, MIDNIGHT + DAY) == [
        Presence(MIDNIGHT, 2, 1.5, 3), Presence(MIDNIGHT + HOUR, 1, 0.5, 1),
    ]  # fmt: skip
    assert read(What.STATION, "S2", MIDNIGHT, MIDNIGHT + DAY) == [Presence(MIDNIGHT, 1, 0.5, 1)]
    assert read(What.STATION, "S9", MIDNIGHT, MIDNIGHT + DAY) == []
