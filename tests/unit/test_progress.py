"""Which loops are stuck, on a clock in the test's hand."""

from edge_agent.progress import Progress


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_loop_is_stuck_after_a_period_and_two_turns_without_a_beat() -> None:
    watch = Watch()
    progress = Progress(10, watch)
    progress.expect({"desk": 1, "radio": 5})
    watch.now += 12
    assert progress.stuck() == ()
    watch.now += 0.1
    assert progress.stuck() == ("desk",)
    watch.now += 8
    assert progress.stuck() == ("desk", "radio")


def test_a_beat_frees_only_the_loop_that_beats() -> None:
    watch = Watch()
    progress = Progress(10, watch)
    progress.expect({"desk": 0, "radio": 0})
    watch.now += 11
    progress.beat("radio")
    assert progress.stuck() == ("desk",)
    progress.beat("desk")
    assert progress.stuck() == ()


def test_another_life_expects_other_loops_from_its_own_beginning() -> None:
    watch = Watch()
    progress = Progress(10, watch)
    progress.expect({"desk": 0, "radio": 0})
    watch.now += 11
    progress.expect({"desk": 0})
    assert progress.stuck() == ()
    progress.beat("radio")  # one of the earlier life's, too late
    watch.now += 11
    assert progress.stuck() == ("desk",)


def test_nothing_is_stuck_where_nothing_is_expected() -> None:
    progress = Progress(10, Watch())
    progress.beat("desk")
    assert progress.stuck() == ()
