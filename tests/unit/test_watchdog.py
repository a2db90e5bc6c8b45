"""What a silent radio calls for, step by step."""

from edge_agent.radio.watchdog import Remedy, Watchdog


def test_each_further_silence_calls_for_more() -> None:
    dog = Watchdog(300, now=0)
    assert [dog.look(now) for now in (299, 300, 301, 600, 900, 1200)] == [
        Remedy.NONE,
        Remedy.RESTART_SCAN,
        Remedy.NONE,
        Remedy.POWER_CYCLE,
        Remedy.REPORT,
        Remedy.RESTART_SCAN,
    ]
    assert dog.is_deaf


def test_anything_heard_makes_it_begin_again() -> None:
    dog = Watchdog(300, now=0)
    assert dog.look(300) is Remedy.RESTART_SCAN
    dog.heard(301)
    assert not dog.is_deaf
    assert dog.look(600) is Remedy.NONE
    assert dog.look(601) is Remedy.RESTART_SCAN
