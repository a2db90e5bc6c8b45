"""The files of a centre: single sessions are in a room of their own, and in no other file."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from sqlite3 import connect

import pytest

from ingest.calendar import ZONE
from ingest.disclosure import RULES
from ingest.operations import Operations
from ingest.records import SessionRecord, identity
from ingest.release import release_due
from ingest.store.sqlite import SqliteStore, sessions_path
from ingest.windows import Audience, Level

SITES = (("BJ-CY-012", "110105"), ("BJ-DC-001", "110101"))
MONDAY = date(2026, 1, 5)
CLOSED = datetime(2026, 1, 28, tzinfo=ZONE)
WEEKS = 3
SUBTYPE = "a-mark-of-ours"
PULSE = 98_765_432_101_234  # six bytes that nothing else has

COPY = (
    "ATTACH '{sessions}' AS other;"
    "CREATE TABLE leaked AS SELECT {what} FROM other.sessions;"
    "PRAGMA secure_delete=OFF;"
)
COPIES = {
    "rows": COPY.format(sessions="{sessions}", what="*"),
    "rows deleted": COPY.format(sessions="{sessions}", what="*") + "DROP TABLE leaked;",
    "identities": COPY.format(sessions="{sessions}", what="at"),
    "values": COPY.format(sessions="{sessions}", what="pulse"),
}
"""What a careless store would do."""


def sessions() -> list[SessionRecord]:
    rng = Random(2)
    return [
        SessionRecord(
            station, district, "bp", identity(day, station, 7, 1, row), day,
            rng.choice(("grade2", "normal")), SUBTYPE, rng.choice((150, 165)), 105, PULSE,
            single=True, venue="bank",
        )
        for day in (MONDAY + timedelta(weeks=week) for week in range(WEEKS))
        for station, district in SITES
        for row in range(40)
    ]  # fmt: skip


def filled(directory: Path, stored: Sequence[SessionRecord]) -> None:
    """A centre that has stored these and released their weeks."""
    store = SqliteStore(directory / "store.sqlite")
    assert not store.write(stored)
    with closing(Operations(f"sqlite:///{directory}/operations.sqlite")) as operations:
        assert len(release_due(store, operations, RULES, CLOSED, 24)) == WEEKS
    shown = store.trends.cells(Audience.INTERNAL, Level.DISTRICT, SITES[0][1], "bp")
    assert any(cell.count for cell in shown)


def room(directory: Path, name: str) -> bytes:
    """Every byte of a database, in its file and in its log, after a checkpoint."""
    with closing(connect(directory / name)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return b"".join(path.read_bytes() for path in sorted(directory.glob(f"{name}*")))


def held(content: bytes, stored: Sequence[SessionRecord]) -> set[str]:
    """What of these sessions there is in a file, as text or as SQLite writes numbers."""
    found = set()
    if SUBTYPE.encode() in content:
        found.add("a row")
    if PULSE.to_bytes(6, "big") in content or str(PULSE).encode() in content:
        found.add("a value")
    for one in stored:
        if one.at.to_bytes(8, "big") in content or str(one.at).encode() in content:
            found.add("an identity")
    return found


def tallies(directory: Path) -> list[str]:
    """The sums by station and week that the operational database keeps, as they are written."""
    with closing(connect(directory / "operations.sqlite")) as database:
        return [counts for (counts,) in database.execute("SELECT counts FROM tallies")]


def test_single_sessions_are_in_their_own_file_alone(tmp_path: Path) -> None:
    stored = sessions()
    filled(tmp_path, stored)
    name = sessions_path(tmp_path / "store.sqlite").name
    assert held(room(tmp_path, name), stored) == {"a row", "a value", "an identity"}
    assert held(room(tmp_path, "store.sqlite"), stored) == set()
    assert held(room(tmp_path, "operations.sqlite"), stored) == set()
    files = {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()}
    assert {one for one in files if one.endswith(".sqlite")} == {
        name, "store.sqlite", "operations.sqlite",
    }  # fmt: skip
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_exact_tallies_are_in_the_operational_database_and_not_in_the_released_file(
    tmp_path: Path,
) -> None:
    """A tally is exact and of one station's week: who may read it must be as trusted as ingest."""
    filled(tmp_path, sessions())
    sums = tallies(tmp_path)
    assert len(sums) == WEEKS * len(SITES)
    assert all(sum(json.loads(one)[0]) == 40 for one in sums)
    released = room(tmp_path, "store.sqlite")
    with closing(connect(tmp_path / "store.sqlite")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert not any("tall" in name or "session" in name for name in tables)
    assert [one for one in sums if one.encode() in released] == []


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_of_sessions_in_the_released_file_would_be_found(kind: str, tmp_path: Path) -> None:
    stored = sessions()
    filled(tmp_path, stored)
    path = tmp_path / "store.sqlite"
    with closing(connect(path)) as database:
        database.executescript(COPIES[kind].replace("{sessions}", str(sessions_path(path))))
    assert held(room(tmp_path, "store.sqlite"), stored) != set()
