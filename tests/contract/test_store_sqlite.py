"""What only the embedded store promises: who may read its files, what is gone, what it scans."""

import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from contract.errors import StoreUnavailable
from ingest.calendar import week_of
from ingest.records import Record
from ingest.settings import RetentionSection
from ingest.store import sqlite_file
from ingest.store.expiry import Expiry
from ingest.store.sqlite import SqliteStore, sessions_path
from ingest.store.sqlite_file import SqliteFile
from ingest.usage import Kind, Site, StationHour, hour_of
from ingest.windows import Audience, Level, block_of
from tests.contract.stores import CHAOYANG, CLOSED, STATION, WEEK, in_hours_of, sessions, usage
from tests.contract.test_store_trends import cells

TODAY = CLOSED.date()
ODD = "a-word-that-nothing-else-holds"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "store.sqlite"


def keeping(
    path: Path, raw_days: int = 60, usage_days: int = 10, trends_days: int = 0
) -> SqliteStore:
    retention = RetentionSection(raw_days=raw_days, usage_days=usage_days, trends_days=trends_days)
    return SqliteStore(path, Expiry(retention, lambda: CLOSED))


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_who_has_the_released_file_has_no_session(path: Path) -> None:
    store = SqliteStore(path)
    store.write([*(one._replace(subtype=ODD) for one in sessions(5, 1)), usage(9, 0.5)])
    store.trends.publish(cells(), {})
    released = b"".join(file.read_bytes() for file in path.parent.glob("store.sqlite*"))
    others = b"".join(file.read_bytes() for file in path.parent.glob("store-sessions.sqlite*"))
    assert ODD.encode() in others
    assert ODD.encode() not in released
    assert CHAOYANG.encode() in released
    tables = rows(path, "SELECT name FROM sqlite_master WHERE sql LIKE '%session%'")
    assert tables == []


def test_nobody_but_the_owner_may_open_either_file(path: Path) -> None:
    store = SqliteStore(path)
    store.write([*sessions(1, 0), usage(9, 0.5)])
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"store.sqlite", "store-sessions.sqlite", "store-sessions.sqlite-wal"} <= set(modes)


def test_the_rights_that_an_operator_gave_stay_as_they_are(path: Path) -> None:
    SqliteStore(path)
    path.chmod(0o640)
    SqliteStore(path).write([usage(9, 0.5)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_write_of_both_kinds_that_broke_off_between_the_files_can_be_repeated(
    path: Path,
) -> None:
    store = SqliteStore(path)
    mixed: list[Record] = [usage(9, 0.5), *sessions(3, 1), usage(10, 0.5)]
    for file in path.parent.glob("store.sqlite*"):
        file.rename(file.with_name(f"away-{file.name}"))
    path.mkdir()
    with pytest.raises(StoreUnavailable):
        store.write(mixed)
    path.rmdir()
    for file in path.parent.glob("away-*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))
    assert store.write(mixed) == []
    assert store.trends.session_counts(WEEK) == {STATION: 3}
    assert in_hours_of(store, usage(9, None), usage(10, None)) == [(1, 0.5)] * 2


def test_what_has_expired_is_gone_from_the_disk(path: Path) -> None:
    everything = SqliteStore(path)
    old = TODAY - timedelta(days=80)
    aged = [one._replace(subtype=ODD) for one in sessions(7, 2, old)]
    windows = [
        usage(hour, 0.5, day=TODAY - timedelta(days=ago)) for hour in (8, 9) for ago in (0, 20)
    ]
    everything.write([*aged, *sessions(3, 1), *windows])
    hours = {StationHour(one.station, hour_of(one.start)) for one in windows}
    everything.rollups.roll_up(hours, {"S1": Site("hub")})
    everything.rollups.roll_up_areas({one.start for one in hours})
    made = rows(path, "SELECT count(*) FROM usage_hours")[0][0]
    gone = keeping(path).expire()
    left = rows(path, "SELECT count(*) FROM usage_hours")[0][0]
    assert isinstance(made, int)
    assert isinstance(left, int)
    assert gone == 7 + 2 + (made - left)
    assert 2 * left == made
    assert everything.trends.weeks() == [WEEK]
    assert everything.trends.session_counts(week_of(old)) == {}
    assert len(everything.rollups.hours(Kind.STATION, "S1", 0, 2**40)) == 2
    for file in path.parent.iterdir():
        assert ODD.encode() not in file.read_bytes(), file.name
    assert keeping(path).expire() == 0


def test_trends_expire_after_their_own_time(path: Path) -> None:
    store = keeping(path, trends_days=30)
    old, young = block_of(week_of(TODAY - timedelta(days=60)), 1), block_of(WEEK, 1)
    for window in (old, young):
        store.trends.publish(cells(window=window), {})
    assert store.expire() == 1
    found = store.trends.cells(Audience.INTERNAL, Level.DISTRICT, CHAOYANG, "bp")
    assert {one.window for one in found} == {young}


def test_writers_come_in_between_while_much_expires(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_ROWS_AT_A_TIME", 10)
    store = SqliteStore(path)
    store.write(sessions(500, 1, TODAY - timedelta(days=80)))
    written: list[int] = []
    done = threading.Event()

    def write() -> None:
        while not done.wait(0.005):
            store.write(sessions(1, 1, seq=len(written) + 2))
            written.append(len(rows(sessions_path(path), "SELECT 1 FROM sessions")))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert keeping(path).expire() == 500
    finally:
        done.set()
        writer.join()
    assert sum(1 for count in written if 10 < count < 490) > 3


def test_a_release_does_not_read_sessions_that_it_does_not_count(path: Path) -> None:
    SqliteStore(path)
    of_week = "EXPLAIN QUERY PLAN SELECT station, sessions FROM session_counts WHERE week = 'W'"
    of_station = "EXPLAIN QUERY PLAN SELECT * FROM sessions WHERE week = 'W' AND station = 'S'"
    plans = [rows(sessions_path(path), query) for query in (of_week, of_station)]
    assert [plan[0][3] for plan in plans] == [
        "SEARCH session_counts USING PRIMARY KEY (week=?)",
        "SEARCH sessions USING PRIMARY KEY (week=? AND station=?)",
    ]


def test_many_may_open_new_files_together(path: Path) -> None:
    failed: list[Exception] = []

    def start() -> None:
        try:
            SqliteFile(path, "CREATE TABLE IF NOT EXISTS some (thing TEXT)")
        except StoreUnavailable as error:
            failed.append(error)

    starters = [threading.Thread(target=start) for _ in range(8)]
    for one in starters:
        one.start()
    for one in starters:
        one.join()
    assert failed == []
