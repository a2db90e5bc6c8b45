"""What one sensor last told, for how long that holds, and when it must not be believed."""

from datetime import timedelta
from math import inf

from edge_agent.occupancy.sensing import Count, Entered, Event, Presence, Silent

STUCK_SECONDS = 12 * 3600.0
"""Nobody stays that long: a sensor that says so is stuck."""


class Watched:
    """One sensor as the aggregator knows it; times are seconds since 1970."""

    def __init__(self, silent_after: timedelta | None) -> None:
        self._patience = inf if silent_after is None else silent_after.total_seconds()
        self._silent_at = -inf
        self._stuck_at = inf
        self._presence: bool | None = None
        self.people: int | None = None
        """How many people are there, if it counts them."""

    @property
    def is_occupied(self) -> bool:
        """Whether somebody is there, as far as it tells."""
        return bool(self._presence) or bool(self.people)

    def is_heard(self, now: float) -> bool:
        """Whether it has spoken lately."""
        return now < self._silent_at

    def sees(self, now: float) -> bool:
        """Whether it tells who is there, and can be believed."""
        tells = self._presence is not None or self.people is not None
        return tells and self.is_heard(now) and now < self._stuck_at

    def next_change(self, now: float) -> float:
        """When it will fall silent or be found stuck, if nothing more is heard of it."""
        return min((at for at in (self._silent_at, self._stuck_at) if at > now), default=inf)

    def take(self, event: Event, now: float) -> int:
        """Believes what it tells; returns how many people came in."""
        if isinstance(event, Silent) or not self.is_heard(now):
            self._forget()
        match event:
            case Silent():
                return 0
            case Presence(occupied=occupied):
                self._presence = occupied
            case Count(people=people):
                self.people = people
        self._silent_at = now + self._patience
        if not self.is_occupied:
            self._stuck_at = inf
        elif self._stuck_at == inf:
            self._stuck_at = now + STUCK_SECONDS
        return event.count if isinstance(event, Entered) else 0

    def shift(self, seconds: float) -> None:
        """The clock was set by so much."""
        self._silent_at += seconds
        self._stuck_at += seconds

    def _forget(self) -> None:
        self._silent_at = -inf
        self._stuck_at = inf
        self._presence = None
        self.people = None
