"""Whatever order windows come in, late or corrected: the hours are those made from scratch."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.places import CITY_ADCODE
from ingest.records import UsageRecord
from ingest.store.sqlite import SqliteStore
from ingest.usage import Hour, Kind, Site, StationHour, area_hours, days, dirty_hours, station_hours

QUARTER = 900
SITES = {"S1": Site("bank", "08:30-21:00", seats=2), "S2": Site("hub", seats=0), "S3": Site("bank")}
DISTRICTS = {"S1": "110101", "S2": "110101", "S3": "110105"}
EVENING = 11 * 3600
"""Seven in the evening in Beijing; the windows go on past midnight."""
DAY = 24 * 3600

amounts = st.floats(0, 30, allow_subnormal=False)


@st.composite
def windows(draw: st.DrawFn) -> UsageRecord:
    station = draw(st.sampled_from(sorted(SITES)))
    return UsageRecord(
        station,
        EVENING + QUARTER * draw(st.integers(0, 39)),
        DISTRICTS[station],
        draw(st.none() | st.integers(0, 20)),
        draw(st.none() | st.floats(0, 15)),
        draw(st.none() | amounts),
        draw(st.none() | st.integers(0, 30)),
        draw(st.sampled_from((None, "free", "some", "busy", "full"))),
    )


batches = st.lists(st.lists(windows(), min_size=1, max_size=5), min_size=1, max_size=5)


def from_scratch(records: list[UsageRecord]) -> list[Hour]:
    made = station_hours(records, SITES)
    hours = [*made, *area_hours(made)]
    return sorted([*hours, *days(hours)], key=_where)


def stored(store: SqliteStore) -> list[Hour]:
    places = [(Kind.STATION, one) for one in SITES]
    places += [(Kind.AREA, one) for one in (CITY_ADCODE, "110101", "110105", "bank", "hub")]
    found = (
        hour
        for kind, place in places
        for either in (kind, kind.day)
        for hour in store.rollups.hours(either, place, -DAY, 2 * DAY)
    )
    return sorted(found, key=_where)


def _where(hour: Hour) -> tuple[str, str, int]:
    return hour.kind, hour.place, hour.start


@settings(max_examples=40)
@given(sent=batches, worked_off=st.lists(st.booleans(), min_size=5, max_size=5))
def test_hours_and_days_made_bit_by_bit_are_those_made_from_scratch(
    sent: list[list[UsageRecord]], worked_off: list[bool]
) -> None:
    with TemporaryDirectory() as directory:
        store = SqliteStore(Path(directory) / "store")
        dirty: set[StationHour] = set()
        for number, batch in enumerate(sent, start=1):
            store.write(batch)
            dirty |= dirty_hours(batch)
            if worked_off[number - 1] or number == len(sent):
                store.rollups.roll_up(dirty, SITES)
                store.rollups.roll_up_areas({hour.start for hour in dirty})
                dirty = set()
        assert stored(store) == from_scratch([record for batch in sent for record in batch])


@settings(max_examples=60)
@given(batches, st.randoms(use_true_random=False))
def test_the_order_of_distinct_windows_does_not_matter(
    sent: list[list[UsageRecord]], rng: Random
) -> None:
    records = list({(one.station, one.start): one for batch in sent for one in batch}.values())
    shuffled = list(records)
    rng.shuffle(shuffled)
    assert from_scratch(shuffled) == from_scratch(records)


@settings(max_examples=60)
@given(batches)
def test_nothing_is_lost_between_hours_and_areas(sent: list[list[UsageRecord]]) -> None:
    records = {(one.station, one.start): one for batch in sent for one in batch}
    areas = area_hours(station_hours(records.values(), SITES))
    told = sum(one.entries or 0 for one in records.values())
    for places in ({CITY_ADCODE}, {"110101", "110105"}, {"bank", "hub"}):
        parts = [one for one in areas if one.place in places]
        assert sum(one.windows for one in parts) == len(records)
        assert sum(one.entries or 0 for one in parts) == told
