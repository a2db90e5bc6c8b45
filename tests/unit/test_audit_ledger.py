"""The ledger and quarantine of an audit, with numbers made by hand."""

from collections.abc import Mapping, Sequence

from health_kiosk.audit.findings import Check, Difference
from health_kiosk.audit.ledger import Book, Ledgers, ledgers
from health_kiosk.audit.quarantine import quarantine, refused_of
from ingest.ledger import Claim, Gap, Tally
from ingest.operations.book import Epoch
from simulators.truth import StationAccount
from tests.unit.audit_facts import STATION, account

HERE: Epoch = (STATION, 7)


def found(
    one: StationAccount,
    tallies: Mapping[Epoch, Tally],
    claims: Mapping[Epoch, Claim] | None = None,
    missing: Sequence[Gap] = (),
) -> Ledgers:
    return ledgers({one.station: one}, Book(tallies, claims or {}, lambda *_: missing))


def told(check: Check) -> list[str]:
    return [str(one) for one in check.differences]


def test_every_end_of_a_message_is_accounted_for() -> None:
    one = account(stored=6, quarantined=1, dropped=2, pending=3)
    checked = found(one, {HERE: Tally(stored=6, quarantined=1, highest=10)})
    assert told(checked.check) == []
    assert checked.check.says == (
        "12 messages of 1 stations balance: 6 stored, 1 quarantined, 2 dropped, 3 pending"
    )


def test_a_pending_message_may_have_arrived_and_a_dropped_one_too() -> None:
    one = account(stored=6, dropped=1, pending=2)
    for arrived in (6, 7, 8, 9):
        tally = Tally(stored=arrived, highest=9)
        assert told(found(one, {HERE: tally}).check) == []
    assert told(found(one, {HERE: Tally(stored=10, highest=9)}).check) == [
        "BJ-CY-001: messages in the ledger: expected 9, found 10"
    ]


def test_an_account_that_does_not_add_up_is_told() -> None:
    one = account(stored=6, numbered=8, pending=1)
    assert told(found(one, {HERE: Tally(stored=7, highest=8)}).check) == [
        "BJ-CY-001: messages by the account's own sum: expected 8, found 7"
    ]


def test_missing_numbers_are_named_and_many_are_cut_short() -> None:
    one = account(stored=40)
    tallies = {HERE: Tally(stored=35, highest=40)}
    few = found(one, tallies, missing=[Gap(3, 3), Gap(9, 12)])
    assert told(few.check) == [
        "BJ-CY-001: messages in the ledger: expected 40, found 35; never arrived: 3, 9–12"
    ]
    many = found(one, tallies, missing=[Gap(number, number) for number in range(1, 21, 2)])
    assert told(many.check)[0].endswith("never arrived: 1, 3, 5, 7, 9, 11, 13, 15, …")


def test_a_number_beyond_the_last_is_told_although_the_sum_is_right() -> None:
    assert told(found(account(stored=3), {HERE: Tally(stored=3, highest=9)}).check) == [
        "BJ-CY-001: highest number: expected 3, found 9"
    ]


def test_refused_messages_of_a_foreign_epoch_are_poison_up_to_as_many_as_were_sent() -> None:
    one = account(stored=2, poisoned=1)
    tallies = {HERE: Tally(stored=2, highest=2), (STATION, 99): Tally(quarantined=1, highest=1)}
    assert told(found(one, tallies).check) == []
    tallies[STATION, 98] = Tally(quarantined=1, highest=1)
    assert told(found(one, tallies).check) == [
        "BJ-CY-001: refused messages of other epochs, which poison has: expected at most 1, found 2"
    ]


def test_a_status_that_claims_more_than_the_account_is_told() -> None:
    claims = {HERE: Claim(epoch=7, numbered=3, pending=1, dropped=1)}
    told_of = told(found(account(stored=2), {HERE: Tally(stored=2, highest=2)}, claims).check)
    assert told_of == [
        "BJ-CY-001: messages numbered by its last status: expected 2, found 3",
        "BJ-CY-001: messages dropped by its last status: expected 0, found 1",
    ]


def test_what_the_centre_itself_calls_unbalanced_is_noted_beside_what_explains_it() -> None:
    one = account(stored=3, pending=1)
    checked = found(one, {HERE: Tally(stored=3, highest=4)}).check
    assert told(checked) == []
    assert checked.notes[0].startswith("the centre itself calls 1 stations unbalanced; 1 of them")


def test_a_refused_message_that_was_stored_after_all_is_counted_as_replayed() -> None:
    one = account(stored=2, quarantined=1, poisoned=1)
    checked = found(one, {HERE: Tally(stored=3, highest=3)})
    assert told(checked.check) == []
    assert checked.replayed == {STATION: 1}


def test_the_quarantine_holds_the_poison_of_each_station() -> None:
    accounts = {one: account(station=one, poisoned=2) for one in ("A", "B")}
    refused = refused_of(
        {("A", 7): Tally(quarantined=2), ("B", 7): Tally(1, 1), ("B", 8): Tally(0, 1)}
    )
    right = quarantine(accounts, {"A": 2, "B": 2}, 0, refused)
    assert told(right) == []
    assert right.says == "4 messages; it holds the poison that was sent (4)"
    wrong = quarantine(accounts, {"A": 3, "B": 1, "": 1}, 0, refused)
    assert wrong.differences == [
        Difference("a topic of no station", "", "messages in quarantine", "0", "1"),
        Difference("A", "", "messages in quarantine", "2", "3"),
        Difference("B", "", "messages in quarantine", "2", "1"),
    ]


def test_refused_messages_may_be_discarded_but_no_more_than_were_counted() -> None:
    accounts = {"A": account(station="A", poisoned=3)}
    assert told(quarantine(accounts, {"A": 1}, 2, {"A": 3})) == []
    assert told(quarantine(accounts, {"A": 1}, 1, {"A": 3})) == [
        "A: messages in quarantine: expected 3, found 1"
    ]


def test_poison_that_reached_no_ledger_is_noted() -> None:
    check = quarantine({"A": account(station="A", poisoned=3)}, {"A": 1}, 0, {"A": 1})
    assert told(check) == []
    assert check.figures["lost"] == 2
    assert check.notes[0].startswith("2 poisoned messages are in no ledger and not here")
