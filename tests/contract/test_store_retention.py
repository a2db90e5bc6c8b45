"""What every store promises of age: what is too old is refused, and what grows too old goes."""

from datetime import timedelta

from contract.errors import Reason
from ingest.calendar import week_of
from ingest.records import Record
from tests.contract.stores import CLOSED, STATION, Kind, in_hours_of, sessions, usage

TODAY = CLOSED.date()
RAW_DAYS, USAGE_DAYS = 60, 10
LAST_EXPIRED = TODAY - timedelta(days=RAW_DAYS)
"""Its week has begun to expire, so no day of it is counted any more."""


def test_what_is_older_than_the_store_keeps_is_refused_for_good(kind: Kind) -> None:
    store = kind.open(raw_days=RAW_DAYS, usage_days=USAGE_DAYS)
    whole = week_of(LAST_EXPIRED).following
    records: list[Record] = [
        *sessions(1, 0, whole.first - timedelta(days=1)),
        *sessions(1, 0, whole.first),
        usage(0, 0.5, day=TODAY - timedelta(days=USAGE_DAYS)),
        usage(23, 0.5, day=TODAY - timedelta(days=USAGE_DAYS + 1)),
    ]
    refused = store.write(records)
    assert [(one.position, one.reason) for one in refused] == [
        (0, Reason.EXPIRED),
        (3, Reason.EXPIRED),
    ]
    assert store.trends.weeks() == [whole]
    days = (TODAY - timedelta(days=USAGE_DAYS + more) for more in (0, 1))
    kept, gone = (usage(hour, None, day=day) for hour, day in zip((0, 23), days, strict=True))
    assert in_hours_of(store, kept, gone) == [(1, 0.5)]


def test_a_week_that_has_begun_to_expire_is_no_week_any_more(kind: Kind) -> None:
    whole = week_of(LAST_EXPIRED).following
    kind.open().write([*sessions(1, 0, LAST_EXPIRED), *sessions(1, 0, whole.first)])
    assert kind.open(raw_days=RAW_DAYS).trends.weeks() == [whole]
    assert kind.open().trends.weeks() == [week_of(LAST_EXPIRED), whole]


def test_expiring_leaves_what_is_to_be_kept(kind: Kind) -> None:
    kept: list[Record] = [*sessions(3, 1, TODAY), usage(9, 0.5, day=TODAY)]
    store = kind.open(raw_days=RAW_DAYS, usage_days=USAGE_DAYS)
    store.write(kept)
    assert store.expire() == 0
    assert store.trends.session_counts(week_of(TODAY)) == {STATION: 3}
    assert in_hours_of(store, usage(9, None, day=TODAY)) == [(1, 0.5)]
    assert kind.open().expire() == 0
