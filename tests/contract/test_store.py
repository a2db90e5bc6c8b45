"""What every store promises of what is written, asked of each store in turn."""

from typing import Any

import pytest

from contract.errors import Reason, StoreUnavailable
from ingest.records import Record
from ingest.store import Store
from tests.contract.stores import (
    STATION,
    WEEK,
    Kind,
    glucose,
    in_hours_of,
    sessions,
    usage,
)


def test_what_was_written_is_there_for_whoever_opens_the_store_next(kind: Kind) -> None:
    assert kind.open().write(sessions(25, 10)) == []
    assert kind.open().trends.session_counts(WEEK) == {STATION: 25}


def test_writing_the_same_records_again_changes_nothing(store: Store) -> None:
    for _ in range(3):
        store.write([*sessions(25, 10), usage(9, 0.5), *glucose(2)])
    assert store.trends.session_counts(WEEK) == {STATION: 27}
    assert len(list(store.trends.sessions(WEEK, [STATION]))) == 27
    assert in_hours_of(store, usage(9, None)) == [(1, 0.5)]


def test_a_corrected_usage_window_replaces_the_first(store: Store) -> None:
    store.write([usage(9, 0.5)])
    store.write([usage(9, 1.5)])
    assert in_hours_of(store, usage(9, None)) == [(1, 1.5)]


def test_an_unusable_store_is_unavailable_and_not_a_bug(kind: Kind, store: Store) -> None:
    kind.take_away()
    some: list[list[Any]] = [sessions(1, 0), [usage(9, 0.5)]]
    for records in some:
        with pytest.raises(StoreUnavailable):
            store.write(records)


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
    assert store.trends.session_counts(WEEK) == {STATION: 24}
    assert in_hours_of(store, usage(9, None), usage(10, None)) == [(1, 0.5)]
