"""Sessions and windows of an audit, station by station, with numbers made by hand."""

from health_kiosk.audit.findings import Check
from health_kiosk.audit.sessions import Sessions
from health_kiosk.audit.windows import Use, Windows
from ingest.calendar import Week
from simulators.truth import StationAccount
from tests.unit.audit_facts import account

FIRST, SECOND, THIRD = Week(2026, 6), Week(2026, 7), Week(2026, 8)
NORMAL, GRADE1 = ("bp", "normal"), ("bp", "grade1")
MEASURED = {FIRST: {NORMAL: 8, GRADE1: 2}, SECOND: {NORMAL: 6}}
USED = {FIRST: Use(100, 40), SECOND: Use(100, 30)}

ByWeek = dict[Week, dict[tuple[str, str], int]]


def sessions(
    one: StationAccount, stored: ByWeek, since: Week | None = None, replayed: int = 0
) -> Check:
    checked = Sessions(since)
    checked.station(one, MEASURED, stored, replayed=replayed)
    return checked.done()


def windows(one: StationAccount, stored: dict[Week, Use], since: Week | None = None) -> Check:
    checked = Windows(since)
    checked.station(one, USED, stored)
    return checked.done()


def told(check: Check) -> list[str]:
    return [str(one) for one in check.differences]


def test_sessions_of_a_batch_that_ends_a_week_later_balance_by_week() -> None:
    one = account(stored=3, sessions=15, staged=1, by_week={"2026-W06": 7, "2026-W07": 8})
    check = sessions(one, {FIRST: {NORMAL: 5, GRADE1: 2}, SECOND: {NORMAL: 8}})
    assert told(check) == []
    assert check.notes == [
        "3 sessions are dated after the week they were measured in, because their batch ended then"
    ]


def test_a_session_may_not_be_dated_before_it_was_measured() -> None:
    one = account(stored=3, sessions=16, by_week={"2026-W06": 11, "2026-W07": 5})
    check = sessions(one, {FIRST: {NORMAL: 9, GRADE1: 2}, SECOND: {NORMAL: 5}})
    assert told(check) == [
        "BJ-CY-001, 2026-W06: sessions of bp normal: expected at most 8, found 9"
    ]


def test_a_session_too_many_of_a_category_is_named_even_if_the_sum_is_right() -> None:
    one = account(stored=3, sessions=16, by_week={"2026-W06": 10, "2026-W07": 6})
    stored = {FIRST: {NORMAL: 8, GRADE1: 2}, SECOND: {NORMAL: 5, GRADE1: 1}}
    assert told(sessions(one, stored)) == [
        "BJ-CY-001, 2026-W07: sessions of bp grade1: expected at most 0, found 1"
    ]


def test_sessions_that_the_account_does_not_know_of_are_told() -> None:
    one = account(stored=3, sessions=14, staged=1, by_week={"2026-W06": 10, "2026-W07": 4})
    assert told(sessions(one, {FIRST: {NORMAL: 8, GRADE1: 2}, SECOND: {NORMAL: 4}})) == [
        "BJ-CY-001: sessions measured, by truth; sent or staged: expected 16, found 15"
    ]


def test_pending_sessions_may_be_stored_or_not() -> None:
    one = account(stored=2, pending=1, sessions=10, by_week={"2026-W06": 10})
    first: ByWeek = {FIRST: {NORMAL: 8, GRADE1: 2}}
    for more in (0, 6):
        check = sessions(one, first | {SECOND: {NORMAL: more}})
        assert told(check) == []
        assert check.figures["on_their_way"] == 6
    assert told(sessions(one, {FIRST: {NORMAL: 8, GRADE1: 1}})) == [
        "BJ-CY-001, 2026-W06: sessions: expected 10 to 16, found 9"
    ]


def test_a_quarantined_message_takes_its_sessions_along_and_poison_takes_none() -> None:
    refused = account(stored=2, quarantined=1, sessions=10, by_week={"2026-W06": 10})
    stored: ByWeek = {FIRST: {NORMAL: 8, GRADE1: 2}}
    assert told(sessions(refused, stored)) == []
    poisoned = refused.model_copy(update={"poisoned": 1})
    assert len(told(sessions(poisoned, stored))) == 1
    again: ByWeek = stored | {SECOND: {NORMAL: 6}}
    assert len(told(sessions(refused, again))) == 1
    assert told(sessions(refused, again, replayed=1)) == []


def test_weeks_that_have_expired_are_told_and_not_compared() -> None:
    one = account(stored=3, sessions=16, by_week={"2026-W06": 10, "2026-W07": 6})
    check = sessions(one, {SECOND: {NORMAL: 6}}, since=SECOND)
    assert told(check) == []
    assert check.notes[-1].startswith("10 sessions of weeks before 2026-W07 have expired")
    assert len(told(sessions(one, {SECOND: {NORMAL: 5}}, since=SECOND))) == 1


def test_windows_are_compared_week_by_week() -> None:
    one = account(stored=2, windows=200)
    assert told(windows(one, dict(USED))) == []
    assert told(windows(one, {FIRST: Use(99, 40), SECOND: Use(101, 30)})) == [
        "BJ-CY-001, 2026-W06: windows: expected 100, found 99",
        "BJ-CY-001, 2026-W07: windows: expected 100, found 101",
    ]
    assert told(windows(one, USED | {SECOND: Use(100, 29)})) == [
        "BJ-CY-001, 2026-W07: entries: expected 30, found 29"
    ]


def test_windows_without_a_number_are_missing_in_any_week_but_no_more_than_those() -> None:
    one = account(stored=2, windows=190, unnumbered=10)
    check = windows(one, {FIRST: Use(95, 38), SECOND: Use(95, 29)})
    assert told(check) == []
    assert check.notes[0].startswith("10 windows of 1 stations are unnumbered")
    assert told(windows(one, {FIRST: Use(95, 38), SECOND: Use(94, 29)})) == [
        "BJ-CY-001: windows: expected 190, found 189"
    ]


def test_windows_that_nobody_accounts_for_are_told() -> None:
    one = account(stored=2, windows=199)
    assert told(windows(one, USED | {SECOND: Use(99, 30)})) == [
        "BJ-CY-001: windows made, by truth; sent or unnumbered: expected 200, found 199"
    ]


def test_weeks_whose_windows_have_expired_are_not_compared() -> None:
    one = account(stored=2, windows=200)
    assert told(windows(one, {SECOND: USED[SECOND]}, since=SECOND)) == []
    assert len(told(windows(one, {THIRD: Use(1, 0)}, since=SECOND))) == 2
