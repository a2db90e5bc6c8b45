"""What a station's clock shows while it is wrong and believed, and what it makes of that. Pure.

A clock jumps at a full quarter of an hour, so that each window is of one clock.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from contract.usage import WINDOW_SECONDS
from simulators.city import BEIJING_TIME
from simulators.fault_kinds import Fault, FaultKind
from simulators.fault_network import runs_through

_WINDOW = timedelta(seconds=WINDOW_SECONDS)


class _Jump(NamedTuple):
    """When a clock is wrong, by how much, and what it shows at the beginning and the end of it."""

    start: datetime
    end: datetime
    shift: timedelta
    first_shown: datetime
    last_shown: datetime


class WrongClock:
    """The clock of a station with some faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        faults = tuple(faults)
        self._cuts = [one for one in faults if one.kind is FaultKind.POWER_CUT]
        jumps = [_jump(one) for one in faults if one.kind is FaultKind.CLOCK_JUMP]
        self._jumps = sorted(jumps, key=lambda one: (one.start, one.shift), reverse=True)

    def shows(self, moment: datetime) -> datetime:
        """The time that the station takes it to be; of two jumps the later one counts."""
        jump = self._jump(moment)
        return moment if jump is None else moment + jump.shift

    def start_of(self, start: datetime) -> datetime | None:
        """The start that the window which truly begins at `start` gets; None if it is not made.

        It is not made if one of that start was made already: each is made once.
        """
        shown = self.shows(start)
        earlier = [
            shown - one.shift for one in self._jumps if one.first_shown <= shown < one.last_shown
        ]
        if shown < start:
            earlier.append(shown)
        taken = any(
            one < start and self.shows(one) == shown and runs_through(self._cuts, one + _WINDOW)
            for one in earlier
        )
        return None if taken else shown

    def days(self, day: date, moments: Iterable[datetime]) -> list[date | None]:
        """The day that each session of a day gets, in order of time; None if it is undated.

        The cuff's clock is right, so a station whose own has jumped finds that they differ. It
        dates the first reading after that by when it last heard the cuff, which is certain only if
        that was on the same day and is not in the future. The second one agrees with the first,
        and the difference is learned.
        """
        found: list[date | None] = []
        last_heard: datetime | None = None
        known: _Jump | None = self._jump(_midnight(day) - timedelta.resolution)
        for moment in moments:
            jump = self._jump(moment)
            shown = self.shows(moment)
            is_certain = jump is None or jump is known
            if last_heard is not None and last_heard <= shown:
                is_certain = is_certain or last_heard.date() == shown.date()
            found.append(shown.date() if is_certain else None)
            known, last_heard = jump, shown
        return found

    def _jump(self, moment: datetime) -> _Jump | None:
        """The jump that counts at a moment."""
        return next((one for one in self._jumps if one.start <= moment < one.end), None)


def _jump(fault: Fault) -> _Jump:
    shift = timedelta(hours=fault.amount)
    return _Jump(fault.start, fault.end, shift, fault.start + shift, fault.end + shift)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING_TIME)
