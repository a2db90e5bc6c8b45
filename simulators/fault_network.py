"""What a station's faults do to its connection and to the messages on it. Pure.

Of faults of one kind at one moment the largest amount counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from simulators.fault_kinds import Fault, FaultKind

CUTTING = frozenset(
    {
        FaultKind.POWER_CUT,
        FaultKind.OFFLINE,
        FaultKind.EXPIRED_CERTIFICATE,
        FaultKind.FLAPPING,
    }
)
"""The faults that keep station and broker apart."""


def has_power(faults: Sequence[Fault], moment: datetime) -> bool:
    """Whether the station runs; after a power cut it is born anew, with another `boot`."""
    return not any(one.kind is FaultKind.POWER_CUT and one.holds(moment) for one in faults)


def runs_through(faults: Sequence[Fault], moment: datetime) -> bool:
    """Whether the station runs before and at a moment, so that it closes the window that ends."""
    return not any(
        one.kind is FaultKind.POWER_CUT and one.start <= moment <= one.end for one in faults
    )


def reachable(faults: Sequence[Fault], moment: datetime) -> bool:
    """Whether the station and the broker can speak to each other."""
    return not any(_cuts(one, moment) for one in faults)


def next_reachable(faults: Sequence[Fault], moment: datetime) -> datetime:
    """The first moment from `moment` on at which the station and the broker can speak."""
    while blocking := [one for one in faults if _cuts(one, moment)]:
        moment = max(_next_edge(one, moment) for one in blocking)
    return moment


def next_change(faults: Sequence[Fault], moment: datetime) -> datetime | None:
    """When `reachable` or `has_power` may next answer otherwise than at `moment`; None: never."""
    edges = [
        one.start if moment < one.start else _next_edge(one, moment)
        for one in faults
        if one.kind in CUTTING and moment < one.end
    ]
    return min(edges, default=None)


def copies(faults: Sequence[Fault], moment: datetime, rng: Random) -> int:
    """How often a message leaves at once: 2 if it is duplicated, otherwise 1."""
    return 1 + _strikes(FaultKind.DUPLICATED, faults, moment, rng)


def held_back(faults: Sequence[Fault], moment: datetime, rng: Random) -> bool:
    """Whether a message lets the one behind it leave first."""
    return _strikes(FaultKind.REORDERED, faults, moment, rng)


def is_poisoned(faults: Sequence[Fault], moment: datetime, rng: Random) -> bool:
    """Whether a broken message leaves together with a message; see `simulators.fault_poison`."""
    return _strikes(FaultKind.POISON, faults, moment, rng)


def largest(kind: FaultKind, faults: Sequence[Fault], moment: datetime) -> float | None:
    """The amount that counts of the faults of a kind at a moment; None if there are none."""
    return max(
        (one.amount for one in faults if one.kind is kind and one.holds(moment)), default=None
    )


def _strikes(kind: FaultKind, faults: Sequence[Fault], moment: datetime, rng: Random) -> bool:
    share = largest(kind, faults, moment)
    return share is not None and rng.random() < share


def _cuts(fault: Fault, moment: datetime) -> bool:
    if fault.kind not in CUTTING or not fault.holds(moment):
        return False
    return fault.kind is not FaultKind.FLAPPING or _flaps(fault, moment) % 2 == 0


def _flaps(fault: Fault, moment: datetime) -> int:
    """How many flaps of a network are over; it is down in the first and in every other one."""
    return (moment - fault.start) // timedelta(seconds=fault.amount)


def _next_edge(fault: Fault, moment: datetime) -> datetime:
    """When a fault that is there is next over, or next changes its mind."""
    if fault.kind is not FaultKind.FLAPPING:
        return fault.end
    edge = fault.start + (_flaps(fault, moment) + 1) * timedelta(seconds=fault.amount)
    return min(edge, fault.end)
