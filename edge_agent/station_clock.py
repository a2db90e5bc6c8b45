"""The station's line of time: it never steps without saying so, and waits until it is right. Pure.

The line is the time since the machine was started, which nothing can set, plus the moment of that
start. The moment is unknown until the system clock may be believed; until then the line begins in
1970. A system clock that nobody vouches for is not looked at: the line goes on by itself.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from contract.condition import Clock

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)
"""When the machine was started, as long as nobody knows."""

STEP = timedelta(seconds=2)
"""A larger difference is a step, and is told; a smaller one is followed without a word."""

CLOCKS_RUN_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
"""No station is older than that: a clock that shows less was never set, whoever vouches for it."""

_READ_APART_SECONDS = 0.1


class StationClock:
    """The time at a station; ask `look` about once a second what the system clock says.

    `boot` names this start of the machine, `boottime` counts its seconds, and `source` says where
    the system clock has its time from.
    """

    def __init__(
        self,
        system: Callable[[], datetime],
        boottime: Callable[[], float],
        source: Callable[[], Clock],
        boot: str,
    ) -> None:
        self.boot = boot
        self._system = system
        self._boottime = boottime
        self._source = source
        self._started: datetime | None = None
        self._told = UNKNOWN_START
        self._state = Clock.WAITING

    @property
    def state(self) -> Clock:
        """Where the time comes from; KEPT also if the line goes on without its source."""
        return self._state

    @property
    def trusted(self) -> bool:
        """Whether `now` is the real time."""
        return self._started is not None

    @property
    def started(self) -> datetime | None:
        """When the machine was started, if that is known; it moves with every step."""
        return self._started

    def resume(self, started: datetime) -> None:
        """An earlier run of the agent has found out when the machine was started."""
        if self._started is None:
            self._started = started
            self._state = Clock.KEPT

    def now(self) -> datetime:
        """The time in UTC; before it is known, 1970 and the time since the machine's start."""
        now = (self._started or UNKNOWN_START) + timedelta(seconds=self._boottime())
        self._told = max(self._told, now)
        return self._told

    def since_start(self) -> datetime:
        """1970 and the time since the machine's start: no step of any clock can change it."""
        return UNKNOWN_START + timedelta(seconds=self._boottime())

    def at(self, since_start: datetime) -> datetime:
        """The time at a moment that `since_start` gave."""
        return since_start + ((self._started or UNKNOWN_START) - UNKNOWN_START)

    def look(self) -> timedelta | None:
        """Follow the system clock if it may be believed.

        Returns by how much everything moves that was dated on this line: when the time becomes
        known, and at each step of a clock that is believed.
        """
        before = self._boottime()
        source, system = self._source(), self._system()
        after = self._boottime()
        if source is Clock.WAITING or system < CLOCKS_RUN_SINCE:
            self._state = Clock.KEPT if self.trusted else Clock.WAITING
            return None
        if after - before > _READ_APART_SECONDS:  # put to sleep in between: look again
            return None
        self._state = source
        started = system - timedelta(seconds=before)
        shift = started - (self._started or UNKNOWN_START)
        stepped = self._started is None or abs(shift) > STEP
        self._started = started
        if not stepped:
            return None
        self._told = UNKNOWN_START
        return shift


def starts_from_json(text: str | None) -> dict[str, datetime]:
    """When the machine was started each time, by boot, from what `starts_to_json` returned."""
    starts: dict[str, str] = json.loads(text) if text else {}
    return {boot: datetime.fromisoformat(started) for boot, started in starts.items()}


def starts_to_json(starts: Mapping[str, datetime]) -> str:
    """As text, for the station's file."""
    return json.dumps({boot: started.isoformat() for boot, started in starts.items()})
