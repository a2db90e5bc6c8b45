"""The operational database keeps its promises on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DataError

from contract.condition import Clock
from contract.errors import Reason, StoreUnavailable
from contract.receipts import Outcome
from contract.status import Status
from ingest.ledger import Span, Tally
from ingest.operations import Entry, Operations, Refused, Station, migrations
from ingest.operations.database import HEAD, Database
from ingest.operations.keys import Key, Scope
from ingest.operations.tables import metadata

STEPS = Path(str(migrations.__file__)).parent / "versions"
NOW = datetime(2026, 2, 6, 8, 0, tzinfo=UTC)
HERE, THERE = "BJ-CY-012", "BJ-DC-001"
STORE = Station(HERE, "朝阳区便利店", "Chaoyang store", "110105", "convenience", 3)
BANK = Station(THERE, "东城区银行", "Dongcheng bank", "110101", "bank", 6)


def entries(outcome: Outcome, *seqs: int, epoch: int = 7) -> list[Entry]:
    return [Entry(HERE, epoch, seq, outcome) for seq in seqs]


def refused(payload: bytes, reason: Reason = Reason.SCHEMA, station: str = HERE) -> Refused:
    return Refused(f"kiosk/v1/{station}/usage", payload, reason, "why", station)


def status(**changes: object) -> Status:
    said = {
        "station": HERE,
        "kind": "heartbeat",
        "boot": "0123456789abcdef",
        "ledger": {"epoch": 7, "numbered": 9, "pending": 2, "dropped": 1},
        "agent": {"version": "1", "min_batch": 5, "release": "daily", "heartbeat_seconds": 60},
    }
    return Status.model_validate(said | changes)


def test_the_steps_lead_to_the_tables_that_the_code_uses(url: str) -> None:
    with closing(Database(url)) as database, database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
    assert sorted(path.stem[:4] for path in STEPS.glob("0*.py"))[-1] == HEAD


def test_a_database_from_before_there_were_steps_is_taken_over(url: str) -> None:
    first = Path(__file__).parent.parent / "golden" / "operations_first.sql"
    database = Database(url).engine
    with database.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        for statement in first.read_text(encoding="utf-8").split(";\n"):
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO quarantine VALUES (:digest, :at, 'a/b', 'not_json', '', :payload)"),
            {"digest": "0" * 32, "at": "2026-02-06 08:00:00.000000", "payload": b"garbage"},
        )
    database.dispose()
    with closing(Operations(url)) as taken:
        assert taken.inventory.all() == [STORE]
        assert taken.book.tallies() == {(HERE, 7): Tally(1, 1, 2)}
        assert taken.sightings.all()[HERE].claim.numbered == 3
        (kept,) = taken.quarantine.beginning("0", 9)
        assert (kept.reason, kept.payload) == (Reason.NOT_JSON, b"garbage")


def test_many_workers_that_start_at_once_take_each_step_once(url: str) -> None:
    with ThreadPoolExecutor(12) as threads:
        started = list(threads.map(Operations, [url] * 12))
    started[0].inventory.register([STORE])
    assert started[11].inventory.all() == [STORE]
    for one in started:
        one.close()


def test_what_is_recorded_twice_counts_once(operations: Operations) -> None:
    for _ in range(2):
        operations.record(
            entries=entries(Outcome.STORED, 1, 2),
            refused=[refused(b"x")],
            statuses=[status()],
            now=NOW,
        )
    assert operations.book.tallies() == {(HERE, 7): Tally(2, 0, 2)}
    assert operations.quarantine.counts() == {Reason.SCHEMA: 1}
    assert operations.sightings.all()[HERE].claim.pending == 2


def test_what_is_stored_stays_stored(operations: Operations) -> None:
    operations.record(entries=entries(Outcome.QUARANTINED, 1, 2), now=NOW)
    operations.record(entries=entries(Outcome.STORED, 1), now=NOW)
    operations.record(entries=entries(Outcome.QUARANTINED, 1), now=NOW)
    assert operations.book.tallies() == {(HERE, 7): Tally(1, 1, 2)}


def test_a_ledger_that_is_compacted_says_the_same(operations: Operations) -> None:
    operations.record(entries=entries(Outcome.STORED, *range(1, 90)), now=NOW)
    operations.record(entries=entries(Outcome.QUARANTINED, 90, 93), now=NOW)
    before = operations.book.tallies(), operations.book.spans(HERE, 7)
    assert operations.book.compact(least=92) == 0
    assert operations.book.compact(least=10) == 91
    assert (operations.book.tallies(), operations.book.spans(HERE, 7)) == before
    assert before == (
        {(HERE, 7): Tally(89, 2, 93)},
        [
            Span(1, 89, Outcome.STORED),
            Span(90, 90, Outcome.QUARANTINED),
            Span(93, 93, Outcome.QUARANTINED),
        ],
    )


def test_a_replay_after_compaction_moves_a_message_once(operations: Operations) -> None:
    operations.record(entries=entries(Outcome.QUARANTINED, *range(1, 11)), now=NOW)
    operations.book.compact(least=1)
    operations.record(entries=entries(Outcome.STORED, 4), now=NOW)
    operations.record(entries=entries(Outcome.QUARANTINED, 5), now=NOW)
    for _ in range(2):
        assert operations.book.tallies() == {(HERE, 7): Tally(1, 9, 10)}
        operations.book.compact(least=1)
    assert operations.book.spans(HERE, 7) == [
        Span(1, 3, Outcome.QUARANTINED),
        Span(4, 4, Outcome.STORED),
        Span(5, 10, Outcome.QUARANTINED),
    ]


def test_workers_that_compact_and_write_at_once_lose_no_line(url: str) -> None:
    closers = ExitStack()
    workers = [closers.enter_context(closing(Operations(url))) for _ in range(3)]

    def work(number: int) -> None:
        for start in range(0, 60, 5):
            seqs = range(number * 60 + start + 1, number * 60 + start + 6)
            workers[number].record(entries=entries(Outcome.STORED, *seqs), now=NOW)
            workers[number].book.compact(least=1)

    with closers:
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(work, range(3)))
        assert workers[0].book.tallies() == {(HERE, 7): Tally(180, 0, 180)}
        assert workers[0].book.spans(HERE, 7) == [Span(1, 180, Outcome.STORED)]


def test_every_epoch_that_a_station_speaks_of_is_kept(operations: Operations) -> None:
    ended = [{"epoch": 3, "numbered": 5, "pending": 0, "dropped": 4}]
    operations.record(statuses=[status(ended=ended)], now=NOW)
    claims = operations.book.claims()
    assert (claims[HERE, 3].dropped, claims[HERE, 7].numbered) == (4, 9)
    assert operations.book.epochs(HERE) == [3, 7]


def test_a_condition_is_told_again_as_it_was_said(operations: Operations) -> None:
    condition = {
        "backlog": {"messages": 1, "windows": 2, "oldest_hours": 3},
        "clock": "waiting",
        "storage": "sound",
        "radio": "deaf",
        "space": "ample",
    }
    operations.record(statuses=[status(condition=condition)], now=NOW)
    found = operations.sightings.all()[HERE]
    assert found.seen_at == NOW
    assert found.condition is not None
    assert found.condition.clock is Clock.WAITING
    operations.record(statuses=[status(kind="death", boot="f" * 16)], now=NOW)
    assert operations.sightings.all()[HERE].alive


@pytest.mark.parametrize(
    ("said", "lives"),
    [
        ("a+", True),
        ("a+ a-", False),
        ("a+ a- b+", True),
        ("a+ b+ a-", True),
        ("a- a+", True),
        ("a+ b+ b-", False),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_of_births_and_deaths_the_last_of_the_present_life_counts(
    operations: Operations, said: str, lives: bool, together: bool
) -> None:
    words = [
        status(kind="birth" if sign == "+" else "death", boot=boot * 16)
        for boot, sign in (tuple(word) for word in said.split())
    ]
    for batch in [words] if together else [[word] for word in words]:
        operations.record(statuses=batch, now=NOW)
    assert operations.sightings.all()[HERE].alive is lives


def test_the_quarantine_is_read_in_pages_and_by_reason(operations: Operations) -> None:
    for number in range(5):
        later = NOW + timedelta(seconds=number // 2)
        operations.record(refused=[refused(b"%d" % number)], now=later)
    operations.record(refused=[refused(b"other", Reason.NOT_JSON, THERE)], now=NOW)
    first = operations.quarantine.page(2, station=HERE)
    rest = operations.quarantine.page(
        9, station=HERE, after=(first[-1].received_at, first[-1].digest)
    )
    whole = [operations.quarantine.get(one.digest) for one in [*first, *rest]]
    assert {one.payload for one in whole if one} == {b"0", b"1", b"2", b"3", b"4"}
    assert {(one.payload, one.size) for one in first} == {(b"", 1)}
    assert len(rest) == 3
    (other,) = operations.quarantine.page(9, reason=Reason.NOT_JSON)
    assert operations.quarantine.get(other.digest) == replace(other, payload=b"other")
    assert operations.quarantine.get("0" * 32) is None


def test_the_quarantine_keeps_within_its_bounds_and_counts_what_it_gives_up(
    operations: Operations,
) -> None:
    for number in range(6):
        operations.record(
            refused=[refused(b"%d" % number * 300_000)], now=NOW + timedelta(seconds=number)
        )
    assert operations.quarantine.bound(messages=4, megabytes=9) == 2
    assert operations.quarantine.bound(messages=4, megabytes=1) == 1
    left = operations.quarantine.page(9)
    assert [one.received_at.second for one in left] == [3, 4, 5]
    assert operations.quarantine.discard(left[0].digest)
    assert not operations.quarantine.discard(left[0].digest)
    fill = operations.quarantine.fill()
    assert (fill.messages, fill.bytes, fill.discarded) == (2, 600_000, 4)


def test_a_replayed_message_leaves_the_quarantine_with_its_commit(operations: Operations) -> None:
    waiting = refused(b"x", Reason.UNKNOWN_STATION)
    operations.record(refused=[waiting], entries=entries(Outcome.QUARANTINED, 1), now=NOW)
    assert operations.quarantine.unknown_stations() == [HERE]
    assert operations.quarantine.waiting_for([THERE], 9) == []
    (kept,) = operations.quarantine.waiting_for([HERE], 9)
    operations.record(entries=entries(Outcome.STORED, 1), replayed=[kept.digest], now=NOW)
    assert operations.quarantine.page(9) == []
    assert operations.book.tallies() == {(HERE, 7): Tally(1, 0, 1)}


def test_a_station_is_changed_retired_and_taken_back(operations: Operations) -> None:
    wide = replace(STORE, place="1 Road", opening_hours="08:00-20:00", devices=("bp", "door"))
    operations.inventory.register([STORE, BANK])
    operations.inventory.register([wide])
    assert operations.inventory.all() == [BANK, wide]
    assert [one.id for one in operations.inventory.page(1, after=HERE)] == [THERE]
    assert operations.inventory.page(9, district="110101") == [BANK]
    assert operations.inventory.retire(HERE, NOW)
    assert not operations.inventory.retire(HERE, NOW)
    assert operations.inventory.all() == [BANK]
    assert operations.inventory.get(HERE) == replace(wide, retired_at=NOW)
    operations.inventory.register([wide])
    assert operations.inventory.all() == [BANK, wide]


def test_a_key_opens_until_it_is_revoked_and_its_secret_is_not_kept(
    operations: Operations, url: str
) -> None:
    key = Key("k1", "Chaoyang office", Scope.OFFICER, NOW)
    presented = operations.keys.add(key, "long-secret")
    assert operations.keys.holder(presented) == key
    assert operations.keys.holder("k1.wrong") is None
    assert operations.keys.holder("k2.long-secret") is None
    assert operations.keys.revoke("k1", NOW)
    assert not operations.keys.revoke("k1", NOW)
    assert operations.keys.holder(presented) is None
    assert operations.keys.all() == [replace(key, revoked_at=NOW)]
    with closing(Database(url)) as database, database.look() as connection:
        rows = connection.execute(text("SELECT * FROM api_keys")).all()
    assert "long-secret" not in str(rows)


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        Operations("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable):
        Operations("sqlite:////nowhere/at/all.sqlite")


def test_what_fails_in_the_middle_leaves_nothing(operations: Operations) -> None:
    later = Entry(HERE, 7, 2**64, Outcome.STORED)  # no database has room for such a number
    with pytest.raises((StoreUnavailable, OverflowError, DataError)):
        operations.record(entries=[*entries(Outcome.STORED, 1), later], now=NOW)
    assert operations.book.tallies() == {}
