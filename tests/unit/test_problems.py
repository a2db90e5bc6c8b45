"""What ingest calls a problem, and since when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contract.condition import Condition
from contract.errors import StoreUnavailable
from ingest import problems
from ingest.answers import CurrentProblem, ProblemCode
from ingest.operations.quarantine import Fill
from ingest.pipeline import Answer, Delivery
from ingest.settings import QuarantineSection
from ingest.watch import Health, Settling

NOW = datetime(2026, 2, 6, 8, 0, tzinfo=UTC)
SOUND: dict[str, object] = {
    "backlog": {"messages": 0, "windows": 0, "oldest_hours": 0},
    "clock": "synchronised",
    "storage": "sound",
    "radio": "hearing",
    "space": "ample",
}


class Bench:
    """A clock that a test moves, and a database that it takes away."""

    def __init__(self) -> None:
        self.now = NOW
        self.is_away = False
        self.settling = Settling(self.settle, lambda: self.now, retry_seconds=30)

    def settle(self, _: Sequence[Delivery]) -> list[Answer]:
        if self.is_away:
            raise StoreUnavailable("it is away")
        return []

    def offer(self) -> None:
        """Offer a batch, as the subscriber does."""
        if self.is_away:
            with pytest.raises(StoreUnavailable):
                self.settling([])
        else:
            assert self.settling([]) == []


def test_a_batch_waits_since_it_was_offered_first_and_until_it_is_stored() -> None:
    bench = Bench()
    bench.offer()
    assert bench.settling.waiting_since() is None
    bench.is_away = True
    for _ in range(10):
        bench.offer()
        bench.now += timedelta(seconds=30)
        assert bench.settling.waiting_since() == NOW
    bench.is_away = False
    bench.offer()
    assert bench.settling.waiting_since() is None
    bench.is_away = True
    bench.offer()
    assert bench.settling.waiting_since() == NOW + timedelta(seconds=300)


def test_a_batch_that_is_never_offered_again_does_not_wait_for_ever() -> None:
    bench = Bench()
    bench.is_away = True
    bench.offer()
    bench.now += timedelta(seconds=69)
    assert bench.settling.waiting_since() == NOW
    bench.now += timedelta(seconds=1)
    assert bench.settling.waiting_since() is None
    bench.offer()
    assert bench.settling.waiting_since() == bench.now, "that is another batch"


def test_a_commit_that_hangs_is_waiting_although_it_has_not_failed() -> None:
    seen: list[datetime | None] = []
    bench = Bench()

    def hang(_: Sequence[Delivery]) -> list[Answer]:
        for seconds in (10, 1):
            bench.now += timedelta(seconds=seconds)
            seen.append(settling.waiting_since())
        return []

    settling = Settling(hang, lambda: bench.now, retry_seconds=30)
    settling([])
    assert seen == [None, NOW]


def test_a_commit_that_hangs_after_others_have_failed_goes_on_waiting() -> None:
    bench = Bench()

    def fail_or_hang(_: Sequence[Delivery]) -> list[Answer]:
        if bench.is_away:
            raise StoreUnavailable("it is away")
        bench.now += timedelta(hours=1)
        assert settling.waiting_since() == NOW
        return []

    settling = Settling(fail_or_hang, lambda: bench.now, retry_seconds=30)
    bench.is_away = True
    with pytest.raises(StoreUnavailable):
        settling([])
    bench.is_away = False
    settling([])
    assert settling.waiting_since() is None


def test_what_the_process_cannot_do_comes_first() -> None:
    health = Health(broker_away=NOW, store_away=None, operations_away=None, not_storing=NOW)
    assert list(problems.of_process(health)) == [
        CurrentProblem(code=ProblemCode.NOT_STORING, since=NOW),
        CurrentProblem(code=ProblemCode.BROKER_AWAY, since=NOW),
    ]


@pytest.mark.parametrize(
    ("messages", "megabytes", "percent"),
    [(899, 0, None), (900, 0, 90), (0, 9, 90), (1700, 3, 100), (999, 9.99, 99)],
)
def test_a_quarantine_is_nearly_full_by_messages_or_by_bytes(
    messages: int, megabytes: float, percent: int | None
) -> None:
    bounds = QuarantineSection(max_messages=1000, max_megabytes=10)
    found = list(problems.of_quarantine(Fill(messages, int(megabytes * 2**20), 0), bounds))
    assert [one.count for one in found] == ([] if percent is None else [percent])


def test_stations_are_counted_by_what_is_wrong_with_them() -> None:
    said: list[dict[str, object]] = [
        {},
        {"radio": "deaf"},
        {"radio": "absent", "clock": "waiting"},
        {"radio": "unused", "storage": "full"},
        {"storage": "read_only", "clock": "kept"},
        {"losses": {"damaged_files": 2}},
    ]
    conditions = [Condition.model_validate(SOUND | one) for one in said]
    assert {one.code.value: one.count for one in problems.of_stations(conditions)} == {
        "storage_full": 2, "files_damaged": 1, "clock_waiting": 1, "radio_deaf": 2,
    }  # fmt: skip
    assert list(problems.of_stations(conditions[:1])) == []
    assert list(problems.of_ledgers({"a", "b"})) == [
        CurrentProblem(code=ProblemCode.LEDGER_UNBALANCED, count=2)
    ]
    assert list(problems.of_ledgers(set())) == []
