"""Whether a radio is called deaf does not depend on when somebody measured."""

from edge_agent.radio.hearing import Hearing


def test_a_silence_is_told_once_until_something_is_heard() -> None:
    hearing = Hearing(900, now=0)
    assert [hearing.look(now) for now in (899, 900, 1200)] == [False, True, False]
    assert hearing.is_deaf
    hearing.heard(1300)
    assert not hearing.is_deaf
    assert [hearing.look(now) for now in (2199, 2200)] == [False, True]


def test_a_cuff_in_use_does_not_cure_a_radio_that_was_called_deaf() -> None:
    hearing = Hearing(900, now=0)
    assert hearing.look(900)
    hearing.heard_own()
    assert hearing.is_deaf
    hearing.day_passed(5000)
    assert not hearing.is_deaf
    assert not hearing.look(5899)


def test_when_a_cuff_was_used_does_not_decide_when_the_radio_is_called_deaf() -> None:
    told = []
    for used_at in (10, 300, 880):
        hearing = Hearing(900, now=0)
        for now in range(0, 90_000, 10):
            if now == used_at:
                hearing.heard_own()
            if now == 40_000:
                hearing.day_passed(now)
            if hearing.look(now):
                told.append(now)
    assert told == [40_900] * 3
