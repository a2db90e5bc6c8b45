"""The books of a run: what is counted by station and week, and the two files."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from contract.usage import WINDOW_SECONDS
from simulators.city import BEIJING_TIME, stations
from simulators.history import iso_week
from simulators.population import seeded
from simulators.station_days import station_day
from simulators.truth import (
    AccountHeader,
    LedgerFileError,
    StationAccount,
    StationWeek,
    TruthHeader,
    read_account,
    read_truth,
    write_account,
    write_truth,
)
from simulators.truth_book import TruthBook

FIRST, LAST = date(2026, 10, 28), date(2026, 11, 10)  # Wednesday to Tuesday: three weeks
CITY = stations(24, seeded(5))
HEADER = TruthHeader(seed=7, stations=24, first=FIRST, last=LAST, min_batch=5)
ACCOUNT = StationAccount(
    station="BJ-CY-001", epoch=9, numbered=10, stored=8, quarantined=1, dropped=0, pending=1,
    staged=3, sessions=12, windows=400, poisoned=1, by_week={"2026-W44": 12},
)  # fmt: skip


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING_TIME).timestamp())


def counted() -> TruthBook:
    """A book of one station's days and of nothing else."""
    book = TruthBook(CITY, FIRST, LAST)
    for offset in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(offset)
        for place, station in enumerate(CITY):
            for session in station_day(7, station, day).sessions:
                book.session(place, day, session)
            book.window(place, midnight(day), entries=place)
    return book


def test_every_station_has_a_line_for_each_week_in_order() -> None:
    weeks = list(counted().weeks())
    labels = ["2026-W44", "2026-W45", "2026-W46"]
    ids = sorted(station.id for station in CITY)
    assert [(week.station, week.week) for week in weeks] == [(i, w) for i in ids for w in labels]
    districts = {station.id: (station.district, station.venue) for station in CITY}
    assert {week.station: (week.district, week.venue) for week in weeks} == districts


def test_sessions_are_counted_by_what_they_are_and_by_what_the_person_is() -> None:
    expected: dict[tuple[str, str, str, str], int] = {}
    for offset in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(offset)
        for station in CITY:
            for one in station_day(7, station, day).sessions:
                place = (station.id, iso_week(day))
                if one.measure == "bp":
                    said = ("bp", str(one.row.c))
                else:
                    said = ("glucose", f"{one.measure.removeprefix('glu_')}/{one.row.c}")
                for kind in (("sessions", *said), ("truly", said[0], one.truly)):
                    key = (*place, kind[0], "/".join(kind[1:]))
                    expected[key] = expected.get(key, 0) + 1
    found = {
        (week.station, week.week, part, f"{measure}/{category}"): number
        for week in counted().weeks()
        for part, counts in (("sessions", week.sessions), ("truly", week.truly))
        for measure, categories in counts.items()
        for category, number in categories.items()
    }
    assert found == expected
    assert any("/diabetes" in key[3] for key in found)
    assert any("glucose/casual/" in key[3] for key in found)


def test_windows_and_entries_are_added_up_by_the_week_in_which_a_window_begins() -> None:
    book = TruthBook(CITY, FIRST, LAST)
    sunday_night = midnight(date(2026, 11, 2)) - WINDOW_SECONDS
    book.window(3, sunday_night, 4)
    book.window(3, sunday_night + WINDOW_SECONDS, 5)
    book.window(3, sunday_night + 2 * WINDOW_SECONDS, 6)
    found = {
        week.week: (week.windows, week.entries)
        for week in book.weeks()
        if week.station == CITY[3].id
    }
    assert found == {"2026-W44": (1, 4), "2026-W45": (2, 11), "2026-W46": (0, 0)}


def test_what_a_wrong_clock_puts_outside_the_run_is_told_too() -> None:
    book = TruthBook(CITY, FIRST, LAST)
    book.window(0, midnight(FIRST - timedelta(7)), 1)
    book.window(0, midnight(LAST + timedelta(7)), 2)
    odd = [(week.station, week.week) for week in book.weeks() if week.windows]
    assert odd == [(CITY[0].id, "2026-W43"), (CITY[0].id, "2026-W47")]
    assert len(list(book.weeks())) == 3 * len(CITY) + 2


def test_a_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, weeks = tmp_path / "t.jsonl", list(counted().weeks())
    write_truth(path, HEADER, weeks)
    header, back = read_truth(path)
    assert header == HEADER
    assert list(back) == weeks
    first, second = path.read_text(encoding="utf-8").splitlines()[:2]
    assert first == (
        '{"first":"2026-10-28","last":"2026-11-10","min_batch":5,"scenario":null,"seed":7,'
        '"stations":24,"truth":1}'
    )
    assert list(json.loads(second)) == sorted(StationWeek.model_fields)


def test_the_same_days_give_the_same_bytes_in_whatever_order_they_were_counted(
    tmp_path: Path,
) -> None:
    write_truth(tmp_path / "a", HEADER, counted().weeks())
    book = TruthBook(CITY, FIRST, LAST)
    for place in reversed(range(len(CITY))):
        for offset in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(offset)
            book.window(place, midnight(day), entries=place)
            for session in reversed(station_day(7, CITY[place], day).sessions):
                book.session(place, day, session)
    write_truth(tmp_path / "b", HEADER, book.weeks())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_account_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    until = datetime(2026, 11, 11, tzinfo=BEIJING_TIME)
    header = AccountHeader(
        seed=7, stations=24, first=FIRST, last=LAST, until=until, seconds=1.5, messages=9
    )
    write_account(path, header, [ACCOUNT])
    found, accounts = read_account(path)
    assert found == header
    assert list(accounts) == [ACCOUNT]
    assert "p50_seconds" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"truth":2,', "the whole line"),
        ('{"truth":2,"seed":1,"stations":1,"first":"2026-01-01","last":"2026-01-02","min_batch":5}',
         "truth: Input should be 1"),
        ('{"account":1}', "seed: Field required"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_one_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(LedgerFileError, match=f"t.jsonl, line 1: {problem}"):
        read_truth(path)


def test_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write_truth(path, HEADER, list(counted().weeks())[:2])
    path.write_text(path.read_text().replace('"windows":', '"window":', 2))
    _, weeks = read_truth(path)
    with pytest.raises(LedgerFileError, match="line 2: "):
        list(weeks)
