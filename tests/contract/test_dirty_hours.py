"""The queue of dirty hours loses no mark, on SQLite and on PostgreSQL alike."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from contract.errors import StoreUnavailable
from contract.receipts import Outcome
from ingest.operations import Entry, Operations
from ingest.operations.tables import dirty_hours
from ingest.usage import StationHour

NOW = datetime(2026, 2, 6, 8, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = StationHour("S1", 3600), StationHour("S2", 3600), StationHour("S1", 7200)


def taken(operations: Operations, limit: int = 9) -> set[StationHour]:
    with operations.dirty.stations(limit) as hours:
        return hours


def taken_areas(operations: Operations, limit: int = 9) -> set[int]:
    with operations.dirty.areas(limit) as starts:
        return starts


def test_hours_are_marked_with_the_batch_or_not_at_all(operations: Operations) -> None:
    too_large = Entry("S1", 7, 2**64, Outcome.STORED)
    with pytest.raises(Exception, match=r".+"):
        operations.record(entries=[too_large], dirty=[FIRST], now=NOW)
    assert operations.dirty.count() == 0
    operations.record(entries=[Entry("S1", 7, 1, Outcome.STORED)], dirty=[FIRST], now=NOW)
    assert taken(operations) == {FIRST}


def test_what_is_done_is_gone_and_its_areas_are_to_do(operations: Operations) -> None:
    operations.record(dirty=[FIRST, SECOND, THIRD], now=NOW)
    assert taken(operations) == {FIRST, SECOND, THIRD}
    assert taken(operations) == set()
    assert taken_areas(operations) == {3600, 7200}
    assert taken_areas(operations) == set()
    assert operations.dirty.count() == 0


def test_work_is_taken_in_pieces(operations: Operations) -> None:
    operations.record(dirty=[FIRST, SECOND], now=NOW)
    operations.record(dirty=[THIRD], now=NOW)
    assert [taken(operations, 2), taken(operations, 2)] == [{FIRST, SECOND}, {THIRD}]
    assert [taken_areas(operations, 1), taken_areas(operations, 1)] == [{3600}, {7200}]


def test_a_start_that_is_marked_many_times_is_worked_off_once(operations: Operations) -> None:
    for _ in range(3):
        operations.record(dirty=[FIRST], now=NOW)
        taken(operations)
    assert operations.dirty.count() == 3
    assert taken_areas(operations, 1) == {3600}
    assert operations.dirty.count() == 0


def test_a_piece_that_breaks_off_is_to_do_again(operations: Operations) -> None:
    operations.record(dirty=[FIRST, SECOND], now=NOW)
    with pytest.raises(StoreUnavailable), operations.dirty.stations(9):
        raise StoreUnavailable("away")
    assert taken_areas(operations) == set()
    assert taken(operations) == {FIRST, SECOND}
    with pytest.raises(StoreUnavailable), operations.dirty.areas(9):
        raise StoreUnavailable("away")
    assert taken_areas(operations) == {3600}


def test_a_mark_that_comes_while_its_hour_is_made_stays(operations: Operations) -> None:
    operations.record(dirty=[FIRST], now=NOW)
    with operations.dirty.stations(9) as hours:
        assert hours == {FIRST}
        operations.record(dirty=[FIRST], now=NOW)
    assert taken(operations) == {FIRST}


def test_a_mark_deleted_by_another_worker_takes_none_that_came_later_with_it(
    operations: Operations, url: str
) -> None:
    operations.record(dirty=[FIRST], now=NOW)
    with closing(Operations(url)) as other:
        with operations.dirty.stations(9) as hours:
            assert hours == {FIRST}
            theirs = taken(other)  # on SQLite the same; on PostgreSQL what is taken is passed over
            operations.record(dirty=[FIRST], now=NOW)
        assert theirs in ({FIRST}, set())
        assert taken(other) == {FIRST}


def test_numbers_of_marks_are_never_used_twice(operations: Operations, url: str) -> None:
    numbers: list[int] = []
    for _ in range(3):
        operations.record(dirty=[FIRST], now=NOW)
        with closing(Operations(url)) as other, other._database.look() as connection:
            numbers += connection.execute(dirty_hours.select()).scalars().all()
        taken(operations)
        taken_areas(operations)
    assert len(numbers) == len(set(numbers)) == 3


def test_every_hour_of_a_span_can_be_asked_for_again(operations: Operations) -> None:
    assert operations.dirty.remake(["S1", "S2"], 3700, 10_801) == 6
    starts = (3600, 7200, 10_800)
    assert taken(operations) == {
        StationHour(one, start) for one in ("S1", "S2") for start in starts
    }
