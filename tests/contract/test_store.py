"""What every store promises, asked of each store in turn."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from contract.errors import Reason, StoreUnavailable
from contract.places import CITY_ADCODE
from ingest import trends
from ingest.calendar import ZONE, Week, parse_week
from ingest.records import Record
from ingest.release import last_due, next_due, release_due
from ingest.store import HourOfWeek, Store
from ingest.trends import Counted, Rules, State
from tests.contract.stores import (
    CHAOYANG,
    CLOSED,
    DONGCHENG,
    MONDAY,
    WEEK,
    InInflux,
    Kind,
    Sqlite,
    glucose,
    sessions,
    usage,
)


@pytest.fixture(params=["sqlite", "influx"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    return InInflux(request.getfixturevalue("influx"), tmp_path)


@pytest.fixture
def store(kind: Kind) -> Store:
    return kind.open()


def released(store: Store, now: datetime = CLOSED) -> list[Week]:
    return release_due(store, Rules(), now, 24)


def high(store: Store, area: str = CHAOYANG) -> dict[str, tuple[State, int | None, int | None]]:
    return {
        str(cell.window): (cell.state, cell.n, cell.count)
        for cell in store.cells(area)
        if cell.category == trends.HIGH
    }


def test_what_was_written_is_there_for_whoever_opens_the_store_next(kind: Kind) -> None:
    assert kind.open().write(sessions(25, 10)) == []
    assert kind.open().session_count(WEEK) == 25


def test_writing_the_same_records_again_changes_nothing(store: Store) -> None:
    for _ in range(3):
        store.write([*sessions(25, 10), usage(9, 0.5)])
    assert store.session_count(WEEK) == 25
    assert store.usage_profile(0, CHAOYANG) == [HourOfWeek(1, 9, 0.5)]


def test_glucose_is_kept_and_counts_in_no_trend_of_blood_pressure(store: Store) -> None:
    store.write(glucose(30, MONDAY - timedelta(weeks=2)))
    assert released(store) == []
    store.write([*sessions(25, 10), *glucose(40)])
    assert store.session_count(WEEK) == 25
    assert released(store) == [WEEK]
    assert high(store) == {"2026-W06": (State.SHOWN, 25, 10)}


def test_a_corrected_usage_window_replaces_the_first(store: Store) -> None:
    store.write([usage(9, 0.5)])
    store.write([usage(9, 1.5)])
    assert store.usage_profile(0, CITY_ADCODE) == [HourOfWeek(1, 9, 1.5)]


def test_a_profile_averages_stations_and_keeps_districts_and_silence_apart(store: Store) -> None:
    elsewhere = usage(9, 4.0, "S3")._replace(district=DONGCHENG)
    store.write([usage(9, 1.0, "S1"), usage(9, 2.0, "S2"), usage(10, None), elsewhere])
    assert store.usage_profile(0, CHAOYANG) == [HourOfWeek(1, 9, 1.5)]
    (city,) = store.usage_profile(0, CITY_ADCODE)
    assert city.mean == pytest.approx(7 / 3)
    assert (store.usage_stations(0, CHAOYANG), store.usage_stations(0, CITY_ADCODE)) == (2, 3)
    tuesday = int(datetime(2026, 2, 3, tzinfo=ZONE).timestamp())
    assert store.usage_profile(tuesday, CITY_ADCODE) == []


@pytest.mark.parametrize(
    ("day", "hour", "expected"), [(date(2026, 2, 8), 0, (7, 0)), (date(2026, 2, 4), 23, (3, 23))]
)
def test_hours_of_the_week_are_local(
    store: Store, day: date, hour: int, expected: tuple[int, int]
) -> None:
    store.write([usage(hour, 1.0, day=day)])
    (found,) = store.usage_profile(0, CITY_ADCODE)
    assert (found.weekday, found.hour) == expected


def test_a_week_is_released_only_a_day_after_it_closed(store: Store) -> None:
    store.write(sessions(25, 10))
    assert released(store, CLOSED - timedelta(seconds=1)) == []
    assert store.cells(CHAOYANG) == []
    assert released(store, CLOSED) == [WEEK]
    assert high(store) == {"2026-W06": (State.SHOWN, 25, 10)}


def test_a_released_week_never_changes(store: Store) -> None:
    store.write(sessions(25, 10))
    released(store)
    before = store.cells(CHAOYANG)
    store.write(sessions(40, 30, seq=2))
    assert released(store) == []
    assert store.cells(CHAOYANG) == before


def test_a_late_session_counts_in_the_earliest_week_still_open(store: Store) -> None:
    store.write(sessions(25, 10))
    released(store)
    store.write(sessions(30, 12, seq=2))
    assert store.session_count(WEEK.following) == 30
    released(store, CLOSED + timedelta(weeks=1))
    assert high(store)["2026-W07"] == (State.SHOWN, 30, 10)


def test_a_replayed_session_stays_in_the_week_it_was_counted_in(store: Store) -> None:
    store.write(sessions(25, 10))
    released(store)
    store.write(sessions(25, 10))
    assert store.session_count(WEEK.following) == 0


def test_history_loaded_before_the_first_release_counts_in_its_own_weeks(store: Store) -> None:
    for weeks_ago in (3, 0, 1):
        store.write(sessions(25, 10, MONDAY - timedelta(weeks=weeks_ago), seq=weeks_ago + 1))
    assert [str(week) for week in released(store)] == [
        "2026-W03", "2026-W04", "2026-W05", "2026-W06",
    ]  # fmt: skip
    assert sorted(high(store)) == ["2026-W03", "2026-W05", "2026-W06"]


def test_a_release_that_breaks_off_leaves_nothing_behind(store: Store) -> None:
    store.write(sessions(25, 10))

    def break_off(_: object) -> list[trends.Cell]:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        store.release(WEEK, break_off)
    assert store.released_weeks() == []
    assert store.release(WEEK, partial(trends.release, rules=Rules())) == [WEEK]


def test_the_open_week_follows_the_last_released_one(store: Store) -> None:
    now = datetime(2026, 2, 11, 12, 0, tzinfo=UTC)
    assert next_due(store, now, 24) == (
        parse_week("2026-W07"),
        datetime(2026, 2, 17, 0, 0, tzinfo=ZONE),
    )
    assert last_due(now, 24) == WEEK


def test_an_unusable_store_is_unavailable_and_not_a_bug(kind: Kind, store: Store) -> None:
    kind.take_away()
    with pytest.raises(StoreUnavailable):
        store.write(sessions(1, 0))
    with pytest.raises(StoreUnavailable):
        store.released_weeks()


def test_a_record_that_cannot_be_held_is_told_and_the_others_are_stored(store: Store) -> None:
    bad_session = sessions(1, 0, seq=2)[0]._replace(pulse=2**70)
    bad_window = usage(9, 0.5)._replace(entries=2**70)
    good = sessions(24, 10)
    records: list[Record] = [*good[:3], bad_session, *good[3:], bad_window, usage(10, 0.5)]
    for _ in range(2):
        refused = store.write(records)
        assert [(one.position, one.reason) for one in refused] == [
            (3, Reason.STORE_REFUSED),
            (25, Reason.STORE_REFUSED),
        ]
        assert not any(str(2**70) in one.detail for one in refused)
    assert store.session_count(WEEK) == 24
    assert store.usage_profile(0, CHAOYANG) == [HourOfWeek(1, 10, 0.5)]


def test_a_late_session_is_told_apart_by_its_district_and_category(store: Store) -> None:
    store.write(sessions(25, 10))
    released(store)
    store.write(sessions(30, 30, seq=2))
    store.write(sessions(40, 8, WEEK.following.first, DONGCHENG, seq=3))
    seen: list[Counted] = []

    def look(counted: Iterable[Counted]) -> Sequence[trends.Cell]:
        seen.extend(counted)
        return []

    assert store.release(WEEK.following, look) == [WEEK.following]
    assert sorted(seen, key=repr) == sorted(
        [Counted(WEEK.following, CHAOYANG, "grade1")] * 30
        + [Counted(WEEK.following, DONGCHENG, "grade1")] * 8
        + [Counted(WEEK.following, DONGCHENG, "normal")] * 32,
        key=repr,
    )


def test_whatever_a_text_holds_it_comes_back_the_same(store: Store) -> None:
    odd = 'a, b=c "d" \\ 中文'
    store.write([one._replace(district=odd, category=odd) for one in sessions(3, 0)])
    seen: list[Counted] = []

    def look(counted: Iterable[Counted]) -> Sequence[trends.Cell]:
        seen.extend(counted)
        return [trends.Cell(WEEK, odd, odd, State.SMALL, 20, low_precision=True)]

    store.release(WEEK, look)
    assert seen == [Counted(WEEK, odd, odd)] * 3
    assert store.cells(odd) == [trends.Cell(WEEK, odd, odd, State.SMALL, 20, low_precision=True)]
