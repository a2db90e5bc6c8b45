"""Both sides of the ledger put together."""

from ingest.ledger import Balance, Claim, Tally, balance


def claim(numbered: int, pending: int, dropped: int = 0) -> Claim:
    return Claim(epoch=7, numbered=numbered, pending=pending, dropped=dropped)


def test_a_ledger_at_rest_balances() -> None:
    found = balance(claim(10, pending=0), Tally(stored=9, quarantined=1, highest=10))
    assert found == Balance(10, stored=9, quarantined=1, dropped=0, pending=0)
    assert found.balanced


def test_what_was_settled_since_the_last_status_is_no_longer_pending() -> None:
    found = balance(claim(10, pending=3), Tally(stored=9, highest=9))
    assert (found.pending, found.balanced) == (1, True)


def test_what_was_numbered_since_the_last_status_counts() -> None:
    found = balance(claim(10, pending=0), Tally(stored=12, highest=12))
    assert (found.numbered, found.pending, found.balanced) == (12, 0, True)


def test_declared_drops_balance() -> None:
    assert balance(claim(10, pending=0, dropped=2), Tally(stored=8, highest=10)).balanced


def test_a_message_let_go_but_never_received_shows() -> None:
    found = balance(claim(10, pending=0), Tally(stored=9, highest=10))
    assert not found.balanced
