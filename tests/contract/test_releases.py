"""Releases count every session once, on SQLite and on PostgreSQL alike, whoever counts at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import Event

from sqlalchemy import text

from ingest.calendar import Week
from ingest.disclosure import Atom, CityWeek, Tally
from ingest.operations import Operations
from ingest.operations.database import Database
from ingest.windows import Block, block_of

NOW = datetime(2026, 2, 10, 8, 0, tzinfo=UTC)
W5, W6, W7 = Week(2026, 5), Week(2026, 6), Week(2026, 7)
CHAOYANG, DONGCHENG = "110105", "110101"
BLOCK = block_of(W5, 4)  # W5 to W8
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def tally(
    n: int,
    station: str = "S1",
    week: Week = W5,
    district: str = CHAOYANG,
    venue: str = "bank",
    measure: str = "bp",
) -> Tally:
    """Of `n` sessions, the first is high and alone in its bin, and of one reading."""
    return Tally(
        week,
        station,
        district,
        venue,
        measure,
        (n - 1, 0, 0, 1, 0, 0),
        {"systolic": {110: n - 1, 145: 1}, "diastolic": {80: n}},
        1,
    )


def test_a_tally_comes_back_as_it_was_counted(operations: Operations) -> None:
    glucose = Tally(
        W5, "S1", CHAOYANG, "bank", "glu_casual", (0, 1, 0, 0, 0, 0), {"glucose": {3.1: 1}}
    )
    assert operations.releases.add(W5, W5, [tally(9), glucose]) == 10
    assert list(operations.releases.tallies(BLOCK, ["S1"])) == [tally(9), glucose]
    assert operations.releases.counted(W5) == {"S1": 10}
    assert operations.releases.counted_in(W5) == 10
    assert operations.releases.counted(W6) == {}
    assert operations.releases.counted_in(W6) == 0


def test_only_what_has_come_since_is_added(operations: Operations) -> None:
    assert operations.releases.add(W5, W5, [tally(9)]) == 9
    assert operations.releases.add(W5, W5, [tally(9)]) == 0
    assert operations.releases.add(W6, W5, [tally(12, week=W6)]) == 3
    late = Tally(
        W6, "S1", CHAOYANG, "bank", "bp", (3, 0, 0, 0, 0, 0),
        {"systolic": {110: 3}, "diastolic": {80: 3}}, 0, 3,
    )  # fmt: skip
    assert list(operations.releases.tallies(BLOCK, ["S1"])) == [tally(9), late]
    assert operations.releases.counted(W5) == {"S1": 12}
    assert operations.releases.counted_in(W6) == 3


def test_what_is_counted_elsewhere_since_a_station_moved_counts_nowhere(
    operations: Operations,
) -> None:
    operations.releases.add(W5, W5, [tally(9), tally(5, measure="glu_casual")])
    moved = tally(11, week=W6, district=DONGCHENG)
    assert operations.releases.add(W6, W5, [moved]) == 2
    found = list(operations.releases.tallies(block_of(W6, 1), ["S1"]))
    assert [(one.district, one.n, one.steps, one.late) for one in found] == [
        (DONGCHENG, 2, (2, 0, 0, 0, 0, 0), 2)
    ]


def test_a_sealed_week_takes_no_more(operations: Operations) -> None:
    operations.releases.add(W5, W5, [tally(9)])
    assert operations.releases.seal(W5, KEY, NOW) == KEY
    assert operations.releases.add(W5, W5, [tally(12)]) == 0
    assert operations.releases.counted(W5) == {"S1": 9}
    assert operations.releases.add(W6, W5, [tally(12, week=W6)]) == 3


def test_a_seal_keeps_its_first_key_until_the_week_is_frozen(
    operations: Operations, url: str
) -> None:
    operations.releases.seal(W5, KEY, NOW)
    assert operations.releases.seal(W5, OTHER_KEY, NOW) == KEY
    assert (operations.releases.sealed(), operations.releases.frozen()) == ([W5], [])
    operations.releases.freeze(W5, NOW)
    assert (operations.releases.sealed(), operations.releases.frozen()) == ([W5], [W5])
    assert operations.releases.seal(W5, OTHER_KEY, NOW) is None
    with closing(Database(url)) as database, database.look() as connection:
        assert connection.execute(text("SELECT noise_key FROM released_weeks")).all() == [(None,)]


def test_the_stations_of_a_block_are_told_with_every_district_they_were_in(
    operations: Operations,
) -> None:
    operations.releases.add(W5, W5, [tally(9), tally(9, "S2", district=DONGCHENG, venue="gas")])
    operations.releases.add(W5, W5, [tally(2, "S4")])
    operations.releases.add(W6, W6, [tally(3, week=W6, district=DONGCHENG)])
    operations.releases.add(W7, W7, [tally(4, week=W7, district=DONGCHENG)])
    outside = Week(2026, 9)
    operations.releases.add(outside, outside, [tally(4, "S3", week=outside)])
    assert operations.releases.homes(BLOCK) == {
        "S1": [CHAOYANG, DONGCHENG],
        "S2": [DONGCHENG],
        "S4": [CHAOYANG],
    }
    assert operations.releases.homes(block_of(W6, 1)) == {"S1": [DONGCHENG]}
    assert operations.releases.atoms(BLOCK) == {
        Atom("bp", W5, CHAOYANG, "bank"): 2,
        Atom("bp", W5, DONGCHENG, "gas"): 1,
        Atom("bp", W6, DONGCHENG, "bank"): 1,
        Atom("bp", W7, DONGCHENG, "bank"): 1,
    }


def test_the_tallies_of_a_city_are_streamed_by_station(operations: Operations) -> None:
    stations = [f"S{number:04d}" for number in range(600)]
    for week in (W6, W7):
        some = [tally(5, station, week=week) for station in reversed(stations)]
        assert operations.releases.add(week, week, some) == 3000
    found = list(operations.releases.tallies(BLOCK, stations))
    assert [(one.station, one.week) for one in found] == [
        (station, week) for station in stations for week in (W6, W7)
    ]
    assert [one.station for one in operations.releases.tallies(BLOCK, ["S0007"])] == ["S0007"] * 2


def test_the_citys_sums_outlive_the_tallies(operations: Operations) -> None:
    operations.releases.add(W5, W5, [tally(9), tally(5, "S2"), tally(4, measure="glu_casual")])
    operations.releases.add(W6, W6, [tally(7, week=W6)])
    for week in (W5, W6, W6):
        operations.releases.seal(week, KEY, NOW)
        operations.releases.keep_city_week(week)
    assert operations.releases.forget(W7, W7, W5) == 4
    assert operations.releases.city_weeks(BLOCK) == [
        CityWeek(W5, "bp", (12, 0, 0, 2, 0, 0)),
        CityWeek(W5, "glu_casual", (3, 0, 0, 1, 0, 0)),
        CityWeek(W6, "bp", (6, 0, 0, 1, 0, 0)),
    ]
    assert operations.releases.city_weeks(Block(12, 1)) == []
    assert operations.releases.forget(W7, W7, W6) == 2
    assert [one.week for one in operations.releases.city_weeks(BLOCK)] == [W6]


def test_a_tally_goes_when_both_its_days_and_its_window_are_past(operations: Operations) -> None:
    operations.releases.add(W5, W5, [tally(9)])
    operations.releases.add(W6, W5, [tally(10, week=W6)])
    assert operations.releases.forget(W5, W7, W5) == 0
    assert operations.releases.forget(W6, W6, W5) == 1
    assert [one.week for one in operations.releases.tallies(BLOCK, ["S1"])] == [W6]


def test_workers_that_count_the_same_at_once_count_it_once(url: str) -> None:
    workers = [Operations(url) for _ in range(4)]
    stored = [tally(5, f"S{number}") for number in range(50)]
    with ThreadPoolExecutor(4) as threads:
        added = threads.map(lambda one: one.releases.add(W5, W5, stored), workers)
        assert sorted(added) == [0, 0, 0, 250]
    assert workers[0].releases.counted_in(W5) == 250
    for one in workers:
        one.close()


def test_a_turn_is_had_by_one_worker_at_a_time(url: str) -> None:
    first, second = Operations(url), Operations(url)
    trying, had = Event(), Event()

    def take() -> None:
        trying.set()
        with second.releases.turn():
            had.set()

    with ThreadPoolExecutor(1) as threads:
        with first.releases.turn():
            waiting = threads.submit(take)
            assert trying.wait(10)
            assert not had.wait(0.2)
        waiting.result(10)
    assert had.is_set()
    for one in (first, second):
        one.close()
