"""The aggregator: what the sensors of one station tell becomes quarter-hour usage windows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from contract.usage import WINDOW_SECONDS, UsageWindow, level
from edge_agent.occupancy.made import Made
from edge_agent.occupancy.sensing import Event
from edge_agent.occupancy.watched import Watched

UNSEEN_SECONDS = 60.0
"""How much of a window may be unseen: a reconnection, not an outage."""

LEAP_SECONDS = 300.0
"""The clock is told more often than this; a longer way, or so far back, is a step of the clock."""

_BEFORE_ANY_DATE = -1e12  # the first telling is a leap out of a window that does not count

SPREAD_SECONDS = 120.0
"""After a quarter of an hour, all stations publish within this time."""


def publishing_delay(station: str, *, seed: int, spread_seconds: float = SPREAD_SECONDS) -> float:
    """How long after the quarter of an hour `station` publishes, in seconds; always the same.

    Even over all stations, so that 20,000 of them do not arrive in one second.
    """
    digest = sha256(f"{seed}/{station}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * spread_seconds


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a sensor."""

    silent_after: timedelta | None = timedelta(minutes=10)
    """Without a word for so long nothing is known; None for one that speaks only of changes."""
    is_door: bool = False
    """It counts entries: a window has its entries only while every door is heard."""


class Aggregator:
    """Makes windows of 15 minutes, each of them once, when it closes.

    Sensors of one room complete each other: somebody is there if any of them says so, and nobody
    is if all that are heard agree. A sensor that is silent or stuck is left out, and what no
    sensor could tell for all but a minute of a window is absent from it. Only counting sensors
    tell mean, peak and level while somebody is there.

    A clock that falls back by up to LEAP_SECONDS stands still until it has caught up. After a
    larger step the time between was not seen by anybody: windows that were skipped do not exist,
    and those that come again are made anew unless they have been made already.
    """

    def __init__(
        self, *, seats: int, sensors: Mapping[str, Expected], made: Made | None = None
    ) -> None:
        """`made` are the windows that an earlier run has made; new ones are added to it."""
        self._seats = seats
        self._sensors = {name: Watched(one.silent_after) for name, one in sensors.items()}
        self._doors = [self._sensors[name] for name, one in sensors.items() if one.is_door]
        self._made = Made() if made is None else made
        self._now = _BEFORE_ANY_DATE
        self._tally = _Tally(int(_BEFORE_ANY_DATE))

    def take(self, event: Event) -> UsageWindow | None:
        """Tells what a sensor told, in order of time; returns a window that closed before it."""
        closed = self.advance(event.at)
        self._tally.entries += self._sensors[event.sensor].take(event, self._now)
        return closed

    def advance(self, at: datetime) -> UsageWindow | None:
        """Tells the time, at least every minute; returns the window that closed, if one did."""
        told = at.timestamp()
        if abs(told - self._now) > LEAP_SECONDS:
            return self._leap(told)
        closed = None
        while self._now < told:
            self._watch(told)
            if self._now == self._tally.end:
                closed = self._close()
                self._open()
        return closed

    def _watch(self, told: float) -> None:
        """Tallies the time in which nothing changes, until `told` at the latest."""
        now = self._now
        changes = [one.next_change(now) for one in self._sensors.values()]
        self._now = min(told, self._tally.end, *changes)
        occupied, people = self._room(now)
        doors_are_heard = bool(self._doors) and all(door.is_heard(now) for door in self._doors)
        self._tally.add(self._now - now, occupied, people, doors_are_heard=doors_are_heard)

    def _room(self, now: float) -> tuple[bool | None, int | None]:
        """Whether anybody is there, and how many; None is unknown."""
        seeing = [one for one in self._sensors.values() if one.sees(now)]
        if not seeing:
            return None, None
        occupied = any(one.is_occupied for one in seeing)
        counts = [one.people for one in seeing if one.people is not None]
        if occupied and not counts:
            return True, None
        return occupied, max(int(occupied), *counts, 0)

    def _leap(self, told: float) -> UsageWindow | None:
        """The clock was set. What sensors said keeps its age; the open window may be over."""
        before, self._now = self._now, told
        for one in self._sensors.values():
            one.shift(told - before)
        if self._tally.start <= before <= told < self._tally.end:
            return None
        closed = self._close() if told > before else None
        self._open()
        return closed

    def _open(self) -> None:
        self._tally = _Tally(int(self._now // WINDOW_SECONDS) * WINDOW_SECONDS)

    def _close(self) -> UsageWindow | None:
        start = self._tally.start
        if start in self._made or start < 0:
            return None
        self._made.add(start)
        return self._tally.window(self._seats)


class _Tally:
    """What was seen of one window so far, in seconds."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start + WINDOW_SECONDS
        self.entries = 0
        self._doors_heard = 0.0
        self._seen = 0.0
        self._occupied = 0.0
        self._counted = 0.0
        self._person_seconds = 0.0
        self._peak = 0

    def add(
        self, seconds: float, occupied: bool | None, people: int | None, *, doors_are_heard: bool
    ) -> None:
        """So many seconds in which nothing changed."""
        self._doors_heard += seconds * doors_are_heard
        if occupied is None:
            return
        self._seen += seconds
        self._occupied += seconds * occupied
        self._peak = max(self._peak, people or int(occupied))
        if people is not None:
            self._counted += seconds
            self._person_seconds += seconds * people

    def window(self, seats: int) -> UsageWindow:
        """The window, with what was seen of all but a minute of it."""
        enough = WINDOW_SECONDS - UNSEEN_SECONDS
        counted = self._counted >= enough
        return UsageWindow(
            start=self.start,
            entries=self.entries if self._doors_heard >= enough else None,
            occupied=round(self._occupied / 60, 1) if self._seen >= enough else None,
            mean=round(self._person_seconds / self._counted, 2) if counted else None,
            peak=self._peak if counted else None,
            level=level(self._peak, seats) if counted else None,
        )
