"""What sensors tell: held while nobody knows the time, then made into windows in order. Pure."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from contract.usage import UsageWindow
from edge_agent.occupancy.sensing import Event
from edge_agent.occupancy.windows import Aggregator
from edge_agent.station_clock import StationClock

MOST_HELD = 20_000
"""A day and more of a room with four sensors; about four megabytes."""

_STEP = timedelta(minutes=1)
_STEPS_AT_ONCE = 500


class HeldEvents:
    """Feeds an aggregator with events that carry the time since the machine's start.

    What was held is fed in pieces, so that the rest of the agent is not kept waiting.
    """

    def __init__(
        self, aggregator: Aggregator, clock: StationClock, *, most: int = MOST_HELD
    ) -> None:
        self._aggregator = aggregator
        self._clock = clock
        self._most = most
        self._events: deque[Event] = deque()
        self._fed: datetime | None = None
        self._catching_up = True

    @property
    def behind(self) -> bool:
        """Whether there is more to feed at once."""
        return self._catching_up and self._clock.trusted

    def take(self, event: Event) -> int:
        """Take an event, in order of time; how many older ones had to be given up for it."""
        self._fed = self._fed or event.at
        self._events.append(event)
        if len(self._events) <= self._most:
            return 0
        self._events.popleft()
        self._fed = self._events[0].at  # of the time before nothing is known
        return 1

    def tell_time(self) -> None:
        """Time passes, and nothing may have been told; call it at least every minute."""
        self._fed = self._fed or self._clock.since_start()

    def windows(self) -> list[UsageWindow]:
        """The windows that are over, as far as the time is known and a piece of work allows."""
        if not self._clock.trusted or self._fed is None:
            self._catching_up = True
            return []
        closed: list[UsageWindow | None] = []
        if self._catching_up:
            closed += self._catch_up()
        if not self._catching_up:
            while self._events:
                closed.append(self._feed(self._events.popleft()))
            closed.append(self._advance(self._clock.since_start()))
        return [window for window in closed if window is not None]

    def _catch_up(self) -> list[UsageWindow | None]:
        """Feed what was held as if time had just passed, minute by minute."""
        closed: list[UsageWindow | None] = []
        for _ in range(_STEPS_AT_ONCE):
            until = self._events[0].at if self._events else self._clock.since_start()
            if self._fed is not None and until - self._fed > _STEP:
                closed.append(self._advance(self._fed + _STEP))
            elif self._events:
                closed.append(self._feed(self._events.popleft()))
            else:
                self._catching_up = False
                break
        return closed

    def _feed(self, event: Event) -> UsageWindow | None:
        self._fed = event.at
        return self._aggregator.take(replace(event, at=self._clock.at(event.at)))

    def _advance(self, to: datetime) -> UsageWindow | None:
        self._fed = to
        return self._aggregator.advance(self._clock.at(to))
