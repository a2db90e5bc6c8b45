"""Frames are journalled by the time since the machine's start; here they get their real time. Pure.

No step of a clock can touch what is on disk, and nothing must be rewritten when the time becomes
known. A frame of an earlier start is dated if the agent knew then when that start was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contract.errors import Reason
from edge_agent.devices import blood_pressure, glucose
from edge_agent.frame import Frame
from edge_agent.station_clock import UNKNOWN_START

_RESULTS = frozenset({blood_pressure.MEASUREMENT_UUID, glucose.MEASUREMENT_UUID})


@dataclass(frozen=True, slots=True)
class Placed:
    """Frames with their real time, and frames that never get one."""

    dated: Sequence[Frame]
    undatable: Sequence[Frame]

    @property
    def undated(self) -> Counter[Reason]:
        """How many results are among the undatable."""
        results = sum(one.characteristic.lower() in _RESULTS for one in self.undatable)
        return Counter({Reason.UNDATED: results} if results else {})


def place(
    frames: Iterable[Frame],
    starts: Mapping[str, datetime],
    *,
    boot: str,
    since_start: datetime,
    hold: timedelta,
) -> Placed:
    """Give `frames` their real time, as far as the start of their machine is among `starts`.

    A frame of this `boot` waits for it, but no longer than `hold`, because exact values must not
    stay on disk for ever; `since_start` is the present moment by the count that frames carry. One
    of another boot waits in vain: what that machine counted is gone with it.
    """
    dated, undatable = list[Frame](), list[Frame]()
    for frame in frames:
        if not frame.boot:
            dated.append(frame)
        elif frame.boot in starts:
            shift = starts[frame.boot] - UNKNOWN_START
            dated.append(replace(frame, received_at=frame.received_at + shift))
        elif frame.boot != boot or since_start - frame.received_at > hold:
            undatable.append(frame)
    return Placed(dated, undatable)
