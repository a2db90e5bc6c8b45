"""What is on its way is sent again after a time that doubles, until a receipt comes."""

from random import Random

from edge_agent.flights import LONGEST_PATIENCE_SECONDS, Flights

A, B = (7, 1), (7, 2)


def flights() -> Flights:
    return Flights(30, Random(1))


def send(flown: Flights, key: tuple[int, int], ticket: int, now: float) -> float:
    """Send and have it acknowledged; when it is due again."""
    flown.sent(key, ticket, now, is_live=False, size=10)
    assert flown.answered(ticket) == key
    due = flown.next_due()
    assert due is not None
    return due


def test_a_message_is_due_again_after_the_timeout_and_not_before() -> None:
    flown = flights()
    due = send(flown, A, 1, now=100)
    assert 130 <= due <= 137.5
    assert flown.due(due - 0.01) == set()
    assert flown.due(due) == {A}


def test_the_time_doubles_with_each_copy_up_to_a_quarter_of_an_hour() -> None:
    flown = flights()
    patience = []
    now = 0.0
    for ticket in range(1, 9):
        due = send(flown, A, ticket, now)
        patience.append(due - now)
        now = due
    for waited, least in zip(patience, (30, 60, 120, 240, 480, 900, 900, 900), strict=True):
        assert least <= waited <= least * 1.25
    assert LONGEST_PATIENCE_SECONDS == 900


def test_any_receipt_brings_every_message_back_to_the_first_timeout() -> None:
    flown = flights()
    now = 0.0
    for ticket in range(1, 7):
        now = send(flown, A, ticket, now)
    assert flown.is_silent
    flown.sent(B, 10, now - 900, is_live=False, size=1)
    flown.landed([B], now - 890)
    due = flown.next_due()
    assert due is not None
    assert due <= now - 890 + 37.5
    assert not flown.is_silent


def test_nothing_is_sent_again_while_the_broker_owes_an_answer() -> None:
    flown = flights()
    flown.sent(A, 1, 0, is_live=True, size=10)
    assert flown.due(10_000) == set()
    assert flown.next_due() is None
    assert (flown.unanswered, flown.unacknowledged_bytes, flown.live) == (1, 10, 1)
    assert flown.largest_unanswered() == 10


def test_a_receipt_before_the_acknowledgement_leaves_nothing_behind() -> None:
    flown = flights()
    flown.sent(A, 1, 0, is_live=True, size=10)
    flown.landed([A, B], 1)
    assert flown.answered(1) is None
    assert (len(flown), flown.live, flown.unanswered, flown.unacknowledged_bytes) == (0, 0, 0, 0)
    assert flown.next_due() is None


def test_after_a_lost_connection_nothing_is_on_its_way() -> None:
    flown = flights()
    send(flown, A, 1, 0)
    send(flown, A, 2, 40)
    flown.forget_all()
    assert A not in flown
    assert not flown.is_silent
    assert flown.due(1e6) == set()


def test_what_nobody_heard_is_sent_again_soon_and_then_ever_more_rarely() -> None:
    flown = flights()
    now, gaps = 0.0, []
    for ticket in range(1, 8):
        flown.sent(A, ticket, now, is_live=False, size=1)
        assert flown.answered(ticket) == A
        flown.unheard(A, now)
        due = flown.next_due()
        assert due is not None
        gaps.append(due - now)
        now = due
    for gap, least in zip(gaps, (2, 4, 8, 16, 32, 64, 128), strict=True):
        assert least <= gap <= 1.25 * least
    flown.forget_all()
    flown.unheard(A, now)
    assert flown.next_due() is None
