"""A station's faults decide when the broker can hear it, and what becomes of its messages."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from simulators.city import BEIJING_TIME
from simulators.fault_effects import (
    copies,
    has_power,
    held_back,
    is_poisoned,
    next_change,
    next_reachable,
    reachable,
)
from simulators.faults import Fault, FaultKind

NINE = datetime(2026, 11, 3, 9, tzinfo=BEIJING_TIME)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
TICK = timedelta.resolution
CUTTING = (FaultKind.POWER_CUT, FaultKind.OFFLINE, FaultKind.EXPIRED_CERTIFICATE)


def fault(kind: FaultKind, start: float = 0, end: float = 1, amount: float = 1.0) -> Fault:
    return Fault(kind, NINE + start * HOUR, NINE + end * HOUR, amount)


@pytest.mark.parametrize("kind", FaultKind)
def test_only_some_faults_cut_a_station_off(kind: FaultKind) -> None:
    faults = (fault(kind, amount=20.0),)
    cuts = kind in CUTTING or kind is FaultKind.FLAPPING
    assert reachable(faults, NINE - TICK)
    assert reachable(faults, NINE) is not cuts
    assert reachable(faults, NINE + HOUR)
    assert (next_change(faults, NINE - HOUR) == NINE) is cuts
    assert has_power(faults, NINE) is (kind is not FaultKind.POWER_CUT)
    assert next_change(faults, NINE + HOUR) is None


@pytest.mark.parametrize("kind", CUTTING)
def test_a_station_is_cut_off_until_its_fault_is_over(kind: FaultKind) -> None:
    faults = (fault(kind), fault(kind, 3, 4))
    assert not reachable(faults, NINE + HOUR - TICK)
    assert next_change(faults, NINE) == next_reachable(faults, NINE) == NINE + HOUR
    assert next_change(faults, NINE + HOUR) == NINE + 3 * HOUR
    assert next_reachable(faults, NINE + HOUR) == NINE + HOUR


def test_a_flapping_connection_goes_and_comes() -> None:
    faults = (fault(FaultKind.FLAPPING, amount=20.0),)
    seen = [reachable(faults, NINE + number * 10 * SECOND) for number in range(8)]
    assert seen == [False, False, True, True, False, False, True, True]
    assert next_change(faults, NINE) == NINE + 20 * SECOND
    assert next_change(faults, NINE + 20 * SECOND) == NINE + 40 * SECOND
    assert next_reachable(faults, NINE + 45 * SECOND) == NINE + 60 * SECOND
    assert next_reachable(faults, NINE + 60 * SECOND) == NINE + 60 * SECOND
    odd = (Fault(FaultKind.FLAPPING, NINE, NINE + 50 * SECOND, 20.0),)
    assert next_reachable(odd, NINE + 41 * SECOND) == NINE + 50 * SECOND, "it ends while down"


def test_a_flap_of_an_odd_length_ends_all_the_same() -> None:
    faults = (fault(FaultKind.FLAPPING, amount=1.1),)
    moment, changes = NINE, 0
    while (after := next_change(faults, moment)) is not None:
        assert reachable(faults, after) is not reachable(faults, moment) or after == NINE + HOUR
        assert after > moment
        moment, changes = after, changes + 1
    assert changes == 3273  # 3600 / 1.1, rounded up


def test_a_station_is_heard_only_if_every_fault_lets_it_be() -> None:
    faults = (
        fault(FaultKind.OFFLINE, 0, 2),
        fault(FaultKind.POWER_CUT, 1, 3),
        fault(FaultKind.FLAPPING, 2.5, 4, 600.0),
        fault(FaultKind.EXPIRED_CERTIFICATE, 3, 3.1),
    )
    # At 3.1 hours the connection flaps for the fourth time, and so it is up.
    assert next_reachable(faults, NINE) == NINE + 3.1 * HOUR
    assert next_change(faults, NINE) == NINE + HOUR
    assert next_change(faults, NINE + 2.2 * HOUR) == NINE + 2.5 * HOUR
    assert [has_power(faults, NINE + hour * HOUR) for hour in (0, 1, 2.9, 3)] == [
        True, False, False, True,
    ]  # fmt: skip


Question = Callable[[Sequence[Fault], datetime, Random], int | bool]


@pytest.mark.parametrize(
    ("ask", "kind", "usual"),
    [
        (copies, FaultKind.DUPLICATED, 1),
        (held_back, FaultKind.REORDERED, 0),
        (is_poisoned, FaultKind.POISON, 0),
    ],
)
def test_a_share_of_messages_is_struck_while_the_fault_is_there(
    ask: Question, kind: FaultKind, usual: int
) -> None:
    def struck(moment: datetime, *amounts: float) -> float:
        faults = [fault(one, amount=1.0) for one in FaultKind if one is not kind]
        faults += [fault(kind, amount=amount) for amount in amounts]
        rng = Random(5)
        return sum(int(ask(faults, moment, rng)) - usual for _ in range(4000)) / 4000

    assert struck(NINE) == 0
    assert struck(NINE, 1.0) == 1
    assert struck(NINE, 0.0) == 0
    assert struck(NINE, 0.25) == pytest.approx(0.25, abs=0.021)
    assert struck(NINE, 0.25, 0.05) == struck(NINE, 0.25), "the larger share counts"
    assert struck(NINE + HOUR, 1.0) == struck(NINE - TICK, 1.0) == 0
