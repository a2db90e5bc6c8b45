"""Of every round one worker goes, on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

from ingest.operations import Operations


def test_a_round_is_taken_once_and_tells_which_was_before(operations: Operations) -> None:
    take = operations.rounds.take
    assert take("fleet", 100) == 0
    assert take("fleet", 100) is None
    assert take("fleet", 99) is None
    assert take("other", 100) == 0
    assert take("fleet", 105) == 100


def test_of_workers_that_come_together_one_goes(url: str) -> None:
    with (
        closing(Operations(url)) as one,
        closing(Operations(url)) as two,
        ThreadPoolExecutor(8) as threads,
    ):
        doors = [one.rounds, two.rounds] * 4
        taken = [
            list(threads.map(lambda door, at=number: door.take("fleet", at), doors))
            for number in range(1, 21)
        ]
    for number, answers in enumerate(taken, start=1):
        assert [answer for answer in answers if answer is not None] == [number - 1]


def test_the_last_round_is_known_to_all(operations: Operations) -> None:
    assert operations.rounds.last("ranking") == 0
    operations.rounds.take("ranking", 7)
    operations.rounds.take("fleet", 9)
    assert (operations.rounds.last("ranking"), operations.rounds.last("fleet")) == (7, 9)


def test_a_turn_keeps_others_out_until_it_ends(url: str) -> None:
    with (
        closing(Operations(url)) as one,
        closing(Operations(url)) as two,
        ThreadPoolExecutor(1) as threads,
    ):
        entered = Event()

        def enter() -> int:
            with two.rounds.turn("ranking"):
                entered.set()
                return two.rounds.last("ranking")

        with one.rounds.turn("ranking"), two.rounds.turn("another"):
            seen = threads.submit(enter)
            assert not entered.wait(0.2)
            one.rounds.take("ranking", 7)
        assert seen.result(timeout=20) == 7


def test_what_was_counted_is_not_touched_by_rounds(operations: Operations) -> None:
    operations.rounds.take("fleet", 7)
    assert operations.quarantine.fill().discarded == 0
