"""What a station's faults do to its sessions and windows, as a real station's agent would. Pure.

Where faults overlap: without power nothing is measured or made, whatever else there is; then the
sensors and the cuff fail; then the station's clock puts its dates; then what waits is given up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

from contract.errors import Reason
from contract.usage import WINDOW_SECONDS, UsageWindow
from simulators.city import BEIJING_TIME
from simulators.fault_clock import WrongClock
from simulators.fault_kinds import Fault, FaultKind
from simulators.fault_network import CUTTING, largest, runs_through
from simulators.fault_network import copies as copies
from simulators.fault_network import has_power as has_power
from simulators.fault_network import held_back as held_back
from simulators.fault_network import is_poisoned as is_poisoned
from simulators.fault_network import next_change as next_change
from simulators.fault_network import next_reachable as next_reachable
from simulators.fault_network import reachable as reachable
from simulators.station_days import Session, StationDay

_UNSEEN = timedelta(minutes=1)
"""So much of a window may be unseen, and it is told all the same."""

_WINDOW = timedelta(seconds=WINDOW_SECONDS)
_DAY = timedelta(days=1)
_ON_ITS_DAY = frozenset({FaultKind.POWER_CUT, FaultKind.SENSOR_SILENT, FaultKind.CUFF_ERROR})
_ON_OTHER_DAYS = frozenset({FaultKind.CLOCK_JUMP, FaultKind.FULL_DISK})


@dataclass(frozen=True, slots=True)
class Suffered:
    """What a station makes of a day in spite of its faults.

    `sessions` are those it keeps, in order of time, and `days` the day it puts each of them on.
    `refused` counts those it drops, by reason, and `unmeasured` those that nobody could take.
    `windows` are told, in the order in which they are made, and `made_at` says when each of them
    is over, in seconds since 1970: after its own end if the station's clock is wrong. `given_up`
    are windows for which there was no room, which a station counts in `losses.windows` and, if
    they had a number already, in its ledger's `dropped`. `unmade` counts windows that never were.
    """

    sessions: tuple[Session, ...]
    days: tuple[date, ...]
    windows: tuple[UsageWindow, ...]
    made_at: tuple[int, ...]
    given_up: tuple[UsageWindow, ...] = ()
    unmade: int = 0
    unmeasured: int = 0
    refused: Mapping[Reason, int] = field(default_factory=dict)


def suffered(day: StationDay, windows: Sequence[UsageWindow], faults: Sequence[Fault]) -> Suffered:
    """What a station with all these `faults` makes of one of its days and of that day's windows."""
    begin = datetime.combine(day.day, time(), BEIJING_TIME)
    today = [one for one in faults if one.start <= begin + 2 * _DAY and one.end >= begin - _DAY]
    if not (
        any(one.kind in _ON_ITS_DAY for one in today)
        or any(one.kind in _ON_OTHER_DAYS for one in faults)
    ):
        days = (day.day,) * len(day.sessions)
        ends = tuple(window.start + WINDOW_SECONDS for window in windows)
        return Suffered(day.sessions, days, tuple(windows), ends)
    clock = WrongClock(faults)
    disk = _Disk([one for one in faults if one.end >= begin])
    told: list[UsageWindow] = []
    made_at: list[int] = []
    given_up: list[UsageWindow] = []
    for window, end in _made(windows, clock, today):
        if disk.gives_up(end):
            given_up.append(window)
        else:
            told.append(window)
            made_at.append(int(end.timestamp()))
    taken = [one for one in day.sessions if has_power(today, _moment(day.day, one))]
    refused: Counter[Reason] = Counter()
    kept = list(_kept(day.day, taken, clock, today, refused))
    return Suffered(
        tuple(session for session, _ in kept),
        tuple(dated for _, dated in kept),
        tuple(told),
        tuple(made_at),
        tuple(given_up),
        len(windows) - len(told) - len(given_up),
        len(day.sessions) - len(taken),
        dict(refused),
    )


def _made(
    windows: Sequence[UsageWindow], clock: WrongClock, faults: Sequence[Fault]
) -> Iterator[tuple[UsageWindow, datetime]]:
    """The windows that a station makes, as far as it has seen them, and when each is over."""
    for window in windows:
        start = datetime.fromtimestamp(window.start, BEIJING_TIME)
        end = start + _WINDOW
        shown = clock.start_of(start)
        if shown is None or not runs_through(faults, end):
            continue
        if _unseen(start, end, faults) > _UNSEEN:
            window = UsageWindow(start=window.start)
        if shown != start:
            window = window.model_copy(update={"start": int(shown.timestamp())})
        yield window, end


def _unseen(start: datetime, end: datetime, faults: Sequence[Fault]) -> timedelta:
    """How much of a window no sensor has told of; what was seen before a power cut is forgotten."""
    seen_from, silent = start, timedelta(0)
    for one in faults:
        if one.kind is FaultKind.POWER_CUT and start < one.end <= end:
            seen_from = max(seen_from, one.end)
    for one in faults:
        if one.kind is FaultKind.SENSOR_SILENT:
            silent = max(silent, min(one.end, end) - max(one.start, seen_from))
    return seen_from - start + silent


class _Disk:
    """Which windows of a day must make room on a full disk before they can leave."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """`faults` are those that end on that day or later."""
        self._full = [one for one in faults if one.kind is FaultKind.FULL_DISK]
        self._cuts = [one for one in faults if one.kind is FaultKind.POWER_CUT]
        self._network = [one for one in faults if one.kind in CUTTING]

    def gives_up(self, end: datetime) -> bool:
        """Whether the window that was over at `end` is given up."""
        if not self._full:
            return False
        leaves = next_reachable(self._network, end)
        for one in self._full:
            latest = self._last_with_power(min(leaves, one.end))
            too_old = latest - end > timedelta(hours=one.amount)
            if too_old and latest > one.start:
                return True
        return False

    def _last_with_power(self, moment: datetime) -> datetime:
        """`moment`, or when the power went before it, if it is not back yet."""
        while now := [one.start for one in self._cuts if one.start < moment <= one.end]:
            moment = min(now)
        return moment


def _kept(
    day: date,
    taken: Sequence[Session],
    clock: WrongClock,
    faults: Sequence[Fault],
    refused: Counter[Reason],
) -> Iterator[tuple[Session, date]]:
    """The sessions that the station keeps, with their days; counts the others in `refused`."""
    measured = []
    for session in taken:
        if _cuff_fails(day, session, faults):
            refused[Reason.FAILED_MEASUREMENT] += 1
        else:
            measured.append(session)
    days = clock.days(day, [_moment(day, session) for session in measured])
    for session, dated in zip(measured, days, strict=True):
        if dated is None:
            refused[Reason.UNDATED] += 1
        else:
            yield session, dated


def _cuff_fails(day: date, session: Session, faults: Sequence[Fault]) -> bool:
    """Whether the cuff shows an error; drawn from the session itself, so always alike."""
    if session.measure != "bp":
        return False
    share = largest(FaultKind.CUFF_ERROR, faults, _moment(day, session))
    if share is None:
        return False
    digest = blake2b(f"{day}/{session.minute!r}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < share * 2**64


def _moment(day: date, session: Session) -> datetime:
    return datetime.combine(day, time(), BEIJING_TIME) + timedelta(minutes=session.minute)
