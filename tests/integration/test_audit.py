"""The audit of a small city that was really sent: it balances, and names the one thing broken."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from health_kiosk.audit import Difference, Findings
from ingest.store.sqlite import sessions_path
from tests.integration.audited_city import Audited, embedded, lived
from tests.integration.broker import running_broker

CHECKS = ["ledger", "quarantine", "sessions", "windows", "counted", "cells", "shares"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    directory = tmp_path_factory.mktemp("audited")
    with running_broker(directory) as broker:
        return lived(broker, directory, embedded(directory), 64)


@pytest.fixture
def copy(city: Audited, tmp_path: Path) -> Audited:
    """The city's files, to be broken."""
    return city.copied(tmp_path)


def ask(file: Path, *statements: str) -> list[Any]:
    """The first row that each statement finds, after all are committed."""
    with closing(sqlite3.connect(file)) as database, database:
        return [database.execute(statement).fetchone() for statement in statements]


def change_accounts(city: Audited, change: Callable[[dict[str, Any]], None]) -> None:
    """Write the account anew with every station's line changed."""
    header, *lines = city.account.read_text().splitlines()
    stations = [json.loads(line) for line in lines]
    for station in stations:
        change(station)
    city.account.write_text("\n".join([header, *map(json.dumps, stations)]) + "\n")


def failed(findings: Findings) -> list[str]:
    return [check.name for check in findings.checks if not check.balances]


def only(findings: Findings, name: str) -> Difference:
    """The one difference of a check."""
    (difference,) = findings.of(name).differences
    return difference


def test_a_city_that_was_sent_whole_balances(city: Audited) -> None:
    findings = city.audit()
    assert [check.name for check in findings.checks] == CHECKS
    assert failed(findings) == []
    ledger, sessions, windows = (
        findings.of(name).figures for name in CHECKS[:4] if name != CHECKS[1]
    )
    assert ledger["numbered"] == ledger["stored"] + 1 > 500
    assert ledger["quarantined"] == 1
    assert findings.of("quarantine").figures["kept"] == 2
    assert sessions["measured"] == sessions["stored"] + sessions["staged"] > 3000
    assert sessions["dated_later"] > 0
    assert windows["stored"] > 30_000
    assert windows["entries"] > 10_000
    assert findings.of("counted").figures["counted"] == sessions["stored"]
    shares = findings.of("shares").figures
    assert shares["internal station shares"] > 50
    assert shares["public district shares"] > 20
    assert shares["held"] >= 0.95 * shares["shares"] > 300
    assert findings.of("cells").figures["shown"] > shares["shares"]
    assert findings.of("cells").figures["small_part"] > 0


def test_a_lost_session_is_named_by_station_and_week(copy: Audited) -> None:
    file = sessions_path(copy.settings.store.path)
    ((week, station, count),) = ask(
        file, "SELECT week, station, count(*) FROM sessions GROUP BY 1, 2 ORDER BY random() LIMIT 1"
    )
    where = f"week = '{week}' AND station = '{station}'"
    ask(file, f"DELETE FROM sessions WHERE at = (SELECT max(at) FROM sessions WHERE {where})")  # noqa: S608
    findings = copy.audit()
    assert failed(findings) == ["sessions", "counted"]
    lost = Difference(station, week, "sessions", str(count), str(count - 1))
    assert only(findings, "sessions") == lost
    assert (only(findings, "counted").place, only(findings, "counted").week) == (station, week)


def test_a_lost_session_is_found_also_where_the_account_tells_no_weeks(copy: Audited) -> None:
    change_accounts(copy, lambda station: station.pop("by_week"))
    assert failed(copy.audit()) == []
    assert "over the whole run" in copy.audit().of("sessions").notes[-1]
    file = sessions_path(copy.settings.store.path)
    ((station, count),) = ask(file, "SELECT station, count(*) FROM sessions GROUP BY 1 LIMIT 1")
    first = f"SELECT min(at) FROM sessions WHERE station = '{station}'"  # noqa: S608
    ask(file, f"DELETE FROM sessions WHERE at = ({first})")  # noqa: S608
    found = only(copy.audit(), "sessions")
    assert found == Difference(station, "", "sessions", str(count), str(count - 1))


def test_a_session_that_changes_its_category_is_named(copy: Audited) -> None:
    file = sessions_path(copy.settings.store.path)
    change = (
        "UPDATE sessions SET category = 'grade3' WHERE at ="
        " (SELECT min(at) FROM sessions WHERE week = '2026-W06' AND category = 'normal'"
        " AND station NOT IN (SELECT station FROM sessions WHERE category = 'grade3'))"
        " RETURNING station"
    )
    ((station,),) = ask(file, change)
    findings = copy.audit()
    assert failed(findings) == ["sessions"]
    found = only(findings, "sessions")
    assert (found.place, found.what, found.found) == (station, "sessions of bp grade3", "1")


def test_a_doubled_window_is_named_by_station_and_week(copy: Audited) -> None:
    file = copy.settings.store.path
    double = (
        "INSERT INTO usage SELECT station, start + 7, district, entries, occupied, mean, peak,"
        " level FROM usage ORDER BY random() LIMIT 1 RETURNING station, (start + 28800 - 345600)"
        " / 604800"
    )
    ((station, weeks),) = ask(file, double)
    monday = "2026-W06" if weeks == 2926 else "2026-W07" if weeks == 2927 else "2026-W08"
    findings = copy.audit()
    assert failed(findings) == ["windows"]
    found = only(findings, "windows")
    assert (found.place, found.week, found.what) == (station, monday, "windows")
    assert int(found.found) == int(found.expected) + 1


def test_a_window_that_counts_one_person_more_is_named(copy: Audited) -> None:
    change = (
        "UPDATE usage SET entries = entries + 1 WHERE (station, start) ="
        " (SELECT station, max(start) FROM usage WHERE entries > 0 GROUP BY station LIMIT 1)"
        " RETURNING station"
    )
    ((station,),) = ask(copy.settings.store.path, change)
    found = only(copy.audit(), "windows")
    assert (found.place, found.week, found.what) == (station, "2026-W08", "entries")
    assert int(found.found) == int(found.expected) + 1


def operations(city: Audited) -> Path:
    return city.directory / "operations.sqlite"


def test_a_gap_in_the_ledger_is_named_with_its_number(copy: Audited) -> None:
    ((station, numbers),) = ask(
        operations(copy), "SELECT station, count(*) FROM ledger GROUP BY 1 ORDER BY 1 DESC LIMIT 1"
    )
    ask(operations(copy), f"DELETE FROM ledger WHERE station = '{station}' AND seq = 4")  # noqa: S608
    findings = copy.audit()
    assert failed(findings) == ["ledger"]
    what = "messages in the ledger"
    expected = Difference(station, "", what, str(numbers), f"{numbers - 1}; never arrived: 4")
    assert only(findings, "ledger") == expected


def test_a_message_that_no_station_of_the_run_sent_is_named(copy: Audited) -> None:
    ask(operations(copy), "INSERT INTO ledger VALUES ('BJ-XX-999', 5, 1, 'stored')")
    found = only(copy.audit(), "ledger")
    assert found.place == "BJ-XX-999"
    assert "not in the account" in found.what


def test_a_message_of_another_life_of_a_station_is_named(copy: Audited) -> None:
    ask(operations(copy), f"INSERT INTO ledger VALUES ('{copy.poisoned}', 5, 1, 'stored')")  # noqa: S608
    found = only(copy.audit(), "ledger")
    assert (found.place, found.what, found.found) == (
        copy.poisoned, "messages stored of another epoch, 5", "1",
    )  # fmt: skip


def test_a_stored_message_that_is_written_down_as_refused_is_named(copy: Audited) -> None:
    change = "UPDATE ledger SET outcome = 'quarantined' WHERE seq = 2 AND station = 'BJ-CY-001'"
    ask(operations(copy), change)
    found = only(copy.audit(), "ledger")
    assert (found.place, found.what) == ("BJ-CY-001", "messages stored")
    assert int(found.found) == int(found.expected) - 1


def test_a_message_too_many_in_quarantine_is_named(copy: Audited) -> None:
    add = (
        "INSERT INTO quarantine SELECT 'other', received_at, topic, reason, detail, payload,"
        " 'BJ-CY-001' FROM quarantine LIMIT 1"
    )
    ask(operations(copy), add)
    findings = copy.audit()
    assert failed(findings) == ["quarantine"]
    assert only(findings, "quarantine") == Difference(
        "BJ-CY-001", "", "messages in quarantine", "0", "1"
    )


def test_poison_that_left_the_quarantine_unseen_is_named_and_discarded_poison_is_not(
    copy: Audited,
) -> None:
    ask(operations(copy), "DELETE FROM quarantine")
    found = only(copy.audit(), "quarantine")
    assert (found.place, found.expected, found.found) == (copy.poisoned, "2", "0")
    ask(operations(copy), "INSERT INTO counters VALUES ('quarantine_discarded', 2)")
    findings = copy.audit()
    assert failed(findings) == []
    assert findings.of("quarantine").figures["discarded"] == 2


def test_poison_that_was_mended_and_stored_after_all_is_accounted_for(copy: Audited) -> None:
    mine = f"seq > 1 AND station = '{copy.poisoned}'"
    ask(operations(copy), f"UPDATE ledger SET outcome = 'stored' WHERE {mine}")  # noqa: S608
    longest = "SELECT max(length(payload)) FROM quarantine"
    ask(operations(copy), f"DELETE FROM quarantine WHERE length(payload) = ({longest})")  # noqa: S608
    findings = copy.audit()
    assert failed(findings) == []
    assert findings.of("ledger").figures["replayed"] == 1


def test_a_changed_released_share_is_named(copy: Audited) -> None:
    file = copy.settings.store.path
    area = "level = 'city' AND audience = 'internal' AND measure = 'bp' AND first = '2026-02-09'"
    ((cells,),) = ask(file, f"SELECT cells FROM trends WHERE {area}")  # noqa: S608
    told = json.loads(cells)
    high = next(one for one in told if one[0] == "high")
    high[4:7] = [high[4] + 9, high[5] + 9, high[6] + 9]
    ask(file, f"UPDATE trends SET cells = '{json.dumps(told)}' WHERE {area}")  # noqa: S608
    findings = copy.audit()
    name = "internal:city:110000:2026-W07:bp:high"
    found = only(findings, "cells")
    assert (found.place, found.week) == (name, "2026-W07")
    assert found.found.split(", ")[1].startswith(f"{high[4]} % ")
    assert found.expected.split(", ")[1].startswith(f"{high[4] - 9} % ")
    assert failed(findings) == ["cells", "shares"]
    assert only(findings, "shares").place == name


def test_a_released_area_that_nobody_has_measured_in_is_named(copy: Audited) -> None:
    move = (
        "UPDATE trends SET area = 'gas' WHERE level = 'venue' AND area = 'hub'"
        " AND first = '2026-02-02' AND measure = 'bp' AND audience = 'internal'"
    )
    file = copy.settings.store.path
    ask(
        file,
        move.replace("UPDATE trends SET area = 'gas'", "DELETE FROM trends").replace("hub", "gas"),
        move,
    )
    header, *lines = copy.truth.read_text().splitlines()
    weeks = [json.loads(line) for line in lines]
    for week in weeks:
        week["venue"] = week["venue"].replace("gas", "bank")
    copy.truth.write_text("\n".join([header, *map(json.dumps, weeks)]) + "\n")
    findings = copy.audit()
    named = {one.place for one in findings.of("shares").differences if one.expected == "0"}
    assert "internal:venue:gas:2026-W06:bp:high" in named
    lacking = {one.place for one in findings.of("cells").differences if one.what == "cells"}
    assert lacking == {"internal:venue:hub:2026-W06:bp"}


def test_a_week_that_only_the_store_calls_released_is_named(copy: Audited) -> None:
    ask(copy.settings.store.path, "INSERT INTO releases VALUES ('2026-W09')")
    assert only(copy.audit(), "counted").week == "2026-W09"
